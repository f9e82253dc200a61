import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Leases of agents: one that falls silent loses what it holds, one that is heard of keeps it.
@Suite struct AgentLeaseTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    for agent in ["a", "b"] {
      try server.store.mutate("agent_connect", [("agent", .string(agent))])
    }
  }

  private func take(_ agent: String, _ path: String) -> JSON? {
    client.post("/v1/projects/p/locks", #"{"agent":"\#(agent)","paths":["\#(path)"]}"#).json
  }

  private var held: [String] {
    client.get("/v1/projects/p/locks").json?["locks"]?.arrayValue?
      .map { "\($0["path"]?.stringValue ?? ""):\($0["agent"]?.stringValue ?? "")" } ?? ["?"]
  }

  private var causes: [String] {
    client.get("/v1/projects/p/lock-events").json?["events"]?.arrayValue?
      .map { "\($0["cause"]?.stringValue ?? "") \($0["agent"]?.stringValue ?? "")" } ?? ["?"]
  }

  /// Lets lease time go on, with the agent heard of meanwhile.
  private func pass(seconds: Int64, alive agents: String...) throws {
    for _ in 0..<(seconds / 30) {
      clock.advance(seconds: 30)
      for agent in agents {
        try server.store.mutate("agent_heartbeat", [("agent", .string(agent))])
      }
      if agents.isEmpty { try server.store.database.write { _ = try $0.leaseTime } }
    }
  }

  @Test func `the files of a silent agent are freed when nobody calls`() throws {
    #expect(take("a", "x")?["acquired"] == true)
    #expect(take("a", "y")?["acquired"] == true)
    let waiting = Waiter(
      client, "/v1/projects/p/lock-updates", posting: #"{"since":\#(try last()),"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    try clock.endLeases(seconds: 900, in: server.store.database)
    let told = waiting.answer().json?["events"]?.arrayValue
    #expect(told?.map { $0["cause"] } == ["expired", "expired"])
    #expect(held == [])
    #expect(causes == ["taken a", "taken a", "expired a", "expired a"])
    // Who sweeps is no agent.
    let actor = try server.rows("SELECT actor FROM events WHERE type = 'locks_released'")
    #expect(actor == [[.text("holdfast")]])
  }

  private func last() throws -> Int64 {
    guard case .int(let last) = try server.rows("SELECT max(seq) FROM events")[0][0] else {
      return 0
    }
    return last
  }

  @Test func `an agent that is heard of keeps its files`() throws {
    #expect(take("a", "x")?["acquired"] == true)
    #expect(take("b", "y")?["acquired"] == true)
    try pass(seconds: 870, alive: "a")
    #expect(held == ["x:a", "y:b"])
    try pass(seconds: 60, alive: "a")
    #expect(eventually { held == ["x:a"] })
    try pass(seconds: 1800, alive: "a")
    #expect(held == ["x:a"])
  }

  @Test func `any call by the agent is a heartbeat`() throws {
    #expect(take("a", "x")?["acquired"] == true)
    for step in 0..<4 {
      try pass(seconds: 600)
      switch step {
      case 0: #expect(take("a", "x")?["acquired"] == true)
      case 1: #expect(client.post("/v1/projects/p/lock-updates", #"{"agent":"a"}"#).status == 200)
      case 2:
        #expect(
          client.delete("/v1/projects/p/locks", #"{"agent":"a","paths":["none"]}"#).status == 200)
      default: #expect(client.post("/v1/agents", #"{"agent":"a","force":true}"#).status == 201)
      }
      #expect(held == ["x:a"])
    }
  }

  /// Calls that only read, or are refused, each by the agent `a`.
  private static let calls: [(method: String, path: String, header: Bool)] = [
    ("GET", "/v1/projects/p/next?agent=a", false), ("GET", "/v1/projects/p/ready?agent=a", false),
    ("GET", "/v1/projects/p/tasks", true), ("GET", "/v1/projects/p/tasks/none", true),
    ("POST", "/v1/projects/p/tasks", true),
    // Nothing to give; somebody else's.
    ("POST", "/v1/projects/p/claims", false), ("POST", "/v1/projects/p/tasks/u/complete", false),
    ("POST", "/v1/projects/p/tasks/none/release", false),
  ]

  @Test(arguments: calls.indices)
  func `a call that writes nothing of it is a heartbeat, too`(place: Int) throws {
    let (method, path, hasHeader) = Self.calls[place]
    #expect(client.post("/v1/projects/p/tasks", #"{"title":"T","id":"t"}"#).status == 201)
    #expect(
      client.post("/v1/projects/p/tasks", #"{"title":"U","id":"u","assignee":"b"}"#).status == 201)
    for (agent, task) in [("a", "t"), ("b", "u")] {
      let body = #"{"agent":"\#(agent)","task":"\#(task)"}"#
      #expect(client.post("/v1/projects/p/claims", body).status == 200)
    }
    #expect(take("a", "x")?["acquired"] == true)
    #expect(take("b", "y")?["acquired"] == true)
    for _ in 0..<3 {
      try pass(seconds: 600)
      _ = client.send(
        method, path,
        body: method == "GET" ? nil : Array((hasHeader ? "{}" : #"{"agent":"a"}"#).utf8),
        headers: hasHeader ? [("X-Agent-ID", "a")] : [])
      try server.store.sweep()
    }
    #expect(held == ["x:a"])
    #expect(client.get("/v1/projects/p/tasks/t").json?["owner_agent"] == "a")
    #expect(client.get("/v1/projects/p/tasks/u").json?["owner_agent"] == nil)
    let agents = client.get("/v1/agents").json?["agents"]?.arrayValue ?? []
    let living = agents.filter { $0["lease_expires_at"] != nil }
    #expect(agents.count == 2 && living.map { $0["id"] } == ["a"])
  }

  @Test func `who asks about an agent is not that agent, and a header has to name one`() throws {
    #expect(take("a", "x")?["acquired"] == true)
    try pass(seconds: 870)
    #expect(client.get("/v1/projects/p/locks?agent=a").status == 200)
    #expect(client.get("/v1/projects/p/tasks?agent=a").status == 200)
    let long = String(repeating: "a", count: 65)
    let refused = client.get("/v1/projects/p/locks", headers: [("X-Agent-ID", long)])
    #expect(refused.status == 400 && refused.error.hasPrefix("X-Agent-ID: "))
    #expect(client.get("/v1/projects/p/locks", headers: [("X-Agent-ID", "nobody")]).status == 200)
    try pass(seconds: 60)
    try server.store.sweep()
    #expect(held == [])
  }

  @Test func `what was heard counts before it is written down`() throws {
    let backing = try TestStore { clock.install(in: &$0) }
    defer { withExtendedLifetime(backing) {} }
    let store = backing.store
    for agent in ["a", "b"] { try store.mutate("agent_connect", [("agent", .string(agent))]) }
    try store.mutate("task_create", [("project", "p"), ("title", "T"), ("id", "t")])
    try store.mutate("task_claim", [("project", "p"), ("agent", "a"), ("task", "t")])
    func take(_ agent: String) throws -> JSON {
      try store.mutate(
        "lock_take", [("project", "p"), ("agent", .string(agent)), ("paths", ["x"])])
    }
    #expect(try take("a")["acquired"] == true)
    try clock.endLeases(seconds: 870, in: store.database)
    _ = try store.list("task_next", [("project", "p"), ("agent", "a")])
    try clock.endLeases(seconds: 300, in: store.database)
    // Nobody has swept: the others look for themselves.
    #expect(try take("b")["locked_by"] == "a")
    #expect(throws: HoldfastError.self) {
      try store.mutate("task_claim", [("project", "p"), ("agent", "b"), ("task", "t")])
    }
    #expect(try store.mutate("task_claim", [("project", "p"), ("agent", "b")]) == .null)
    #expect(try store.list("task_get", [("project", "p"), ("task", "t")])["owner_agent"] == "a")
    try clock.endLeases(seconds: 900, in: store.database)
    #expect(try take("b")["acquired"] == true)
    #expect(
      try store.mutate("task_claim", [("project", "p"), ("agent", "b")])["task"]?["id"] == "t")
    #expect(try Verify().run(on: store).problems == [])
  }

  @Test func `a list says when an agent was heard of last, also where that is not written down`()
    throws
  {
    func last() -> JSON? {
      client.get("/v1/agents").json?["agents"]?.arrayValue?
        .first { $0["id"] == "a" }?["last_heartbeat"]
    }
    let first = last()
    clock.advance(seconds: 10)
    #expect(client.get("/v1/projects/p/ready?agent=a").status == 200)
    let second = last()
    #expect(second != first)
    try server.store.sweep()
    #expect(last() == second)
    clock.advance(seconds: 10)
    #expect(last() == second)
  }

  @Test func `a jump of the clock frees nothing`() throws {
    #expect(take("a", "x")?["acquired"] == true)
    for seconds: Int64 in [86_400, -172_800, 3600] {
      clock.advance(seconds: seconds)
      try server.store.mutate("sweep", [])
      #expect(held == ["x:a"])
    }
  }

  @Test func `a file whose lease has ended goes to who asks for it, even before it is swept`()
    throws
  {
    let backing = try TestStore { clock.install(in: &$0) }
    defer { withExtendedLifetime(backing) {} }
    let store = backing.store
    for agent in ["a", "b"] { try store.mutate("agent_connect", [("agent", .string(agent))]) }
    func take(_ agent: String) throws -> JSON {
      try store.mutate(
        "lock_take", [("project", "p"), ("agent", .string(agent)), ("paths", ["x"])])
    }
    let first = try take("a")
    try clock.endLeases(seconds: 900, in: store.database)
    // Nobody has taken it, so its holder may go on.
    let fence = { (answer: JSON) in answer["locks"]?.arrayValue?.first?["fence"] }
    #expect(try fence(take("a")) == fence(first))
    #expect(try take("b")["acquired"] == false)
    try clock.endLeases(seconds: 900, in: store.database)
    #expect(try take("b")["acquired"] == true)
    let events = try store.list("lock_event_list", [("project", "p")])["events"]?.arrayValue
    #expect(events?.map { $0["cause"] } == ["taken", "expired", "taken"])
    // The late call of the old holder.
    #expect(try take("a")["locked_by"] == "b")
    let late = try store.mutate(
      "lock_release", [("project", "p"), ("agent", "a"), ("paths", ["x"])])
    #expect(late["success"] == false)
  }

  @Test func `more files than one step ends are all freed`() throws {
    let backing = try TestStore { clock.install(in: &$0) }
    defer { withExtendedLifetime(backing) {} }
    let store = backing.store
    try store.mutate("agent_connect", [("agent", "a")])
    let files = JSON.array((0..<2500).map { .string("f\($0)") })
    try store.mutate("lock_take", [("project", "p"), ("agent", "a"), ("paths", files)])
    #expect(try store.mutate("sweep", []) == ["count": 0])
    try clock.endLeases(seconds: 900, in: store.database)
    #expect(try store.mutate("sweep", []) == ["count": 1000, "more": true])
    try store.sweep()
    #expect(try store.list("lock_list", [("project", "p")])["locks"] == [])
    #expect(try store.mutate("sweep", []) == ["count": 0])
    // It holds nothing, and is an agent as before.
    #expect(try store.mutate("agent_heartbeat", [("agent", "a")])["lease_expires_at"] != nil)
    #expect(try Verify().run(on: store).problems == [])
  }

  @Test func `the lease is as long as the store is told`() throws {
    var settings = StoreSettings()
    settings.agentLeaseSeconds = 60
    let backing = try TestStore(settings: settings) { clock.install(in: &$0) }
    defer { withExtendedLifetime(backing) {} }
    let store = backing.store
    try store.mutate("agent_connect", [("agent", "a")])
    try store.mutate("lock_take", [("project", "p"), ("agent", "a"), ("paths", ["x"])])
    clock.advance(seconds: 30)
    try store.sweep()
    #expect(try store.list("lock_list", [("project", "p")])["locks"]?.arrayValue?.count == 1)
    try clock.endLeases(seconds: 60, in: store.database)
    try store.sweep()
    #expect(try store.list("lock_list", [("project", "p")])["locks"] == [])
  }
}
