/// The recursive descent behind ``JSONReader``: one method per production of RFC 8259.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  let depthMax: Int
  /// The next byte to look at.
  var index = 0

  init(_ bytes: UnsafeRawBufferPointer, limits: JSONReader.Limits) {
    self.bytes = bytes
    depthMax = min(limits.depth, JSONReader.Limits.depthMax)
  }

  /// The first value of the input.
  mutating func document() throws(JSONError) -> JSON {
    skipSpace()
    guard index < bytes.count else { throw failure(.empty, at: index) }
    return try value(depth: 0)
  }

  /// Nothing but white space may be left.
  mutating func expectEnd() throws(JSONError) {
    skipSpace()
    guard index == bytes.count else { throw failure(.trailingContent, at: index) }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard index < bytes.count else { throw unexpected() }
    switch bytes[index] {
    case Byte.quote:
      return .string(try string())
    case Byte.openBrace:
      return .object(try object(depth: depth + 1))
    case Byte.openBracket:
      return .array(try array(depth: depth + 1))
    case Byte.minus, Byte.zero...Byte.nine:
      return .number(try number())
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    default:
      throw unexpected()
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= depthMax else { throw failure(.tooDeep, at: index) }
    var members: [JSONObject.Member] = []
    index += 1
    skipSpace()
    if take(Byte.closeBrace) { return JSONObject(members: members) }
    members.reserveCapacity(8)
    while true {
      guard index < bytes.count, bytes[index] == Byte.quote else { throw unexpected() }
      let key = try string()
      skipSpace()
      guard take(Byte.colon) else { throw unexpected() }
      skipSpace()
      members.append(JSONObject.Member(key: key, value: try value(depth: depth)))
      skipSpace()
      if take(Byte.comma) {
        skipSpace()
      } else if take(Byte.closeBrace) {
        return JSONObject(members: members)
      } else {
        throw unexpected()
      }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSON] {
    guard depth <= depthMax else { throw failure(.tooDeep, at: index) }
    var elements: [JSON] = []
    index += 1
    skipSpace()
    if take(Byte.closeBracket) { return elements }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take(Byte.comma) {
        skipSpace()
      } else if take(Byte.closeBracket) {
        return elements
      } else {
        throw unexpected()
      }
    }
  }

  private mutating func literal(_ word: StaticString) throws(JSONError) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[offset]) else { throw unexpected() }
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index &+= 1
    return true
  }

  @inline(__always)
  private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case Byte.space, Byte.newline, Byte.carriageReturn, Byte.tab: index &+= 1
      default: return
      }
    }
  }

  /// The error for a byte that cannot stand at the index, or for there being none.
  private func unexpected() -> JSONError {
    failure(index < bytes.count ? .unexpectedCharacter : .unexpectedEnd, at: index)
  }

  @inline(never)
  func failure(_ reason: JSONError.Reason, at offset: Int) -> JSONError {
    JSONError(reason, at: offset, in: bytes)
  }
}
