extension JSONReader {
  /// How many values a text of JSON may hold, told from its marks before anything is built of it.
  ///
  /// - Returns: At least as many as reading it makes, a member or an element for one each.
  public static func valueCountMax(of bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
      var count = 1
      var index = 0
      while index < bytes.count {
        switch bytes[index] {
        case Byte.quote: index = stringEnd(bytes, from: index + 1)
        // Each value but the outermost has one of these before it.
        case Byte.comma, Byte.openBracket, Byte.openBrace: count += 1
        default: break
        }
        index += 1
      }
      return count
    }
  }

  /// The index of the quote that ends a string, or the end of all.
  private static func stringEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    while true {
      index = ByteScan.stringStop(bytes, from: index, to: bytes.count)
      guard index < bytes.count, bytes[index] != Byte.quote else { return index }
      index += bytes[index] == Byte.backslash ? 2 : 1
      if index >= bytes.count { return bytes.count }
    }
  }
}
