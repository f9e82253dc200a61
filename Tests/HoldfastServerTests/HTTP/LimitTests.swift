import HoldfastJSON
import HoldfastTesting
import Testing

@testable import HoldfastServer

/// The limits on one request, each at N and at N+1.
@Suite struct LimitTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  /// A request whose target and headers have exactly so many bytes, as the limit counts them.
  private func request(headerBytes: Int) -> [UInt8] {
    let target = "/v1/ping"
    let fixed = target.utf8.count + "Host".utf8.count + "localhost".utf8.count + 4
    var left = headerBytes - fixed
    var head = "GET \(target) HTTP/1.1\r\nHost: localhost\r\n"
    // Some lines, as the head of a real request has them.
    while left > 0 {
      let count = left > 2000 ? 1000 : left
      head += "X: \(String(repeating: "x", count: count - 5))\r\n"
      left -= count
    }
    return Array((head + "\r\n").utf8)
  }

  @Test func `the head of a request may have 16 KiB`() throws {
    let connection = try #require(RawConnection(client))
    connection.send(request(headerBytes: Limits.headerBytesMax))
    #expect(connection.answer()?.status == 200)
    connection.send(request(headerBytes: Limits.headerBytesMax + 1))
    let refused = connection.answer()
    #expect(refused?.status == 431)
    #expect(refused?.error.hasSuffix("at most 16384 bytes, not 16385") == true)
    #expect(connection.isClosedByServer())
  }

  @Test(arguments: [
    ("POST", "/v1/projects/p/signals/reset-stuck", 8 * 1024 * 1024),
    ("POST", "/v1/projects/p/topics", 8 * 1024 * 1024),
    ("POST", "/v1/projects/p/tasks", 16 * 1024 * 1024),
    ("PUT", "/v1/projects/p/tasks/t/content", 16 * 1024 * 1024),
    ("POST", "/v1/operations/task_create", 16 * 1024 * 1024),
  ])
  func `a body may have so many bytes`(_ method: String, _ path: String, _ limit: Int) {
    // No JSON from its first byte on: large, and cheap to refuse once it is read.
    let within = client.send(method, path, body: [UInt8](repeating: 120, count: limit))
    #expect(within.status != 413)
    #expect(within.status < 500)
    let beyond = client.send(method, path, body: [UInt8](repeating: 120, count: limit + 1))
    #expect(beyond.status == 413)
    #expect(beyond.error == "the body must have at most \(limit) bytes")
    #expect(beyond.json?["limit"]?.int64Value == Int64(limit))
  }

  @Test func `a body in chunks has the same limit`() throws {
    let connection = try #require(RawConnection(client))
    connection.send(
      "POST /v1/projects/p/topics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    let chunk = [UInt8](repeating: 32, count: 1024 * 1024)
    for _ in 0...8 { connection.send(Array("100000\r\n".utf8) + chunk + Array("\r\n".utf8)) }
    connection.send("0\r\n\r\n")
    #expect(connection.answer()?.status == 413)
    connection.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(connection.answer()?.status == 200, "the connection goes on behind a refused body")
  }

  @Test func `a body that never ends is cut off`() throws {
    let connection = try #require(RawConnection(client))
    connection.send(
      "POST /v1/projects/p/topics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 32, count: 1024 * 1024) + [13, 10]
    var sent = 0
    while sent < 1000, connection.send(chunk) { sent += 1 }
    #expect(sent < 1000)
  }

  @Test(arguments: ["/v1/projects/p/tasks", "/v1/operations/task_create"])
  func `a JSON body may have 250,000 values`(_ path: String) {
    func body(_ count: Int) -> String {
      // The object, its three members and the list are five of them.
      let zeros = [String](repeating: "0", count: count - 5).joined(separator: ",")
      return #"{"project":"p","filename":"f\#(count)","description":"a,[{","x":[\#(zeros)]}"#
    }
    #expect(client.post(path, body(Limits.jsonValuesMax)).status != 413)
    let beyond = client.post(path, body(Limits.jsonValuesMax + 1))
    #expect(beyond.status == 413)
    #expect(beyond.error == "the body must have at most 250000 values")
  }

  @Test(arguments: ["/v1/projects/p/tasks", "/v1/operations/task_create"])
  func `JSON may be nested 128 levels deep`(_ path: String) {
    func body(_ depth: Int) -> String {
      // The object itself is the first level.
      #"{"project":"p","filename":"f\#(depth)","description":"#
        + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
    }
    let within = client.post(path, body(Limits.jsonDepthMax))
    #expect(within.status == 400)
    #expect(within.error.contains("description must be a string"))
    let beyond = client.post(path, body(Limits.jsonDepthMax + 1))
    #expect(beyond.status == 400)
    #expect(beyond.error.hasPrefix("invalid request body: JSON nested too deeply"))
  }
}
