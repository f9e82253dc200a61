import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// `/mcp` of `holdfast serve`, where an answer comes bit by bit.
@Suite struct MCPStreamTests {
  private let home: TestHome
  private let service: Service
  private var client: HTTPClient { service.client }

  /// A server that ends with its test.
  private final class Service {
    let process: TestProcess
    let client: HTTPClient

    init(_ home: TestHome) throws {
      let started = try home.serve()
      process = started.process
      client = started.client
    }

    deinit { process.signal(SIGTERM) }
  }

  init() throws {
    home = try TestHome(on: .wanted)
    service = try Service(home)
  }

  @discardableResult
  private func call(_ tool: String, _ arguments: JSON = [:], agent: String = "bob") throws -> JSON {
    let answer = try MCPStream(client, tool: tool, arguments, agent: agent).message()
    guard let result = answer?["result"], result["isError"] == nil else {
      throw TestFailure("\(tool): \(answer?.renderedText() ?? "nothing")")
    }
    return result["structuredContent"] ?? .null
  }

  private func health(_ name: String) -> Int64? {
    client.get("/v1/health").json?[name]?.int64Value
  }

  // MARK: Subscriptions

  @Test func `a subscription is a stream of events until the server ends`() throws {
    let stream = try MCPStream(client, listeningTo: ["tasks://all", "task://p/a", "x://y"], id: 7)
    let first = try #require(try stream.message())
    #expect(stream.status == 200)
    #expect(stream["Content-Type"] == "text/event-stream")
    #expect(stream["X-Accel-Buffering"] == "no")
    #expect(stream["Mcp-Session-Id"] == nil)
    #expect(first["method"] == "notifications/subscriptions/acknowledged")
    #expect(
      first["params"]?["notifications"] == ["resourceSubscriptions": ["tasks://all", "task://p/a"]])
    #expect(first.subscription == 7)
    try call("task_create", ["title": "a", "id": "a"])
    #expect(Set([try stream.change(), try stream.change()]) == ["tasks://all", "task://p/a"])
    // From another door, too.
    #expect(
      client.post("/v1/projects/p/tasks", #"{"filename":"b","content":"c"}"#).status == 201)
    #expect(try stream.change() == "tasks://all")

    service.process.signal(SIGTERM)
    var last: JSON?
    while let message = try stream.message() { last = message }
    #expect(last?["id"] == 7)
    #expect(last?["result"]?["resultType"] == "complete")
    #expect(last?["result"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 7)
    #expect(service.process.wait() == 0)
  }

  @Test func `before 2026-07-28 nobody subscribes over HTTP`() throws {
    let shaken = try MCPStream(
      client, "initialize",
      [
        ("protocolVersion", "2025-11-25"), ("capabilities", [:]),
        ("clientInfo", ["name": "c", "version": "1"]),
      ], modern: false)
    #expect(try shaken.message()?["result"]?["capabilities"]?["resources"] == [:])
    for method in ["resources/subscribe", "resources/unsubscribe", "subscriptions/listen"] {
      let answer = try MCPStream(client, method, [("uri", "task://p/a")], modern: false)
      #expect(try answer.message()?.mcpError == -32601)
    }
    let odd = try MCPStream(client, "subscriptions/listen", [("notifications", 7)])
    #expect(try odd.message()?.mcpError == -32602)
    #expect(odd.status == 400)
    #expect(odd["Content-Type"] == "application/json")
  }

  @Test func `streams have a limit, and those that were closed count no more`() throws {
    var open: [MCPStream] = []
    for _ in 0..<256 {
      let stream = try MCPStream(client, listeningTo: ["tasks://p/all"])
      #expect(try stream.message()?["method"] == "notifications/subscriptions/acknowledged")
      open.append(stream)
    }
    let refused = try MCPStream(client, listeningTo: ["tasks://p/all"])
    let refusal = try refused.message()
    #expect(refused.status == 503)
    #expect(refused["Retry-After"] == "1")
    #expect(refusal?.mcpError == -32603)
    #expect(refusal?["error"]?["message"]?.stringValue?.contains("stream") == true)
    // Who asks for no stream is served.
    try call("task_create", ["title": "a"])
    for stream in open { #expect(try stream.change() == "tasks://p/all") }

    for _ in 0..<2 {
      open = []
      while open.count < 256 {
        let stream = try MCPStream(client, listeningTo: ["tasks://p/all"])
        if try stream.message()?["method"] == "notifications/subscriptions/acknowledged" {
          open.append(stream)
        }
      }
    }
  }

  @Test func `a reader that takes nothing holds up nobody, and misses nothing`() throws {
    let uris = (0..<1_000).map {
      "tasks://p/status/" + String(repeating: "a", count: 200) + "\($0)"
    }
    let slow = try MCPStream(client, listeningTo: uris, takesLittle: true)
    let quick = try MCPStream(client, listeningTo: ["tasks://p/all"])
    _ = try quick.message()
    #expect(try slow.message()?["method"] == "notifications/subscriptions/acknowledged")
    // Some 400 KB each time.
    for round in 0..<20 {
      try call("task_create", ["title": .string("\(round)")])
      #expect(try quick.change() == "tasks://p/all")
    }
    // Now it reads: each address was told of at least once behind the first change.
    var told: Set<String> = []
    while told.count < uris.count { told.insert(try #require(try slow.change())) }
    #expect(told == Set(uris))
  }

  @Test func `fifty clients at once hear of everything and are answered`() throws {
    let streams = try (0..<50).map {
      try MCPStream(client, listeningTo: ["tasks://p/all"], id: .string("\($0)"))
    }
    for stream in streams { _ = try stream.message() }
    let server = client
    let done = TestThread.gather(50) { number in
      (0..<4).filter { round in
        let agent = "a\(number)"
        let title = JSON.string("t\(number)-\(round)")
        return
          (try? MCPStream(server, tool: "task_create", ["title": title], agent: agent).message()?[
            "result"]) != nil
          && (try? MCPStream(server, tool: "task_claim", [:], agent: agent).message()?["result"])
            != nil
      }.count
    }
    #expect(done == Array(repeating: 4, count: 50))
    for (number, stream) in streams.enumerated() {
      let message = try #require(try stream.message())
      #expect(message.subscription == .string("\(number)"))
      #expect(message["params"]?["uri"] == "tasks://p/all")
    }
  }

  // MARK: Calls that wait

  @Test func `progress makes an answer a stream, and a refusal before it has its status`() throws {
    try call("orient", agent: "ann")
    let waiting = try MCPStream(
      client, tool: "task_claim", ["wait_ms": 30_000], meta: [("progressToken", 5)])
    let first = try #require(try waiting.message())
    #expect(waiting["Content-Type"] == "text/event-stream")
    let second = try #require(try waiting.message())
    for message in [first, second] {
      #expect(message["method"] == "notifications/progress")
      #expect(message["params"]?["progressToken"] == 5)
      #expect(message["params"]?["_meta"] == nil)
    }
    #expect(
      (first["params"]?["progress"]?.int64Value ?? 0)
        < (second["params"]?["progress"]?.int64Value ?? 0))
    try call("task_create", ["title": "a"])
    var last: JSON?
    while let message = try waiting.message() { last = message }
    #expect(last?["result"]?["structuredContent"]?["task"]?["title"] == "a")

    let refused = try MCPStream(
      client, tool: "no_such", ["wait_ms": 30_000], meta: [("progressToken", 5)])
    #expect(try refused.message()?.mcpError == -32602)
    #expect(refused.status == 400)
    let quick = try MCPStream(
      client, tool: "task_claim", ["wait_ms": 30_000, "agent": 7], meta: [("progressToken", 5)])
    #expect(try quick.message()?["result"]?["isError"] == true)
    #expect(quick["Content-Type"] == "application/json")
  }

  @Test func `who leaves while a call waits has cancelled it`() throws {
    try call("orient", agent: "ann")
    for isTold in [false, true] {
      var waiting: MCPStream? = try MCPStream(
        client, tool: "task_claim", ["wait_ms": 30_000], meta: isTold ? [("progressToken", 1)] : [])
      while health("waiting") != 1 {}
      if isTold { _ = try waiting?.message() }
      waiting = nil
      while health("waiting") != 0 {}
    }
    try call("task_create", ["title": "a"])
    #expect(try call("task_claim")["task"]?["title"] == "a")
  }

  @Test func `whenever a client leaves, it has its claim's answer or nobody has the claim`() throws
  {
    try call("orient", agent: "ann")
    let client = client
    for round in 0..<20 {
      let leaving = try MCPStream(client, tool: "task_claim", ["wait_ms": 30_000])
      if round % 2 == 0 { while health("waiting") != 1 {} }
      let connection = leaving.connection
      let made = TestThread.gather(2) { number -> JSON? in
        guard number == 0 else {
          connection.endSending()
          return nil
        }
        let stream = try? MCPStream(client, tool: "task_create", ["title": "a"], agent: "bob")
        return (try? stream?.message())?["result"]?["structuredContent"]?["id"]
      }
      let answer = try? leaving.message()
      let task = try #require(made[0])
      let early = answer?["result"]?["structuredContent"]
      let claim = try early?["fence"] == nil ? call("task_claim", ["wait_ms": 30_000]) : early
      #expect(claim?["task"]?["id"] == task)
      let agent = try #require(claim?["agent"])
      try call(
        "task_complete", ["task": task, "fence": claim?["fence"] ?? .null, "agent": agent])
    }
  }
}
