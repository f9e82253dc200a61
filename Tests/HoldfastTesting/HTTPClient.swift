internal import Glibc
public import HoldfastJSON

/// A client over a bare socket, so that tests can also send what no library would.
public struct HTTPClient: Sendable {
  /// The port on this machine; 0 for a unix socket.
  public let port: Int
  private let socketPath: String

  public init(port: Int) {
    self.port = port
    socketPath = ""
  }

  /// A client of the server behind a unix socket.
  public init(socket path: String) {
    port = 0
    socketPath = path
  }

  /// An answer as it came.
  public struct Answer: Sendable {
    public var status = 0
    public var headers: [(name: String, value: String)] = []
    public var body: [UInt8] = []
    /// Whether the end of its chunks is missing.
    public var isCut = false

    /// No answer at all.
    public init() {}

    public var text: String { String(decoding: body, as: UTF8.self) }
    public var json: JSON? { try? JSONReader.read(body) }
    /// The sentence of a refusal.
    public var error: String { json?["error"]?.stringValue ?? "" }
    public subscript(header: String) -> String? {
      headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }
  }

  /// Sends one request on a connection of its own.
  public func send(
    _ method: String, _ target: String, body: [UInt8]? = nil,
    headers: [(String, String)] = []
  ) -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\nConnection: close\r\n"
    if !headers.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: localhost\r\n" }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    let answers = raw(Array((head + "\r\n").utf8) + (body ?? []), methods: [method])
    return answers.first ?? Answer()
  }

  @discardableResult
  public func get(_ target: String, headers: [(String, String)] = []) -> Answer {
    send("GET", target, headers: headers)
  }
  @discardableResult
  public func post(_ target: String, _ body: String = "", headers: [(String, String)] = [])
    -> Answer
  {
    send("POST", target, body: Array(body.utf8), headers: headers)
  }
  @discardableResult
  public func put(_ target: String, _ body: String, headers: [(String, String)] = []) -> Answer {
    send("PUT", target, body: Array(body.utf8), headers: headers)
  }
  @discardableResult
  public func patch(_ target: String, _ body: String, headers: [(String, String)] = []) -> Answer {
    send("PATCH", target, body: Array(body.utf8), headers: headers)
  }
  @discardableResult
  public func delete(_ target: String, _ body: String? = nil, headers: [(String, String)] = [])
    -> Answer
  {
    send("DELETE", target, body: body.map { Array($0.utf8) }, headers: headers)
  }

  /// Sends these bytes and reads until the server closes the connection.
  ///
  /// - Parameters:
  ///   - methods: The methods of the requests, so that an answer to HEAD is read without a body.
  ///   - closingAfterwards: Whether the sending side is shut down behind the bytes.
  public func raw(_ bytes: [UInt8], methods: [String] = [], closingAfterwards: Bool = false)
    -> [Answer]
  {
    guard let descriptor = connect() else { return [] }
    defer { close(descriptor) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // The server may answer and close before it has read everything.
      if count <= 0 { break }
      sent += count
    }
    if closingAfterwards { shutdown(descriptor, Int32(SHUT_WR)) }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      received += buffer[..<count]
    }
    return Self.parse(received, methods: methods)
  }

  /// An open connection, for tests of keep-alive; the caller closes it.
  public func connect() -> Int32? {
    let descriptor = socket(
      port == 0 ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard port == 0 ? connectToSocket(descriptor) : connectToPort(descriptor) else {
      close(descriptor)
      return nil
    }
    // A test that waits in vain fails; it never hangs.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(
        descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    return descriptor
  }

  private func connectToPort(_ descriptor: Int32) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return Self.connect(descriptor, to: &address)
  }

  private func connectToSocket(_ descriptor: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
    return Self.connect(descriptor, to: &address)
  }

  private static func connect<Address>(_ descriptor: Int32, to address: inout Address) -> Bool {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
      }
    }
  }

  /// Takes a stream of answers apart.
  public static func parse(_ bytes: [UInt8], methods: [String] = []) -> [Answer] {
    var answers: [Answer] = []
    var rest = bytes[...]
    while let end = headEnd(rest) {
      var answer = Answer()
      let lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\r\n")
      answer.status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        answer.headers.append(
          (String(line[..<colon]), String(line[line.index(colon, offsetBy: 2)...])))
      }
      rest = rest[(end + 4)...]
      if answer.status == 100 {
        answers.append(answer)
        continue
      }
      let realAnswers = answers.count { $0.status != 100 }
      let isHead = realAnswers < methods.count && methods[realAnswers] == "HEAD"
      if !isHead, answer["Transfer-Encoding"] == "chunked" {
        answer.isCut = !takeChunks(&rest, &answer.body)
        answers.append(answer)
        continue
      }
      let length = isHead ? 0 : answer["Content-Length"].flatMap { Int($0) } ?? rest.count
      answer.body = Array(rest.prefix(length))
      rest = rest.dropFirst(length)
      answers.append(answer)
    }
    return answers
  }

  /// Takes a body in chunks (RFC 9112 section 7.1); false when its end is missing.
  private static func takeChunks(_ rest: inout ArraySlice<UInt8>, _ body: inout [UInt8]) -> Bool {
    while let end = rest.firstIndex(of: 13), rest.count >= end - rest.startIndex + 2,
      let count = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16)
    {
      rest = rest[(end + 2)...]
      guard rest.count >= count + 2 else { return false }
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
      if count == 0 { return true }
    }
    return false
  }

  private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in bytes.startIndex...(bytes.endIndex - 4)
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
      && bytes[index + 3] == 10
    {
      return index
    }
    return nil
  }
}
