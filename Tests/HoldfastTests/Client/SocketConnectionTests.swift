import Glibc
import HoldfastTesting
import Testing

@testable import HoldfastClient

/// The other end of a connection, played by the test.
private final class Peer {
  private(set) var descriptor: Int32 = -1
  private(set) var connections = 0

  /// A pair of connected sockets: one for the client, one for the test.
  func connect() -> Int32 {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    if descriptor >= 0 { close(descriptor) }
    descriptor = ends[1]
    connections += 1
    return ends[0]
  }

  deinit { hangUp() }

  func say(_ text: String) { _ = write(descriptor, text, text.utf8.count) }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// What has come so far.
  func heard() -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
  }
}

/// The plain client of a server's own socket.
@Suite struct SocketConnectionTests {
  private let peer = Peer()

  private func connection() throws -> SocketConnection {
    let connection = SocketConnection { () throws(HTTPTransportError) in peer.connect() }
    try connection.open()
    return connection
  }

  /// The error of a request, which must fail.
  private func failure(
    _ connection: SocketConnection, body: [UInt8]? = nil, seconds: Int = 60
  ) -> HTTPTransportError? {
    do {
      _ = try connection.send("POST", "/x", body: body, seconds: seconds)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a request is sent as it is meant and its answer read to its end`() throws {
    let connection = try connection()
    peer.say("HTTP/1.1 201 Created\r\ncontent-LENGTH:  5\r\nX: y\r\n\r\n1\r\n\r\n")
    let answer = try connection.send(
      "POST", "/v1/a%20b", body: Array("body".utf8), headers: [("Idempotency-Key", "k/1")],
      seconds: 60)
    #expect(answer.status == 201 && answer.body == Array("1\r\n\r\n".utf8))
    #expect(
      peer.heard() == "POST /v1/a%20b HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k/1\r\n"
        + "Content-Length: 4\r\n\r\nbody")
  }

  @Test func `a connection is kept, until the server says that it closes it`() throws {
    let connection = try connection()
    for _ in 1...2 {
      peer.say("HTTP/1.1 204 No Content\r\n\r\n")
      let answer = try connection.send("GET", "/", seconds: 60)
      #expect(answer.status == 204 && answer.body.isEmpty)
      #expect(peer.heard() == "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }
    peer.say("HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
    #expect(try connection.send("GET", "/", seconds: 60).status == 503)
    #expect(peer.connections == 1)
    try connection.open()
    #expect(peer.connections == 2)
  }

  @Test func `chunks are put together, however they come in`() throws {
    let text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3\r\na\r\n\r\n00A;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n"
    let whole = Array(text.utf8)
    let head = try #require(try HTTPHead(whole))
    #expect(head.body == .chunks && !head.closes)
    var chunks = ChunkedBody(at: head.count)
    for count in head.count..<whole.count {
      #expect(try !chunks.take(from: Array(whole[..<count])))
    }
    #expect(try chunks.take(from: whole))
    #expect(chunks.bytes == Array("a\r\n0123456789".utf8) && chunks.position == whole.count)
    let connection = try connection()
    for _ in 1...2 {
      peer.say(text)
      #expect(try connection.send("GET", "/", seconds: 60).body == chunks.bytes)
    }
    #expect(peer.connections == 1)
  }

  @Test func `a large body goes out while the server reads it`() throws {
    let connection = try connection()
    let body = [UInt8](repeating: 7, count: 3_000_000)
    let descriptor = peer.descriptor
    TestThread.start {
      var left = body.count
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while left > 0 {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return }
        left -= buffer[..<count].count { $0 == 7 }
      }
      let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
      _ = write(descriptor, answer, answer.utf8.count)
    }
    #expect(try connection.send("PUT", "/", body: body, seconds: 60).status == 200)
  }

  @Test func `an early refusal counts, although the rest was never read`() throws {
    let connection = try connection()
    peer.say("HTTP/1.1 413 Too large\r\nContent-Length: 2\r\n\r\n{}")
    peer.hangUp()
    let answer = try connection.send(
      "PUT", "/", body: [UInt8](repeating: 0, count: 3_000_000), seconds: 60)
    #expect(answer.status == 413 && answer.body == Array("{}".utf8))
  }

  @Test func `a server that works for long is waited for, as long as it says that it is there`()
    throws
  {
    let worker = Peer()
    var asked = 0
    let connection = SocketConnection(patience: .init(silence: 1_000_000, answerSeconds: 60)) {
      () throws(HTTPTransportError) in
      if worker.connections == 0 { return worker.connect() }
      let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      let end = peer.connect()
      peer.say(answer)
      asked += 1
      if asked == 3 { worker.say(answer) }
      return end
    }
    #expect(try connection.send("POST", "/work", seconds: 60).body == Array("ok".utf8))
    #expect(asked == 3)
    #expect(peer.heard() == "GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
  }

  @Test func `a server that does not even say that it is there is given up`() throws {
    let other = Peer()
    let connection = SocketConnection(patience: .init(silence: 1_000_000, answerSeconds: 0)) {
      () throws(HTTPTransportError) in (peer.connections == 0 ? peer : other).connect()
    }
    let error = try #require(failure(connection))
    #expect(error.isTimeout && !error.isBeforeSending)
    #expect(error.message == "the connection broke: the server does not answer")
  }

  @Test func `what comes of a broken connection says whether the server can have seen it`() throws {
    let gone = try connection()
    peer.hangUp()
    #expect(failure(gone)?.isBeforeSending == true)
    let silent = try connection()
    #expect(failure(silent, seconds: 0)?.isBeforeSending == false)
    for part in ["HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"]
    {
      let cut = try connection()
      peer.say(part)
      shutdown(peer.descriptor, Int32(SHUT_WR))
      #expect(failure(cut)?.isBeforeSending == false)
    }
    let nobody = SocketConnection(unixSocket: "/nowhere/socket")
    let refusal = failure(nobody)
    #expect(refusal?.isBeforeSending == true)
    #expect(refusal?.message == "cannot connect: No such file or directory")
    let long = SocketConnection(unixSocket: String(repeating: "x", count: 108))
    #expect(failure(long)?.isBeforeSending == true)
  }

  @Test(arguments: [
    "SSH-2.0-x\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
  ])
  func `what is no answer of our server is refused`(text: String) throws {
    let connection = try connection()
    peer.say(text)
    #expect(failure(connection)?.message.contains("not of a Holdfast server") == true)
  }
}
