import CSystem
import Glibc
import HoldfastJSON
import HoldfastTesting
import Synchronization

/// A server of the task-store contract that is not ours: it knows none of our operations, and says
/// of errors no more than the contract does.
final class ContractServer: Sendable {
  let port: Int
  let backing: TestServer
  private let listener: Int32
  private let seen = Mutex<[String]>([])
  private let refusal = Mutex<String?>(nil)

  /// The requests that came, as `METHOD target`.
  var requests: [String] { seen.withLock { $0 } }

  /// Answers every request of the contract with this from now on.
  func refuse(with answer: String) { refusal.withLock { $0 = answer } }

  init() throws {
    backing = try TestServer()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw TestFailure("no port for a server of the contract") }
    port = Int(UInt16(bigEndian: address.sin_port))
    listener = descriptor
    TestThread.start { [weak self] in
      while case let connection = accept(descriptor, nil, nil), connection >= 0 {
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// One request on each connection.
  private func serve(_ connection: Int32) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let (head, body) = Self.split(bytes) {
        let answer = answer(head, body)
        _ = answer.withUnsafeBytes {
          send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
        return
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      bytes += buffer[..<count]
    }
  }

  private func answer(_ head: [Substring], _ body: [UInt8]) -> [UInt8] {
    let words = (head.first ?? "").split(separator: " ")
    let (method, target) = (String(words[0]), String(words[1]))
    seen.withLock { $0.append("\(method) \(target)") }
    if target.hasPrefix("/v1/operations") { return Self.text(404, "404 page not found\n") }
    if let refusal = refusal.withLock({ $0 }) { return Array(refusal.utf8) }
    let answer = backing.client.send(method, target, body: body)
    var content = answer.body
    if let error = answer.json?["error"] {
      content = JSON.object(JSONObject([("error", error)])).rendered()
    }
    return Self.text(answer.status, content)
  }

  private static func text(_ status: Int, _ body: String) -> [UInt8] {
    text(status, Array(body.utf8))
  }

  private static func text(_ status: Int, _ body: [UInt8]) -> [UInt8] {
    let length = status == 204 ? "" : "Content-Length: \(body.count)\r\n"
    return Array("HTTP/1.1 \(status) X\r\n\(length)Connection: close\r\n\r\n".utf8) + body
  }

  /// The lines of the head and the body, once both are complete.
  private static func split(_ bytes: [UInt8]) -> ([Substring], [UInt8])? {
    let end = Array("\r\n\r\n".utf8)
    guard bytes.count >= 4,
      let start = (0...(bytes.count - 4)).first(where: { bytes[$0..<($0 + 4)].elementsEqual(end) })
    else { return nil }
    let head = String(decoding: bytes[..<start], as: UTF8.self).split(separator: "\r\n")
    let lengths = head.compactMap { line -> Int? in
      guard line.lowercased().hasPrefix("content-length:") else { return nil }
      return Int(line.dropFirst(15).filter { $0 != " " })
    }
    let body = Array(bytes[(start + 4)...])
    return body.count >= lengths.first ?? 0 ? (head, body) : nil
  }
}
