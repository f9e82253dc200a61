internal import Glibc
internal import HoldfastDatabase

/// HTTP/1.1 over a socket of this machine, as much of it as our own server speaks: an answer has a
/// `Content-Length`, comes in chunks, or is a 204.
///
/// libcurl can do more, and its loading alone takes longer than most commands.
public final class SocketConnection: HTTPConnection {
  private let connect: () throws(HTTPTransportError) -> Int32
  private let patience: Patience
  private var descriptor: Int32 = -1

  /// When a silent server counts as frozen.
  public struct Patience: Sendable {
    /// Nanoseconds of silence after which it is asked, on another connection, whether it is there.
    var silence: UInt64
    /// How long it may take to say so, in seconds.
    var answerSeconds: Int

    /// A frozen server is given up within 5 s; one that works may do so for as long as it may.
    public static let usual = Patience(silence: 2_000_000_000, answerSeconds: 3)
    /// For the question itself.
    static let unasked = Patience(silence: .max, answerSeconds: 0)
  }

  /// - Parameter connect: Gives a connected stream socket, which is closed here.
  public init(
    patience: Patience = .usual,
    connecting connect: @escaping () throws(HTTPTransportError) -> Int32
  ) {
    self.patience = patience
    self.connect = connect
  }

  deinit { disconnect() }

  /// Connects now and not with the first request.
  public func open() throws(HTTPTransportError) {
    if descriptor < 0 { descriptor = try connect() }
  }

  public func send(
    _ method: String, _ path: String, body: [UInt8]? = nil, headers: [(String, String)] = [],
    seconds: Int
  ) throws(HTTPTransportError) -> HTTPAnswer {
    var request = Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n".utf8)
    for (name, value) in headers { request += Array("\(name): \(value)\r\n".utf8) }
    if let body { request += Array("Content-Length: \(body.count)\r\n".utf8) }
    request += [13, 10] + (body ?? [])
    let deadline = monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
    try open()
    do {
      let (answer, isKept) = try exchange(request, until: deadline)
      if !isKept { disconnect() }
      return answer
    } catch {
      disconnect()
      throw error
    }
  }

  private func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Sends a request and reads its answer; says whether another one can follow.
  private func exchange(
    _ request: [UInt8], until deadline: UInt64
  ) throws(HTTPTransportError) -> (HTTPAnswer, isKept: Bool) {
    var unsent: HTTPTransportError?
    do {
      try write(request, until: deadline)
    } catch {
      // A server that refuses a request early answers and closes, with the rest still on its way.
      unsent = error
    }
    do {
      var received: [UInt8] = []
      let head = try readHead(into: &received, until: deadline)
      let body: [UInt8]
      let end: Int
      switch head.body {
      case .bytes(let count):
        end = head.count + count
        // What is announced is not there yet.
        received.reserveCapacity(min(end, 64 << 20))
        while received.count < end { try read(into: &received, until: deadline) }
        body = Array(received[head.count..<end])
      case .chunks:
        var chunks = ChunkedBody(at: head.count)
        while try !chunks.take(from: received) { try read(into: &received, until: deadline) }
        body = chunks.bytes
        end = chunks.position
      }
      let isKept = unsent == nil && !head.closes && received.count == end
      return (HTTPAnswer(status: head.status, body: body), isKept)
    } catch {
      throw unsent ?? error
    }
  }

  private func readHead(
    into received: inout [UInt8], until deadline: UInt64
  ) throws(HTTPTransportError) -> HTTPHead {
    while true {
      try read(into: &received, until: deadline)
      if let head = try HTTPHead(received) { return head }
    }
  }

  private func write(_ bytes: [UInt8], until deadline: UInt64) throws(HTTPTransportError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
        return Glibc.send(
          descriptor, rest.baseAddress, rest.count,
          Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if count < 0, errno == EAGAIN {
        try wait(for: Int16(POLLOUT), until: deadline)
      } else if count < 0, errno != EINTR {
        throw Self.broken(Self.words(errno), isBeforeSending: sent == 0)
      }
    }
  }

  private func read(into received: inout [UInt8], until deadline: UInt64) throws(HTTPTransportError)
  {
    var count = 0
    repeat {
      try wait(for: Int16(POLLIN), until: deadline)
      count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
        let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 { received.append(contentsOf: buffer[..<count]) }
        return count
      }
    } while count < 0 && (errno == EINTR || errno == EAGAIN)
    guard count > 0 else {
      throw Self.broken(count < 0 ? Self.words(errno) : "the server closed it without an answer")
    }
  }

  private func wait(for events: Int16, until deadline: UInt64) throws(HTTPTransportError) {
    var request = pollfd(fd: descriptor, events: events, revents: 0)
    while true {
      let now = monotonicNanoseconds()
      let rest = now < deadline ? deadline - now : 0
      let milliseconds = rest > 0 ? min(rest, patience.silence) / 1_000_000 + 1 : 0
      let count = poll(&request, 1, Int32(clamping: milliseconds))
      if count > 0 { return }
      if count == 0 {
        guard rest > patience.silence else {
          throw Self.broken("it took too long", isTimeout: true)
        }
        try askWhetherItIsThere()
      } else if errno != EINTR {
        throw Self.broken(Self.words(errno))
      }
    }
  }

  /// Gives a server up that answers nothing at all.
  private func askWhetherItIsThere() throws(HTTPTransportError) {
    do {
      _ = try SocketConnection(patience: .unasked, connecting: connect)
        .send("GET", "/v1/ping", seconds: patience.answerSeconds)
    } catch {
      // Whatever else became of the question: of a server that ended, the wait itself tells.
      guard error.isTimeout else { return }
      throw Self.broken("the server does not answer", isTimeout: true)
    }
  }

  private static func broken(
    _ reason: String, isBeforeSending: Bool = false, isTimeout: Bool = false
  ) -> HTTPTransportError {
    HTTPTransportError(
      message: "the connection broke: \(reason)", isBeforeSending: isBeforeSending,
      isTimeout: isTimeout)
  }

  private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}

extension SocketConnection {
  /// A connection to a unix socket.
  convenience init(unixSocket path: String) {
    self.init { () throws(HTTPTransportError) in try Self.connect(to: path) }
  }

  /// How long a server may take to accept, in seconds.
  private static let acceptSecondsMax = 5

  private static func connect(to path: String) throws(HTTPTransportError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw HTTPTransportError(message: "the socket's path is too long", isBeforeSending: true)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var patience = timeval(tv_sec: acceptSecondsMax, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else {
      let reason = words(errno)
      // Nobody has accepted for so long.
      let isFull = errno == EAGAIN
      if descriptor >= 0 { close(descriptor) }
      throw HTTPTransportError(
        message: "cannot connect: \(reason)", isBeforeSending: true, isTimeout: isFull)
    }
    return descriptor
  }
}
