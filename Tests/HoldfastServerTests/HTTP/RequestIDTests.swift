import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Synchronization
import Testing

/// `X-Request-Id`, and the log that names it.
@Suite struct RequestIDTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: [UInt8]) {
      let text = String(decoding: line, as: UTF8.self)
      lines.withLock { $0.append(text) }
    }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test(arguments: ["a", "0f8e-77", String(repeating: "x", count: 128), "!~"])
  func `the client's id comes back`(_ id: String) throws {
    let server = try TestServer()
    let answer = server.client.get("/v1/ping", headers: [("X-Request-Id", id)])
    #expect(answer["X-Request-Id"] == id)
  }

  @Test(arguments: ["", "a b", String(repeating: "x", count: 129), "\u{e9}", "a\tb"])
  func `an id that is no id is replaced`(_ id: String) throws {
    let server = try TestServer()
    let answer = server.client.get("/v1/ping", headers: [("X-Request-Id", id)])
    #expect(answer.status == 200)
    let made = try #require(answer["X-Request-Id"])
    #expect(made != id)
    #expect(made.utf8.count == 13)
    #expect(made.utf8.allSatisfy { (0x30...0x7a).contains($0) })
  }

  @Test func `every answer has an id of its own, refusals too`() throws {
    let server = try TestServer()
    let client = server.client
    let ids = [
      client.get("/v1/ping"), client.get("/nothing"), client.post("/v1/ping"),
      client.post("/v1/operations/task_create", "{"), client.get("/%zz"),
      client.get("/v1/ping", headers: [("Host", "evil.example")]),
    ].compactMap { $0["X-Request-Id"] }
    #expect(Set(ids).count == 6)
  }

  @Test func `a request that broke off has no status, and counts as no success`() throws {
    let lines = Lines()
    let server = try TestServer(log: AccessLog(form: .text) { lines.add($0) })
    let broken = try #require(RawConnection(server.client))
    // Its answer is libmicrohttpd's own, given before any of our code has seen the headers.
    broken.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\nbroken\r\n\r\n")
    #expect(broken.isClosedByServer())
    let metrics = server.client.get("/metrics").text
    #expect(metrics.contains(#"method="",route="unmatched",kind="broken"} 1"#))
    #expect(!metrics.contains("success"))
    server.server.shutDown(within: 5)
    let words = try #require(lines.all.first).split(separator: " ")
    #expect(words.dropFirst().prefix(4) == ["-", "-", "/v1/ping", "-"])
  }

  @Test(arguments: [
    ("http://user:secret@localhost/v1/ping", "/v1/ping"), ("user:secret@localhost", "-"),
  ])
  func `the log holds no more of a target than its path`(_ target: String, _ path: String) throws {
    let lines = Lines()
    let server = try TestServer(log: AccessLog(form: .text) { lines.add($0) })
    _ = server.client.get(target)
    server.server.shutDown(within: 5)
    #expect(try #require(lines.all.first).split(separator: " ").dropFirst(3).first == path[...])
  }

  @Test func `the log in JSON names the id, the path and the status`() throws {
    let lines = Lines()
    let server = try TestServer(log: AccessLog(form: .json) { lines.add($0) })
    _ = server.client.get(
      "/v1/projects/p%20q/tasks?topic=secret", headers: [("X-Request-Id", "id-1")])
    server.server.shutDown(within: 5)
    let line = try #require(lines.all.first)
    let json = try JSONReader.read(Array(line.utf8))
    #expect(json["request_id"]?.stringValue == "id-1")
    #expect(json["method"]?.stringValue == "GET")
    #expect(json["path"]?.stringValue == "/v1/projects/p%20q/tasks")
    #expect(json["status"]?.int64Value == 200)
    #expect(json["at"]?.stringValue?.hasSuffix("Z") == true)
    #expect(!line.contains("secret"), "queries stay out of the log")
  }

  @Test func `nothing that a client sends can end or steer a line of the log`() throws {
    let lines = Lines()
    let server = try TestServer(log: AccessLog(form: .text) { lines.add($0) })
    _ = server.client.raw(
      Array(
        ("GET /\u{1b}[31m\u{7f}\u{e9} HTTP/1.1\r\n"
          + "Host: localhost\r\nConnection: close\r\n\r\n").utf8))
    server.server.shutDown(within: 5)
    let line = try #require(lines.all.first)
    #expect(line.contains("/%1B[31m%7F%C3%A9 "))
    #expect(line.utf8.dropLast().allSatisfy { (0x20...0x7e).contains($0) })
  }

  @Test func `a log that is off has no lines`() throws {
    let lines = Lines()
    let server = try TestServer(log: AccessLog(form: .off) { lines.add($0) })
    _ = server.client.get("/v1/ping")
    server.server.shutDown(within: 5)
    #expect(lines.all.isEmpty)
  }
}
