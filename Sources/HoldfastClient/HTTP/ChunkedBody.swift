/// A body that comes in chunks (RFC 9112 section 7.1), read as its bytes come in.
struct ChunkedBody {
  /// The bytes of the chunks so far.
  private(set) var bytes: [UInt8] = []
  /// Where in the received bytes the next line begins; in the end, what follows the body.
  private(set) var position: Int
  private var isInTrailer = false

  /// - Parameter position: Where the body begins in what was received.
  init(at position: Int) { self.position = position }

  /// Takes the chunks that are there.
  ///
  /// - Parameter received: All that was received, the head included.
  /// - Returns: Whether that was the last one.
  /// - Throws: ``HTTPTransportError`` for what is no chunk.
  mutating func take(from received: [UInt8]) throws(HTTPTransportError) -> Bool {
    while let end = received[position...].firstIndex(of: 10) {
      let line = received[position..<end].drop { $0 == 48 }.prefix { $0 != 13 && $0 != 59 }
      if isInTrailer {
        position = end + 1
        if line.isEmpty { return true }
        continue
      }
      guard let count = line.isEmpty ? 0 : Self.number(line) else {
        throw HTTPTransportError(
          message: "the answer is not of a Holdfast server: a chunk has no length",
          isBeforeSending: false)
      }
      if count == 0 {
        isInTrailer = true
        position = end + 1
        continue
      }
      // The chunk, and the line break behind it.
      guard received.count >= end + 1 + count + 2 else { return false }
      bytes += received[end + 1..<end + 1 + count]
      position = end + 1 + count + 2
    }
    return false
  }

  /// A hexadecimal number of at most eight digits.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    // A sign is no digit.
    guard digits.count <= 8, digits.first.map({ $0 >= 48 }) == true else { return nil }
    return Int(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
