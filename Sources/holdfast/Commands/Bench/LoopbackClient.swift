private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// Where a server on this machine listens.
struct LoopbackAddress: Sendable {
  /// The port on 127.0.0.1.
  let port: UInt16

  /// The URL without a slash at its end.
  var url: String { "http://127.0.0.1:\(port)" }

  init(port: UInt16) { self.port = port }

  /// Reads `http://127.0.0.1:7433`.
  init(url: String) throws(HoldfastError) {
    let rest = ["http://127.0.0.1:", "http://localhost:"].lazy
      .filter { url.hasPrefix($0) }.map { url.dropFirst($0.count) }.first
    guard let rest, let port = UInt16(rest.hasSuffix("/") ? rest.dropLast() : rest) else {
      throw HoldfastError(
        .usage,
        "only a server on this machine is measured: --server http://127.0.0.1:PORT, not \(url)")
    }
    self.port = port
  }

  /// A port that was free a moment ago.
  static func free() throws(HoldfastError) -> LoopbackAddress {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = LoopbackAddress(port: 0).socketAddress
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw HoldfastError(.internalError, "no port of this machine is free") }
    return LoopbackAddress(port: UInt16(bigEndian: address.sin_port))
  }

  fileprivate var socketAddress: sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

/// One connection that sends a request at a time and reads the whole answer.
///
/// It speaks just enough HTTP for a measure: an answer has a `Content-Length`, or no body.
final class LoopbackClient {
  /// An answer.
  struct Answer {
    let status: Int
    let body: [UInt8]
    /// From the first byte sent to the last one received.
    let nanoseconds: UInt64

    /// The body as JSON.
    func json() throws(HoldfastError) -> JSON {
      do {
        return try JSONReader.read(body)
      } catch {
        throw HoldfastError(.internalError, "the server's answer is not JSON: \(error)")
      }
    }
  }

  /// Seconds without a byte after which an answer is given up.
  private static let patience = 30

  private let descriptor: Int32
  private var received: [UInt8] = []
  private var chunk: [UInt8]

  /// Connects.
  /// - Parameters:
  ///   - server: Where to.
  ///   - chunkBytes: How much is received at once.
  /// - Throws: ``HoldfastError`` when nobody listens there.
  init(to server: LoopbackAddress, chunkBytes: Int = 65_536) throws(HoldfastError) {
    chunk = [UInt8](repeating: 0, count: chunkBytes)
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    var wait = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    var address = server.socketAddress
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      throw HoldfastError(
        .unreachable, "cannot connect to \(server.url): \(SystemFailure.sentence(errno))")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sends a request and reads the answer.
  func send(_ method: String, _ path: String, body: String? = nil) throws(HoldfastError) -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
    let request = Array((head + "\r\n" + (body ?? "")).utf8)
    let start = monotonicNanoseconds()
    let failure = DescriptorSink(descriptor: descriptor).write(request)
    guard failure == 0 else { throw broken(failure) }
    received.removeAll(keepingCapacity: true)
    var scanned = 0
    while true {
      try receive()
      if let end = Self.endOfHead(received, from: scanned) {
        let (status, length) = try Self.parse(received[..<end])
        while received.count < end + length { try receive() }
        let nanoseconds = monotonicNanoseconds() - start
        return Answer(
          status: status, body: Array(received[end..<end + length]), nanoseconds: nanoseconds)
      }
      scanned = max(0, received.count - 3)
    }
  }

  /// Sends a request whose answer must be a success.
  /// - Throws: ``HoldfastError`` with what the server said instead.
  @discardableResult
  func succeed(_ method: String, _ path: String, body: String? = nil) throws(HoldfastError)
    -> Answer
  {
    let answer = try send(method, path, body: body)
    guard (200..<300).contains(answer.status) else {
      let words = (try? answer.json())?["error"]?.stringValue ?? "no reason"
      throw HoldfastError(
        .init(status: answer.status), "\(method) \(path) answers \(answer.status): \(words)")
    }
    return answer
  }

  private func receive() throws(HoldfastError) {
    var count = 0
    repeat {
      count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    } while count < 0 && errno == EINTR
    guard count > 0 else { throw broken(count < 0 ? errno : ECONNRESET) }
    received.append(contentsOf: chunk[..<count])
  }

  private func broken(_ number: Int32) -> HoldfastError {
    HoldfastError(
      .unreachable, "the connection to the server broke: \(SystemFailure.sentence(number))")
  }

  private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 3 < bytes.count {
      if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10
      {
        return index + 4
      }
      index += 1
    }
    return nil
  }

  /// The status and the length of the body that a head announces.
  static func parse(_ head: ArraySlice<UInt8>) throws(HoldfastError) -> (status: Int, length: Int) {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, let status = Int(words[1]) else {
      throw HoldfastError(.unreachable, "the server does not answer in HTTP")
    }
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      return (status, Int(parts[1].filter { $0 != " " }) ?? 0)
    }
    return (status, 0)
  }
}
