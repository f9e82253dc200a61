internal import HoldfastModel

/// Reads what gzip compressed (RFC 1952 and RFC 1951).
///
/// Of a library nothing else is needed here, and none of those that are linked reads it.
struct Gzip {
  /// Whether a file that begins so is compressed with gzip.
  static func isOne(_ start: [UInt8]) -> Bool { start.starts(with: [0x1F, 0x8B]) }

  /// A snapshot that is larger than this comes in uncompressed: a small file must not fill the memory.
  static let bytesMax = 512 * 1024 * 1024

  /// The bytes behind a compressed file.
  ///
  /// - Parameter max: How many they are at most.
  /// - Throws: ``HoldfastError`` when it is damaged, was cut, or is larger than that.
  static func expand(_ bytes: [UInt8], max: Int) throws(HoldfastError) -> [UInt8] {
    var out: [UInt8] = []
    var place = 0
    // A file may have several parts, one behind the other.
    repeat {
      var member = Gzip(bytes, from: place, out: out, max: max)
      // Held once, so that the next part goes behind it where it is.
      out = []
      place = try member.read()
      out = member.out
    } while place < bytes.count
    return out
  }

  private let bytes: [UInt8]
  private let max: Int
  private var place: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var out: [UInt8]
  private let start: Int

  private init(_ bytes: [UInt8], from place: Int, out: [UInt8], max: Int) {
    self.bytes = bytes
    self.place = place
    self.out = out
    self.max = max
    start = out.count
  }

  private static let damaged = HoldfastError(
    .invalidRequest, "the compressed file is damaged or was cut. Nothing was imported")

  private mutating func byte() throws(HoldfastError) -> UInt8 {
    guard place < bytes.count else { throw Self.damaged }
    place += 1
    return bytes[place - 1]
  }

  private mutating func number(bytes count: Int) throws(HoldfastError) -> UInt32 {
    var number: UInt32 = 0
    for index in 0..<count { number |= UInt32(try byte()) << UInt32(8 * index) }
    return number
  }

  /// Reads one part.
  ///
  /// - Returns: The place behind it.
  private mutating func read() throws(HoldfastError) -> Int {
    guard try number(bytes: 3) == 0x08_8B1F else { throw Self.damaged }
    let flags = try byte()
    _ = try number(bytes: 4)
    _ = try number(bytes: 2)
    if flags & 4 != 0 { for _ in 0..<(try number(bytes: 2)) { _ = try byte() } }
    // The name of the file, and a comment.
    for flag: UInt8 in [8, 16] where flags & flag != 0 { while try byte() != 0 {} }
    if flags & 2 != 0 { _ = try number(bytes: 2) }
    while try !readBlock() {}
    bits = 0
    bitCount = 0
    guard try number(bytes: 4) == checksum(),
      try number(bytes: 4) == UInt32(truncatingIfNeeded: out.count - start)
    else { throw Self.damaged }
    return place
  }

  private static let checksums: [UInt32] = (UInt32(0)..<256).map { byte in
    var value: UInt32 = byte
    for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    return value
  }

  private func checksum() -> UInt32 {
    ~out[start...].reduce(~UInt32(0)) { Self.checksum($0, $1) }
  }

  /// The sum of bytes with one more, each before it is turned over.
  static func checksum(_ sum: UInt32, _ byte: UInt8) -> UInt32 {
    checksums[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8)
  }

  private mutating func take(_ count: Int) throws(HoldfastError) -> Int {
    while bitCount < count {
      bits |= UInt32(try byte()) << UInt32(bitCount)
      bitCount += 8
    }
    let mask = (UInt32(1) << UInt32(count)) - 1
    let value = bits & mask
    bits >>= UInt32(count)
    bitCount -= count
    return Int(value)
  }

  private mutating func append(_ byte: UInt8) throws(HoldfastError) {
    guard out.count < max else {
      throw HoldfastError(.tooLarge, "the compressed file holds more than \(max) bytes")
    }
    out.append(byte)
  }

  /// - Returns: Whether it was the last one.
  private mutating func readBlock() throws(HoldfastError) -> Bool {
    let isLast = try take(1) == 1
    switch try take(2) {
    case 0:
      // Stored bytes begin at a whole byte; fewer than eight bits are at hand.
      bits = 0
      bitCount = 0
      let count = try number(bytes: 2)
      guard try number(bytes: 2) == ~count & 0xFFFF else { throw Self.damaged }
      for _ in 0..<count { try append(try byte()) }
    case 1:
      let lengths =
        [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
        + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)
      try readSymbols(Codes(lengths), Codes([UInt8](repeating: 5, count: 30)))
    case 2:
      let (symbols, distances) = try readCodes()
      try readSymbols(symbols, distances)
    default: throw Self.damaged
    }
    return isLast
  }

  /// Codes of the canonical kind: of one length they are consecutive numbers.
  private struct Codes {
    private(set) var counts = [Int](repeating: 0, count: 16)
    private(set) var symbols: [Int] = []

    init(_ lengths: [UInt8]) {
      for length in 1...15 {
        for (symbol, other) in lengths.enumerated() where Int(other) == length {
          counts[length] += 1
          symbols.append(symbol)
        }
      }
    }
  }

  private mutating func symbol(_ codes: Codes) throws(HoldfastError) -> Int {
    var code = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      code |= try take(1)
      let count = codes.counts[length]
      if code - first < count { return codes.symbols[index + code - first] }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw Self.damaged
  }

  private static let lengthOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private mutating func readCodes() throws(HoldfastError) -> (Codes, Codes) {
    let symbolCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    var lengths = [UInt8](repeating: 0, count: 19)
    for place in 0..<(try take(4) + 4) { lengths[Self.lengthOrder[place]] = UInt8(try take(3)) }
    let codes = Codes(lengths)
    lengths = []
    while lengths.count < symbolCount + distanceCount {
      let symbol = try symbol(codes)
      switch symbol {
      case ..<16: lengths.append(UInt8(symbol))
      case 16:
        guard let last = lengths.last else { throw Self.damaged }
        lengths += [UInt8](repeating: last, count: try take(2) + 3)
      case 17: lengths += [UInt8](repeating: 0, count: try take(3) + 3)
      default: lengths += [UInt8](repeating: 0, count: try take(7) + 11)
      }
    }
    guard lengths.count == symbolCount + distanceCount else { throw Self.damaged }
    return (Codes(Array(lengths[..<symbolCount])), Codes(Array(lengths[symbolCount...])))
  }

  static let lengthBase = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  static let distanceBase = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]

  /// How many bits follow the code of a length, and that of a distance.
  static func lengthBits(_ kind: Int) -> Int { kind < 8 || kind == 28 ? 0 : kind / 4 - 1 }
  static func distanceBits(_ kind: Int) -> Int { kind < 2 ? 0 : kind / 2 - 1 }

  private mutating func readSymbols(_ codes: Codes, _ distances: Codes) throws(HoldfastError) {
    while true {
      let symbol = try symbol(codes)
      if symbol < 256 {
        try append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      let kind = symbol - 257
      guard kind < Self.lengthBase.count else { throw Self.damaged }
      let length = Self.lengthBase[kind] + (try take(Self.lengthBits(kind)))
      let distanceKind = try self.symbol(distances)
      guard distanceKind < Self.distanceBase.count else { throw Self.damaged }
      let distance =
        Self.distanceBase[distanceKind] + (try take(Self.distanceBits(distanceKind)))
      guard distance <= out.count - start else { throw Self.damaged }
      for _ in 0..<length { try append(out[out.count - distance]) }
    }
  }
}
