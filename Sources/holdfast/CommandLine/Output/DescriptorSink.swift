private import Glibc

/// Writes bytes to a descriptor.
struct DescriptorSink: ByteSink {
  /// The descriptor.
  let descriptor: Int32

  /// Writes all bytes, as one `write` where the system takes them at once.
  /// - Returns: 0, or the `errno` that says why not.
  func write(_ bytes: [UInt8]) -> Int32 {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        // Somebody who shares the descriptor made it non-blocking.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
