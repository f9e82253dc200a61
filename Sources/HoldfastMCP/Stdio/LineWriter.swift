private import Glibc
internal import HoldfastJSON
private import Synchronization

/// Messages to a descriptor, one a line, from any number of threads.
final class LineWriter: Sendable {
  private let descriptor: Int32
  /// Whether nobody reads any more.
  private let isGone = Mutex(false)

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Sends a message; false when nobody reads it.
  @discardableResult
  func send(_ message: JSON) -> Bool {
    var bytes = message.rendered()
    bytes.append(UInt8(ascii: "\n"))
    return isGone.withLock { isGone in
      if !isGone { isGone = !bytes.withUnsafeBytes { writeAll($0, to: descriptor) } }
      return !isGone
    }
  }
}

/// Writes all bytes; false when nobody reads them.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return true
}
