import HoldfastModel

/// The standard input, or bytes in its place in a test.
struct StandardInput: Sendable {
  private let bytes: [UInt8]?

  /// The standard input of this process.
  init() {
    bytes = nil
  }

  /// These bytes.
  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads everything up to the end.
  /// - Parameter limit: The most bytes that are taken.
  /// - Returns: The bytes.
  /// - Throws: ``HoldfastError`` when there are more, or when reading fails.
  func readAll(upTo limit: Int) throws(HoldfastError) -> [UInt8] {
    if let bytes {
      guard bytes.count <= limit else { throw FileBytes.tooLarge("the standard input", limit) }
      return bytes
    }
    do {
      return try FileBytes.read(descriptor: 0, upTo: limit)
    } catch {
      throw error.asHoldfastError("the standard input")
    }
  }

  /// Reads a line, as a person types it; nil at the end.
  func line() -> String? {
    guard let bytes else { return readLine() }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
