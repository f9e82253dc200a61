internal import Glibc

/// A connection that a test holds open: what it sends, and when it reads, is all up to the test.
public final class RawConnection: Sendable {
  private let descriptor: Int32

  /// Nil when nobody accepts.
  public init?(_ client: HTTPClient) {
    guard let descriptor = client.connect() else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Makes the system take little ahead of what the test reads; before the first bytes come.
  public func takeLittle() {
    var bytes: Int32 = 4096
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends bytes; false when the connection is closed.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sends text; false when the connection is closed.
  @discardableResult
  public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Says that nothing more will be sent.
  public func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads one answer; nil when the connection ends before it is whole.
  ///
  /// - Parameter method: An answer to HEAD has no body.
  public func answer(to method: String = "GET") -> HTTPClient.Answer? {
    var head: [UInt8] = []
    // Byte by byte, so that nothing of a next answer is taken.
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard let byte = read(upTo: 1) else { return nil }
      head += byte
    }
    guard var answer = HTTPClient.parse(head, methods: [method]).first else { return nil }
    if method == "HEAD" || answer.status == 100 || answer.status == 204 { return answer }
    let length = answer["Content-Length"].flatMap { Int($0) } ?? 0
    guard let body = read(exactly: length) else { return nil }
    answer.body = body
    return answer
  }

  /// Some bytes, or nil at the end.
  public func read(upTo count: Int) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: count)
    let received = recv(descriptor, &buffer, count, 0)
    return received > 0 ? Array(buffer[..<received]) : nil
  }

  /// Whether the server closes the connection; reads away what it sends before.
  public func isClosedByServer() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let received = recv(descriptor, &buffer, buffer.count, 0)
      if received > 0 { continue }
      return received == 0 || errno == ECONNRESET
    }
  }

  /// Waits for the server to say something or to close the connection, for at most this long.
  public func hearsSomething(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  private func read(exactly count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let more = read(upTo: count - bytes.count) else { return nil }
      bytes += more
    }
    return bytes
  }
}
