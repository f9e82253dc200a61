/// Compresses bytes with gzip (RFC 1952 and RFC 1951), some at a time.
///
/// With the codes that the format fixes: what is written is JSON, whose size repeated words make, and not rare
/// letters.
package struct GzipWriter {
  private var pending: [UInt8] = []
  private var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var checksum = ~UInt32(0)
  private var count = 0

  /// What is compressed together; words are found again in it alone.
  private static let blockMax = 256 * 1024
  private static let hashBits = 15
  private static let distanceMax = 32_768
  private static let lengthMax = 258

  package init() {}

  /// Takes bytes, and gives those that are ready to be written.
  package mutating func compress(_ bytes: [UInt8]) -> [UInt8] {
    for byte in bytes { checksum = Gzip.checksum(checksum, byte) }
    count += bytes.count
    pending += bytes
    while pending.count >= Self.blockMax {
      writeBlock(Array(pending.prefix(Self.blockMax)))
      pending.removeFirst(Self.blockMax)
    }
    defer { out = [] }
    return out
  }

  /// Gives the rest.
  package mutating func finish() -> [UInt8] {
    if !pending.isEmpty { writeBlock(pending) }
    pending = []
    // The last block holds nothing.
    put(0b011, 3)
    put(code: 256)
    if bitCount > 0 { put(0, 8 - bitCount) }
    for number in [~checksum, UInt32(truncatingIfNeeded: count)] {
      for shift in stride(from: 0, to: 32, by: 8) {
        out.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
      }
    }
    defer { out = [] }
    return out
  }

  private mutating func writeBlock(_ block: [UInt8]) {
    put(0b010, 3)
    var last = [Int32](repeating: -1, count: 1 << Self.hashBits)
    func hash(_ place: Int) -> Int {
      let word =
        UInt32(block[place]) | UInt32(block[place + 1]) << 8 | UInt32(block[place + 2]) << 16
      return Int((word &* 0x9E37_79B1) >> UInt32(32 - Self.hashBits))
    }
    var place = 0
    while place < block.count {
      var length = 0
      var distance = 0
      if place + 3 <= block.count {
        let slot = hash(place)
        let before = Int(last[slot])
        last[slot] = Int32(place)
        if before >= 0, place - before <= Self.distanceMax {
          let most = min(Self.lengthMax, block.count - place)
          while length < most, block[before + length] == block[place + length] { length += 1 }
          distance = place - before
        }
      }
      guard length >= 3 else {
        put(code: Int(block[place]))
        place += 1
        continue
      }
      putRepeat(length, distance)
      for skipped in place + 1..<min(place + length, block.count - 2) {
        last[hash(skipped)] = Int32(skipped)
      }
      place += length
    }
    put(code: 256)
  }

  /// Says that so many bytes are those that came before at that distance.
  private mutating func putRepeat(_ length: Int, _ distance: Int) {
    let kind = (Gzip.lengthBase.lastIndex { $0 <= length }) ?? 0
    put(code: 257 + kind)
    put(UInt64(length - Gzip.lengthBase[kind]), Gzip.lengthBits(kind))
    let far = (Gzip.distanceBase.lastIndex { $0 <= distance }) ?? 0
    put(reversed: far, 5)
    put(UInt64(distance - Gzip.distanceBase[far]), Gzip.distanceBits(far))
  }

  private mutating func put(code symbol: Int) {
    switch symbol {
    case ..<144: put(reversed: 0x30 + symbol, 8)
    case ..<256: put(reversed: 0x190 + symbol - 144, 9)
    case ..<280: put(reversed: symbol - 256, 7)
    default: put(reversed: 0xC0 + symbol - 280, 8)
    }
  }

  /// Codes come with their highest bit in front.
  private mutating func put(reversed code: Int, _ length: Int) {
    var turned: UInt64 = 0
    for bit in 0..<length where code >> bit & 1 == 1 { turned |= 1 << UInt64(length - 1 - bit) }
    put(turned, length)
  }

  private mutating func put(_ value: UInt64, _ length: Int) {
    bits |= value << UInt64(bitCount)
    bitCount += length
    while bitCount >= 8 {
      out.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      bitCount -= 8
    }
    if bitCount == 0 { bits = 0 }
  }
}
