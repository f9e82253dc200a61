/// Searches through bytes, eight at a time.
enum ByteScan {
  /// Finds the first quote, backslash or control character from an index on.
  /// - Returns: Its index, or the end.
  @inline(__always)
  static func stringStop(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
    search(bytes, from: start, to: end) { word in
      control(word) | equal(word, Byte.quote) | equal(word, Byte.backslash)
    }
  }

  /// Finds the first byte that ``stringStop(_:from:to:)`` finds or that HTML might act upon.
  /// - Returns: Its index, or the end.
  @inline(__always)
  static func htmlStop(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
    search(bytes, from: start, to: end) { word in
      control(word) | equal(word, Byte.quote) | equal(word, Byte.backslash)
        | equal(word, Byte.less) | equal(word, Byte.greater) | equal(word, Byte.ampersand)
        | equal(word, Byte.separatorLead)
    }
  }

  /// The length of the UTF-8 sequence at an index, or 0 when it is not valid.
  static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    let lead = bytes[index]
    if lead < 0x80 { return 1 }
    // RFC 3629: the second byte is narrower after E0 (overlong), ED (surrogates), F0 (overlong)
    // and F4 (beyond U+10FFFF).
    let (length, low, high): (Int, UInt8, UInt8) =
      switch lead {
      case 0xC2...0xDF: (2, 0x80, 0xBF)
      case 0xE0: (3, 0xA0, 0xBF)
      case 0xED: (3, 0x80, 0x9F)
      case 0xE1...0xEF: (3, 0x80, 0xBF)
      case 0xF0: (4, 0x90, 0xBF)
      case 0xF1...0xF3: (4, 0x80, 0xBF)
      case 0xF4: (4, 0x80, 0x8F)
      default: (0, 0, 0)
      }
    guard length > 0, index + length <= bytes.count else { return 0 }
    guard low <= bytes[index + 1], bytes[index + 1] <= high else { return 0 }
    for position in index + 2..<max(index + length, index + 2)
    where bytes[position] & 0xC0 != 0x80 {
      return 0
    }
    return length
  }

  /// The index of the first byte that is not valid UTF-8, or nil when there is none.
  static func firstInvalid(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    while index < bytes.count {
      if index &+ 8 <= bytes.count,
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0
      {
        index &+= 8
        continue
      }
      let length = sequenceLength(bytes, at: index)
      if length == 0 { return index }
      index += length
    }
    return nil
  }

  /// Finds the first byte for which `marks` sets the highest bit.
  ///
  /// `marks` may mark bytes wrongly only above (that is after) a byte it marks rightly.
  @inline(__always)
  private static func search(
    _ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int, marks: (UInt64) -> UInt64
  ) -> Int {
    guard let base = bytes.baseAddress else { return end }
    var index = start
    while index &+ 8 <= end {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let found = marks(word) & highBits
      if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < end {
      let word = 0xFFFF_FFFF_FFFF_FF00 | UInt64(base.load(fromByteOffset: index, as: UInt8.self))
      if marks(word) & 0x80 != 0 { return index }
      index &+= 1
    }
    return end
  }

  private static let highBits: UInt64 = 0x8080_8080_8080_8080
  private static let lowBits: UInt64 = 0x0101_0101_0101_0101

  @inline(__always)
  private static func control(_ word: UInt64) -> UInt64 {
    (word &- 0x2020_2020_2020_2020) & ~word
  }

  @inline(__always)
  private static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let difference = word ^ (lowBits &* UInt64(byte))
    return (difference &- lowBits) & ~difference
  }
}
