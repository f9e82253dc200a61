private import Glibc
import HoldfastClient
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

  /// The most that an answer may take, in seconds.
  private static let secondsMax = 60

  private let connection: SocketConnection

  /// Connects.
  ///
  /// - Throws: ``HoldfastError`` when nobody listens there.
  init(to server: LoopbackAddress) throws(HoldfastError) {
    connection = SocketConnection { () throws(HTTPTransportError) in try Self.connect(to: server) }
    do {
      try connection.open()
    } catch {
      throw HoldfastError(.unreachable, "\(server.url): \(error.message)")
    }
  }

  /// Sends a request and reads the answer.
  func send(_ method: String, _ path: String, body: String? = nil) throws(HoldfastError) -> Answer {
    let start = monotonicNanoseconds()
    do {
      let answer = try connection.send(
        method, path, body: body.map { Array($0.utf8) }, seconds: Self.secondsMax)
      let nanoseconds = monotonicNanoseconds() - start
      return Answer(status: answer.status, body: answer.body, nanoseconds: nanoseconds)
    } catch {
      throw HoldfastError(.unreachable, "\(method) \(path): \(error.message)")
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

  private static func connect(to server: LoopbackAddress) throws(HTTPTransportError) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = server.socketAddress
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      let reason = SystemFailure.sentence(errno)
      if descriptor >= 0 { close(descriptor) }
      throw HTTPTransportError(message: "cannot connect: \(reason)", isBeforeSending: true)
    }
    return descriptor
  }
}
