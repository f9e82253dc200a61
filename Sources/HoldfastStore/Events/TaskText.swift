internal import CSodium

/// A task's text on its way into the log, with the hash by which a check of the store knows it again.
///
/// Made outside of the transaction.
public struct TaskText: Sendable {
  public let bytes: [UInt8]
  let hash: Int64

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    hash = bytes.withUnsafeBytes { Self.hash(of: $0) }
  }

  private static let key = [UInt8](repeating: 0, count: crypto_shorthash_keybytes())

  /// SipHash-2-4 with a key of zeros: what changes a text by accident or by hand is noticed, and 2 KB
  /// take less than a microsecond.
  static func hash(of bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash: Int64 = 0
    withUnsafeMutablePointer(to: &hash) {
      $0.withMemoryRebound(to: UInt8.self, capacity: 8) {
        _ = crypto_shorthash(
          $0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count), key)
      }
    }
    return Int64(littleEndian: hash)
  }
}
