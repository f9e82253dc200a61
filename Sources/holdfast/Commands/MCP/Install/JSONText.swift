import HoldfastJSON

/// A JSON document as somebody wrote it, in which one member is set and all else stays as it is:
/// layout, order, and comments, which some programs allow in their configuration.
struct JSONText {
  var bytes: [UInt8]

  /// What is wrong with a document.
  struct Failure: Error {
    let reason: String
  }

  /// A member of an object: its key, and where its value is.
  struct Member {
    let key: String
    let start: Int
    let value: Range<Int>
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.allSatisfy({ " \t\r\n".utf8.contains($0) }) { self.bytes = Array("{\n}\n".utf8) }
  }

  /// The value at a path; nil where there is none.
  func value(at path: [String]) throws(Failure) -> JSON? {
    guard let found = try find(path).value else { return nil }
    guard let json = try? JSONReader.read(Self.plain(bytes[found])) else {
      throw Failure(reason: "\(path.joined(separator: ".")) cannot be read")
    }
    return json
  }

  /// Sets the value at a path, and makes the objects on the way that are not there.
  mutating func set(_ value: JSON, at path: [String]) throws(Failure) {
    let found = try find(path)
    let depth = path.count - found.rest.count
    if let old = found.value {
      var lines = Self.lines(of: value, indentedBy: indentation(at: old.lowerBound))
      if isInCRLF { lines = lines.replacing("\n", with: "\r\n") }
      bytes.replaceSubrange(old, with: lines.utf8)
      return
    }
    guard let key = found.rest.first else { throw Failure(reason: "there is nothing to set") }
    var nested = value
    for name in path[(depth + 1)...].reversed() {
      nested = .object(JSONObject([(name, nested)]))
    }
    try insert(key, nested, intoObjectAt: found.object)
  }

  // MARK: Finding

  /// - Returns: The value, or else the innermost object that is there with the names that are not.
  func find(
    _ path: [String]
  ) throws(Failure) -> (value: Range<Int>?, object: Int, rest: ArraySlice<String>) {
    var object = try space(from: 0)
    var rest = path[...]
    while let name = rest.first {
      guard object < bytes.count, bytes[object] == UInt8(ascii: "{") else {
        let place = path.dropLast(rest.count).joined(separator: ".")
        throw Failure(reason: "\(place.isEmpty ? "the document" : place) is not an object")
      }
      guard let member = try members(ofObjectAt: object).all.last(where: { $0.key == name }) else {
        return (nil, object, rest)
      }
      rest = rest.dropFirst()
      if rest.isEmpty { return (member.value, object, rest) }
      object = member.value.lowerBound
    }
    return (nil, object, rest)
  }

  /// - Returns: The members, where the object's brace closes, and whether a comma stands before it.
  func members(
    ofObjectAt start: Int
  ) throws(Failure) -> (all: [Member], end: Int, comma: Int?) {
    var all: [Member] = []
    var comma: Int?
    var place = try space(from: start + 1)
    while try byte(at: place) != UInt8(ascii: "}") {
      let keyEnd = try endOfText(from: place)
      guard case .string(let key)? = try? JSONReader.read(Array(bytes[place..<keyEnd])) else {
        throw Failure(reason: "a key of an object is not a string")
      }
      let colon = try space(from: keyEnd)
      guard try byte(at: colon) == UInt8(ascii: ":") else {
        throw Failure(reason: "a colon is missing behind \"\(key)\"")
      }
      let valueStart = try space(from: colon + 1)
      let valueEnd = try endOfValue(from: valueStart)
      all.append(Member(key: key, start: place, value: valueStart..<valueEnd))
      place = try space(from: valueEnd)
      comma = nil
      if try byte(at: place) == UInt8(ascii: ",") {
        comma = place
        place = try space(from: place + 1)
      } else if try byte(at: place) != UInt8(ascii: "}") {
        throw Failure(reason: "a comma is missing behind \"\(key)\"")
      }
    }
    return (all, place, comma)
  }

  func byte(at place: Int) throws(Failure) -> UInt8 {
    guard place < bytes.count else { throw Failure(reason: "it ends too early") }
    return bytes[place]
  }

  /// Where what is neither white space nor a comment goes on.
  func space(from start: Int) throws(Failure) -> Int {
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0A, 0x0D: place += 1
      case UInt8(ascii: "/"):
        guard place + 1 < bytes.count else { return place }
        if bytes[place + 1] == UInt8(ascii: "/") {
          place = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
        } else if bytes[place + 1] == UInt8(ascii: "*") {
          place += 2
          while try (byte(at: place), byte(at: place + 1)) != (UInt8(ascii: "*"), UInt8(ascii: "/"))
          {
            place += 1
          }
          place += 2
        } else {
          return place
        }
      default: return place
      }
    }
    return place
  }

  private func endOfText(from start: Int) throws(Failure) -> Int {
    guard try byte(at: start) == UInt8(ascii: "\"") else {
      throw Failure(reason: "a string is expected")
    }
    var place = start + 1
    while true {
      switch try byte(at: place) {
      case UInt8(ascii: "\""): return place + 1
      case UInt8(ascii: "\\"): place += 2
      default: place += 1
      }
    }
  }

  func endOfValue(from start: Int) throws(Failure) -> Int {
    switch try byte(at: start) {
    case UInt8(ascii: "\""): return try endOfText(from: start)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var depth = 0
      var place = start
      while true {
        place = try space(from: place)
        switch try byte(at: place) {
        case UInt8(ascii: "\""): place = try endOfText(from: place)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          place += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          place += 1
          if depth == 0 { return place }
        default: place += 1
        }
      }
    default:
      let isEnd = { (byte: UInt8) in ",}] \t\r\n/".utf8.contains(byte) }
      let end = bytes[start...].firstIndex(where: isEnd) ?? bytes.count
      guard end > start else { throw Failure(reason: "a value is missing") }
      return end
    }
  }

  // MARK: Writing

  private mutating func insert(
    _ key: String, _ value: JSON, intoObjectAt start: Int
  ) throws(Failure) {
    let (all, end, comma) = try members(ofObjectAt: start)
    let name = JSON.string(key).renderedText()
    insert(
      behind: all.map { $0.start..<$0.value.upperBound }, comma: comma, from: start, to: end
    ) { "\(name): \(Self.lines(of: value, indentedBy: $0))" }
  }

  /// Puts an element into an object or a list.
  ///
  /// - Parameters:
  ///   - spans: Where its elements are.
  ///   - comma: The comma behind the last one, where there is one.
  ///   - start: Where it opens.
  ///   - end: Where it closes.
  ///   - text: The element, for the white space that its lines begin with.
  mutating func insert(
    behind spans: [Range<Int>], comma: Int?, from start: Int, to end: Int,
    _ text: (String) -> String
  ) {
    let outer = indentation(at: start)
    let inner = spans.first.flatMap { ownLine(at: $0.lowerBound) } ?? outer + "  "
    let newline = isInCRLF ? "\r\n" : "\n"
    // Where the last one has a comma behind it, the new last one gets its own.
    let line =
      newline + inner + text(inner).replacing("\n", with: newline) + (comma == nil ? "" : ",")
    // Behind the last one and its comma, or right behind the brace that opens.
    let place = comma.map { $0 + 1 } ?? spans.last?.upperBound ?? start + 1
    let isClosedBelow = bytes[place..<end].contains(0x0A)
    let before = spans.isEmpty || comma != nil ? "" : ","
    // White space between it and what closes is that of the new line.
    let isClear = bytes[place..<end].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    bytes.replaceSubrange(
      place..<(isClear ? end : place),
      with: (before + line + (isClosedBelow ? "" : newline + outer)).utf8)
  }

  /// Whether lines end with CR and LF.
  private var isInCRLF: Bool {
    guard let end = bytes.firstIndex(of: 0x0A), end > 0 else { return false }
    return bytes[end - 1] == 0x0D
  }

  /// The white space at the start of the line in which a place is.
  private func indentation(at place: Int) -> String {
    let line = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let space = bytes[line..<place].prefix { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: space, as: UTF8.self)
  }

  /// The same where nothing else stands before the place in its line; else nil.
  private func ownLine(at place: Int) -> String? {
    guard let line = bytes[..<place].lastIndex(of: 0x0A) else { return nil }
    let before = bytes[(line + 1)..<place]
    guard before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
    return String(decoding: before, as: UTF8.self)
  }

  static func lines(of value: JSON, indentedBy indentation: String) -> String {
    value.renderedText(pretty: true).replacing("\n", with: "\n" + indentation)
  }
}
