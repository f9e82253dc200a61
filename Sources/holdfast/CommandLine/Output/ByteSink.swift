/// Something that takes bytes: a descriptor, or a buffer in a test.
protocol ByteSink: Sendable {
  /// Takes all bytes, or fails.
  /// - Returns: 0, or the `errno` that says why not.
  func write(_ bytes: [UInt8]) -> Int32
}
