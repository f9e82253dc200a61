import Dispatch
import HoldfastDatabase
import HoldfastJSON
import HoldfastServer
import HoldfastTesting
import Synchronization
import Testing

/// How a server ends: nothing that was accepted goes unanswered, and nothing holds it up.
@Suite struct ShutdownTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  /// Keeps the writer busy until the test lets it go.
  private final class Hold {
    // Stays set: the engine may run the closure more than once.
    private let mayEnd = Handover<Bool>()

    init(_ server: TestServer) {
      let hasStarted = DispatchSemaphore(value: 0)
      let mayEnd = mayEnd
      server.backing.database.write({ _ in
        hasStarted.signal()
        _ = mayEnd.wait()
      }) { _ in }
      hasStarted.wait()
    }

    deinit { end() }

    func end() { mayEnd.set(true) }
  }

  /// Shuts the server down on a thread of its own.
  private func shutDown(within seconds: Int) throws -> Handover<Bool> {
    let result = Handover<Bool>()
    let server = server.server
    try startThread(name: "shutdown") { result.set(server.shutDown(within: seconds)) }
    return result
  }

  /// Whether a new client is turned away.
  private func isStopping() -> Bool {
    guard let late = RawConnection(client) else { return true }
    late.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return late.answer()?.status != 200
  }

  private func waitUntil(_ isSo: () -> Bool) -> Bool {
    for _ in 0..<4000 {
      if isSo() { return true }
      _ = RawConnection(client)?.hearsSomething(within: 5)
    }
    return false
  }

  @Test func `idle and slow connections hold nothing up`() throws {
    let idle = try #require(RawConnection(client))
    idle.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(idle.answer()?.status == 200)
    let silent = try #require(RawConnection(client))
    let slowHead = try #require(RawConnection(client))
    slowHead.send("GET /v1/pi")
    let slowBody = try #require(RawConnection(client))
    slowBody.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    #expect(server.server.shutDown(within: 5))
    for connection in [idle, silent, slowHead, slowBody] { #expect(connection.isClosedByServer()) }
    #expect(RawConnection(client) == nil, "nobody listens any more")
  }

  @Test func `a slow reader is cut off`() throws {
    server.task("t")
    let text = [UInt8](repeating: 120, count: 15 * 1024 * 1024)
    _ = client.send("PUT", "/v1/projects/p/tasks/t/content", body: text)
    let slow = try #require(RawConnection(client))
    slow.takeLittle()
    slow.send("GET /v1/projects/p/tasks/t/content HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(slow.read(upTo: 1) != nil)
    #expect(server.server.shutDown(within: 4))
  }

  @Test func `an accepted write is answered before the server ends`() throws {
    let hold = Hold(server)
    let writer = try #require(RawConnection(client))
    writer.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n"
        + #"{"filename":"t"}"#)
    let database = server.backing.database
    try #require(waitUntil { database.health.queueDepth == 1 })
    let result = try shutDown(within: 30)
    try #require(waitUntil(isStopping))
    hold.end()
    let answer = try #require(writer.answer())
    #expect(answer.status == 201)
    #expect(answer["Connection"]?.lowercased() == "close")
    #expect(writer.isClosedByServer())
    #expect(result.wait())
  }

  @Test func `an accepted write is waited for also when nothing new is started any more`() throws {
    let hold = Hold(server)
    let writer = try #require(RawConnection(client))
    writer.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n"
        + #"{"filename":"t"}"#)
    let database = server.backing.database
    try #require(waitUntil { database.health.queueDepth == 1 })
    let result = try shutDown(within: 4)
    // A quarter of its time is over, and the connection stands.
    #expect(!writer.hearsSomething(within: 1200))
    hold.end()
    #expect(writer.answer()?.status == 201)
    #expect(result.wait())
  }

  @Test func `a request that comes while the server ends is told to come again`() throws {
    let hold = Hold(server)
    let early = try #require(RawConnection(client))
    early.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(early.answer()?.status == 200)
    let result = try shutDown(within: 30)
    try #require(waitUntil(isStopping))
    early.send("GET /v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if let answer = early.answer() {
      #expect(answer.status == 503)
      #expect(answer["Retry-After"] == "1")
      #expect(answer.json?["code"]?.stringValue == "stopping")
      #expect(answer.error == "the server is stopping: try again in a second")
    }
    hold.end()
    #expect(result.wait())
  }

  @Test func `a write that hangs in the disk does not hang the server`() throws {
    let hold = Hold(server)
    let writer = try #require(RawConnection(client))
    writer.send(
      "POST /v1/projects/p/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n"
        + #"{"filename":"t"}"#)
    let database = server.backing.database
    try #require(waitUntil { database.health.queueDepth == 1 })
    #expect(!server.server.shutDown(within: 1))
    hold.end()
    #expect(server.server.shutDown(within: 30))
  }

  @Test func `what waits for something to happen ends at once with nothing`() throws {
    let waiting = try #require(RawConnection(client))
    let body = #"{"claimed_by":"w","wait_ms":30000}"#
    waiting.send(
      "POST /v1/projects/p/signals/claim HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let database = server.backing.database
    try #require(waitUntil { database.health.parked == 1 })
    #expect(server.server.shutDown(within: 5))
    #expect(waiting.answer()?.status == 204)
    #expect(waiting.isClosedByServer())
  }

  @Test func `shutting down twice is shutting down once`() {
    #expect(server.server.shutDown(within: 5))
    #expect(server.server.shutDown(within: 5))
  }
}
