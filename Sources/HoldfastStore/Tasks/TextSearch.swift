/// Looks for a text inside others, ASCII letters in either case.
struct TextSearch: Sendable {
  private let needle: [UInt8]

  /// - Parameter text: What is looked for, at least one byte.
  init(_ text: String) { needle = text.utf8.map(Self.lowered) }

  func matches(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { matches(UnsafeRawBufferPointer($0)) }
      ?? Array(text.utf8).withUnsafeBytes(matches)
  }

  /// - Complexity: O(*n* · *m*) at worst, O(*n*) on texts that people write.
  func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = needle.first else { return true }
    guard bytes.count >= needle.count else { return false }
    var start = 0
    let last = bytes.count - needle.count
    while start <= last {
      if Self.lowered(bytes[start]) == first {
        var offset = 1
        while offset < needle.count, Self.lowered(bytes[start + offset]) == needle[offset] {
          offset += 1
        }
        if offset == needle.count { return true }
      }
      start += 1
    }
    return false
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
