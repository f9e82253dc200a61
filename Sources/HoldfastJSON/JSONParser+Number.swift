extension JSONParser {
  /// A number, up to the first byte that cannot belong to it.
  mutating func number() throws(JSONError) -> JSONNumber {
    let start = index
    if bytes[index] == Byte.minus { index += 1 }
    if index < bytes.count, bytes[index] == Byte.zero {
      index += 1
      if hasDigit { throw failure(.invalidNumber, at: index) }
    } else {
      try digits()
    }
    if index < bytes.count, bytes[index] == Byte.point {
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] | 0x20 == Byte.lowerE {
      index += 1
      if index < bytes.count, bytes[index] == Byte.plus || bytes[index] == Byte.minus {
        index += 1
      }
      try digits()
    }
    return JSONNumber(checked: String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private var hasDigit: Bool {
    index < bytes.count && bytes[index] &- Byte.zero <= 9
  }

  /// One digit or more.
  private mutating func digits() throws(JSONError) {
    guard hasDigit else { throw failure(.invalidNumber, at: index) }
    while hasDigit { index &+= 1 }
  }
}
