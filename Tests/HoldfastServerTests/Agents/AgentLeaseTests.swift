import HoldfastDatabase
import HoldfastJSON
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
    clock.advance(seconds: 30)
    try store.sweep()
    #expect(try store.list("lock_list", [("project", "p")])["locks"] == [])
  }
}
