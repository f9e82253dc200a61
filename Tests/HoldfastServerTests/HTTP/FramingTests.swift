import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Testing

/// How requests follow each other on a connection, and where each ends.
@Suite struct FramingTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  private func connection() throws -> RawConnection { try #require(RawConnection(client)) }

  private func request(_ filename: String, _ headers: String = "") -> String {
    let body = #"{"filename":"\#(filename)"}"#
    return "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\n\(headers)"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func `a connection serves one request after the other`() throws {
    let connection = try connection()
    for number in 0..<20 {
      connection.send(request("t\(number)"))
      #expect(connection.answer()?.status == 201)
      connection.send("GET /v1/projects/p/tasks/t\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(connection.answer()?.status == 200)
    }
  }

  @Test func `pipelined requests are answered in their order`() throws {
    let connection = try connection()
    var all = ""
    for number in 0..<50 {
      all += request("t\(number)")
      all += "GET /v1/projects/p/tasks/t\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n"
      all += "HEAD /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    }
    connection.send(all)
    for number in 0..<50 {
      #expect(connection.answer()?.status == 201)
      #expect(connection.answer()?.json?["filename"]?.stringValue == "t\(number)")
      #expect(connection.answer(to: "HEAD")?.status == 200)
    }
  }

  @Test func `a client that asks first is told to go on`() throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        + "Content-Length: 16\r\n\r\n")
    #expect(connection.answer()?.status == 100)
    connection.send(#"{"filename":"t"}"#)
    #expect(connection.answer()?.status == 201)
  }

  @Test func `a client that asks first for too much is refused before it sends it`() throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        + "Content-Length: 999999999\r\n\r\n")
    #expect(connection.answer()?.status == 413)
    #expect(connection.isClosedByServer())
  }

  @Test func `a body in chunks is put together`() throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in [#"{"fil"#, #"ename":"#, #""t"}"#] {
      connection.send(String(piece.utf8.count, radix: 16) + "\r\n\(piece)\r\n")
    }
    connection.send("0\r\nX-Trailer: x\r\n\r\n")
    #expect(connection.answer()?.status == 201)
    connection.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(connection.answer()?.status == 200)
  }

  @Test func `a length shorter than the body makes the rest a request of its own`() throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
        + #"{"filename":"t"}"# + "\r\n\r\n")
    #expect(connection.answer()?.status == 400)
    #expect(connection.isClosedByServer())
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test func `a length longer than the body ends with the time for it, and nothing happens`() throws
  {
    // libmicrohttpd does not notice that a client has ended its side in the middle of a body.
    var limits = Limits()
    limits.idleSeconds = 1
    limits.requestSeconds = 1
    let server = try TestServer(limits: limits)
    let connection = try #require(RawConnection(server.client))
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
        + #"{"filename":"t"}"#)
    connection.endSending()
    #expect(connection.isClosedByServer())
    #expect(server.client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test(arguments: [
    "Content-Length: -1", "Content-Length: 5x", "Content-Length: 0x10", "Content-Length: +5",
    "Content-Length: 99999999999999999999999", "Content-Length: ",
    "Content-Length: 16\r\nContent-Length: 17", "Content-Length: 16\r\nContent-Length: 16",
    "Content-Length: 16\r\nTransfer-Encoding: chunked",
    "Host: localhost\r\nContent-Length: 16", "Content-Length : 16",
    "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
  ])
  func `a request whose end cannot be told is refused and its connection closed`(
    _ headers: String
  ) throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n\r\n"
        + #"{"filename":"t"}"#)
    let answer = try #require(connection.answer())
    #expect((400..<500).contains(answer.status), "\(answer.status)")
    #expect(connection.isClosedByServer())
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test func `HTTP of 1996 needs no Host, later ones do`() throws {
    let old = try connection()
    old.send("GET /v1/ping HTTP/1.0\r\n\r\n")
    #expect(old.answer()?.status == 200)
    #expect(old.isClosedByServer())
    let new = try connection()
    new.send("GET /v1/ping HTTP/1.1\r\n\r\n")
    let answer = new.answer()
    #expect(answer?.status == 400)
    #expect(answer?.error == "the request must have one Host")
  }

  @Test func `chunks are refused in HTTP of 1996, which had none`() throws {
    let connection = try connection()
    connection.send(
      "POST /v1/projects/p/tasks HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "10\r\n{\"filename\":\"t\"}\r\n0\r\n\r\n")
    #expect(connection.answer()?.status == 400)
    #expect(connection.isClosedByServer())
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test(arguments: ["a", "a=b", "?", ""])
  func `a query may have any number of parameters`(_ parameter: String) {
    let query = [String](repeating: parameter, count: 500).joined(separator: "&")
    #expect(client.get("/v1/projects/p/tasks?\(query)").text == "[]\n")
  }

  @Test func `white space around a value is nothing`() throws {
    let connection = try connection()
    for header in ["X: a b \t", "X:", "X:   ", "X:a"] {
      connection.send("GET /v1/ping HTTP/1.1\r\n\(header)\r\nHost: localhost\r\n\(header)\r\n\r\n")
      #expect(connection.answer()?.status == 200, "\(header)")
    }
  }

  @Test(arguments: [
    "Content-Length: 1\0 6", "Content-Length: 16\0\0 ", "X: \0\r\nContent-Length: 16",
    "X\0: x\r\nContent-Length: 16", "X: a\r\n b\r\nContent-Length: 16", "Content-Length: 16\nX: y",
  ])
  func `a header that two servers may read in two ways is refused`(_ headers: String) throws {
    for headers in [headers, headers + "\r\nY: z"] {
      let connection = try connection()
      connection.send(
        "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n\r\n"
          + #"{"filename":"t"}"#)
      #expect(connection.answer()?.status == 400)
      #expect(connection.isClosedByServer())
      #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
    }
  }

  /// Requests that libmicrohttpd answers itself, in HTML, before any of our code sees them.
  ///
  /// A request line or header that is none, a broken length or chunk, another version, a head larger
  /// than its memory for it. Their status is all that a client can go by; of a broken length it even
  /// sends the head twice.
  @Test(arguments: [
    ("GET /v1/ping\r\nHost: localhost\r\n\r\n", 400),
    ("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\nbroken\r\n\r\n", 400),
    ("POST /v1/ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
    (
      "POST /v1/ping HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400
    ),
    ("POST /v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ("GET /v1/ping HTTP/3.9\r\nHost: localhost\r\n\r\n", 505),
    ("GET /\(String(repeating: "x", count: 40_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (
      "GET / HTTP/1.1\r\nHost: h\r\nCookie: \(String(repeating: "a=b;", count: 2000))\r\n\r\n", 431
    ),
    (
      "GET / HTTP/1.1\r\nHost: localhost\r\nA: \(String(repeating: "x", count: 40_000))\r\n\r\n",
      431
    ),
  ])
  func `what the library refuses itself`(_ bytes: String, _ status: Int) throws {
    let connection = try connection()
    connection.send(bytes)
    #expect(connection.answer()?.status == status)
    #expect(connection.isClosedByServer())
    #expect(client.get("/v1/ping").status == 200)
  }

  /// It closes these without a word, because they are no HTTP at all.
  @Test(arguments: ["GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", "\r\nx\r\n\r\n"])
  func `what the library closes without an answer`(_ bytes: String) throws {
    let connection = try connection()
    connection.send(bytes)
    #expect(connection.isClosedByServer())
    #expect(client.get("/v1/ping").status == 200)
  }
}
