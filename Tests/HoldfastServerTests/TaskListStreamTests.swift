import HoldfastDatabase
import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Testing

/// Lists that are sent while they are read, because they are too long to be held whole.
@Suite struct TaskListStreamTests {
  private let path = "/v1/projects/p/tasks"
  private let names = ["a", "b", "c", "d", "e"]
  private let textBytes = 2_500_000

  private func server(limits: Limits = Limits()) throws -> TestServer {
    let server = try TestServer(limits: limits)
    for name in names {
      let text = [UInt8](repeating: name.utf8.first ?? 0, count: textBytes)
      server.task(name)
      #expect(server.client.send("PUT", "\(path)/\(name)/content", body: text).status == 200)
    }
    return server
  }

  private func check(_ tasks: JSON?) throws {
    let tasks = try #require(tasks?.arrayValue)
    #expect(tasks.compactMap { $0["filename"]?.stringValue } == names)
    for (task, name) in zip(tasks, names) {
      let text = task["content"]?.stringValue ?? ""
      #expect(text.utf8.count == textBytes)
      #expect(text.utf8.allSatisfy { $0 == name.utf8.first })
    }
  }

  @Test func `a long list comes whole, in each shape and to old clients`() throws {
    let server = try server()
    let answer = server.client.get(path)
    #expect(answer.status == 200)
    #expect(answer["Transfer-Encoding"] == "chunked")
    #expect(answer["Content-Length"] == nil)
    #expect(answer["Content-Type"] == "application/json")
    #expect(!answer.isCut && answer.body.last == 10)
    try check(answer.json)
    let native = server.client.post("/v1/operations/task_list", #"{"project":"p"}"#)
    try check(native.json?["tasks"])
    // HTTP/1.0 has no chunks: the body ends with the connection.
    let old = server.client.raw(Array("GET \(path) HTTP/1.0\r\n\r\n".utf8))
    #expect(old.first?["Transfer-Encoding"] == nil)
    #expect(old.first?.body == answer.body)
  }

  @Test func `HEAD of a long list has the headers alone`() throws {
    let server = try server()
    let connection = try #require(RawConnection(server.client))
    connection.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let head = try #require(connection.answer(to: "HEAD"))
    #expect(head.status == 200)
    #expect(head["Content-Length"] == nil)
    #expect(connection.read(upTo: 1) == nil, "nothing stands behind the headers")
  }

  @Test func `a long list needs no more memory than a part of it`() throws {
    var limits = Limits()
    limits.sentBytesMax = 40 * 1024 * 1024
    let server = try server(limits: limits)
    let connections = try (0..<2).map { _ in try #require(RawConnection(server.client)) }
    for connection in connections {
      connection.takeLittle()
      connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(connection.read(upTo: 1) != nil)
    }
    let held = server.client.get("/metrics").text.split(separator: "\n")
      .first { $0.hasPrefix("holdfast_sending_bytes ") }
    let bytes = try #require(held?.split(separator: " ").last.flatMap { Int($0) })
    #expect(bytes > 2 * 8 * 1024 * 1024 && bytes <= limits.sentBytesMax)
  }

  @Test func `a list that cannot go on is cut, and never looks whole`() throws {
    let server = try server()
    let connection = try #require(RawConnection(server.client))
    connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    // The system takes less than the first part ahead of what is read here.
    var bytes = try #require(connection.read(upTo: 1))
    server.backing.database.close()
    while let more = connection.read(upTo: 1 << 20) { bytes += more }
    let answer = try #require(HTTPClient.parse(bytes).first)
    #expect(answer.status == 200)
    #expect(answer.body.count > 8 * 1024 * 1024)
    #expect(answer.isCut)
  }

  @Test func `a list that says more at its end is held whole`() throws {
    let server = try server()
    let page = server.client.get("\(path)?limit=5")
    #expect(page["Content-Length"] == "\(page.body.count)")
    let found = server.client.get("\(path)?q=e&status=ready")
    #expect(found["Content-Length"] == "\(found.body.count)")
    try check(page.json)
  }
}
