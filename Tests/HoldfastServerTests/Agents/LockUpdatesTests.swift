import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// What happens to locked files, as those hear it who follow them.
@Suite struct LockUpdatesTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/lock-updates"

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    for agent in ["a", "b"] { try connect(agent) }
  }

  private func connect(_ agent: String) throws {
    try server.store.mutate("agent_connect", [("agent", .string(agent))])
  }

  private func take(_ agent: String, _ paths: String...) throws {
    try server.store.mutate(
      "lock_take",
      [
        ("project", "p"), ("agent", .string(agent)), ("paths", .array(paths.map { .string($0) })),
      ])
  }

  private func release(_ agent: String, _ paths: String...) throws {
    try server.store.mutate(
      "lock_release",
      [
        ("project", "p"), ("agent", .string(agent)), ("paths", .array(paths.map { .string($0) })),
      ])
  }

  private func words(_ answer: JSON?) -> [String] {
    answer?["events"]?.arrayValue?.map { event in
      let text = { event[$0]?.stringValue ?? "" }
      return "\(text("event")) \(text("agent")) \(text("path"))"
    } ?? ["?"]
  }

  private func poll(_ body: String) -> [String] { words(client.post(path, body).json) }

  @Test func `an agent hears once of what happens, its own doings included`() throws {
    #expect(poll(#"{"agent":"b"}"#) == [])
    try take("a", "x")
    try take("b", "y")
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a x", "claimed b y"])
    #expect(poll(#"{"agent":"b"}"#) == [])
    try release("a", "x")
    #expect(poll(#"{"agent":"b"}"#) == ["released a x"])
    #expect(poll(#"{"agent":"a"}"#) == ["claimed a x", "claimed b y", "released a x"])
  }

  @Test func `a lock that was taken and given back between two polls shows in both`() throws {
    try take("a", "x")
    try release("a", "x")
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a x", "released a x"])
  }

  @Test func `a late joiner hears of later events alone, and of the release of what was held`()
    throws
  {
    try take("a", "x", "y")
    try release("a", "y")
    try connect("late")
    #expect(poll(#"{"agent":"late"}"#) == [])
    try take("b", "z")
    try release("a", "x")
    #expect(poll(#"{"agent":"late"}"#) == ["claimed b z", "released a x"])
  }

  @Test func `a filtered poll loses nothing and repeats nothing`() throws {
    try take("a", "x", "y")
    #expect(poll(#"{"agent":"b","files":["x"]}"#) == ["claimed a x"])
    #expect(poll(#"{"agent":"b","files":["y","./z"]}"#) == ["claimed a y"])
    try take("a", "z")
    #expect(poll(#"{"agent":"b","files":["x"]}"#) == [])
    // The same files in another order and form are the same filter.
    #expect(poll(#"{"agent":"b","files":["z","k/../y"]}"#) == ["claimed a z"])
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a x", "claimed a y", "claimed a z"])
    try release("a", "x")
    #expect(poll(#"{"agent":"b","files":["x"]}"#) == ["released a x"])
    #expect(poll(#"{"agent":"b","files":["y","z"]}"#) == [])
  }

  @Test func `with since the reader keeps its place, and a lost answer loses nothing`() throws {
    try take("a", "x")
    let first = try #require(client.post(path, #"{"agent":"b","since":0}"#).json)
    #expect(words(first) == ["claimed a x"])
    // The answer was lost; it is asked for again.
    #expect(poll(#"{"agent":"b","since":0}"#) == ["claimed a x"])
    let sequence = try #require(first["sequence"]?.int64Value)
    try release("a", "x")
    #expect(poll(#"{"since":\#(sequence)}"#) == ["released a x"])
    #expect(poll(#"{"since":"\#(first["next_cursor"]?.stringValue ?? "")"}"#) == ["released a x"])
    // By sending it the agent has said how far it is.
    #expect(poll(#"{"agent":"b","since":\#(sequence)}"#) == ["released a x"])
    #expect(poll(#"{"agent":"b"}"#) == ["released a x"])
    #expect(poll(#"{"agent":"b"}"#) == [])
  }

  @Test func `events say what happened, and anybody may list them`() throws {
    let taken = client.post(
      "/v1/projects/p/locks", #"{"agent":"a","paths":["x"],"reason":"why"}"#)
    let events = try #require(client.get("/v1/projects/p/lock-events").json)
    let event = try #require(events["events"]?.arrayValue?.first)
    #expect(event["seq"] == taken.json?["locks"]?.arrayValue?.first?["fence"])
    #expect(event["event"] == "claimed" && event["cause"] == "taken" && event["reason"] == "why")
    #expect(event["at"] == "2027-01-15T08:00:00Z")
    let cursor = try #require(events["next_cursor"]?.stringValue)
    try release("a", "x")
    let later = client.get("/v1/projects/p/lock-events?after=\(cursor)").json
    #expect(words(later) == ["released a x"])
    #expect(words(client.get("/v1/projects/p/lock-events?files=y").json) == [])
  }

  @Test func `a page ends behind all that one call did`() throws {
    try take("a", "x1", "x2", "x3")
    try take("b", "y1", "y2")
    try release("a", "x1")
    let first = client.post(path, #"{"agent":"b","limit":2}"#).json
    #expect(words(first).count == 3)
    #expect(first?["has_more"] == true)
    let second = client.post(path, #"{"agent":"b","limit":2}"#).json
    #expect(words(second) == ["claimed b y1", "claimed b y2"])
    #expect(second?["has_more"] == true)
    let third = client.post(path, #"{"agent":"b","limit":2}"#).json
    #expect(words(third) == ["released a x1"])
    #expect(third?["has_more"] == false)
  }

  @Test func `who waits is woken by the lock that it follows`() throws {
    try connect("c")
    let all = Waiter(client, path, posting: #"{"agent":"b","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    let filtered = Waiter(client, path, posting: #"{"agent":"c","files":["y"],"wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 2 })
    try take("a", "x")
    #expect(words(all.answer().json) == ["claimed a x"])
    #expect(eventually { server.store.database.health.parked == 1 })
    try take("a", "y")
    #expect(words(filtered.answer().json) == ["claimed a y"])
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a y"])
  }

  @Test func `who waits under another name of the project is woken`() throws {
    try take("a", "x")
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a x"])
    let waiting = Waiter(
      client, "/v1/projects/q/lock-updates", posting: #"{"agent":"b","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    #expect(client.post("/v1/projects/p/aliases", #"{"alias":"q"}"#).status == 200)
    try release("a", "x")
    #expect(words(waiting.answer().json) == ["released a x"])
  }

  @Test func `a wait ends with nothing, a poll with an empty list`() {
    #expect(client.post(path, #"{"agent":"b","wait_ms":1}"#).status == 204)
    let poll = client.post(path, #"{"agent":"b"}"#)
    #expect(poll.status == 200)
    #expect(poll.json?["events"] == [])
    #expect(client.post("/v1/projects/none/lock-updates", #"{"agent":"b"}"#).status == 200)
  }

  @Test(arguments: [
    ("{}", 400, "agent is required without since"),
    (#"{"agent":"nobody"}"#, 404, #"Agent not found: "nobody"; connect it first"#),
    (#"{"agent":"a","since":-1}"#, 400, "since must be an event's number or a next_cursor"),
    (#"{"agent":"a","since":"x"}"#, 400, "since must be an event's number or a next_cursor"),
    (
      #"{"agent":"a","file":["x"]}"#, 400,
      #"lock_updates has no field "file"; did you mean "files"?"#
    ),
    (
      #"{"agent":"a","files":["/x"]}"#, 400,
      #"the path "/x" must be relative to the root of the project"#
    ),
  ])
  func `a wrong poll is refused`(body: String, status: Int, error: String) {
    let answer = client.post(path, body)
    #expect(answer.status == status)
    #expect(answer.error == error)
  }

  @Test func `a place that no store has given out is reset, with the present locks`() throws {
    try take("a", "x")
    let reset = client.post(path, #"{"agent":"b","since":1000000}"#)
    #expect(reset.status == 410)
    #expect(reset.json?["code"] == "reset")
    let locks = reset.json?["locks"]?.arrayValue
    #expect(locks?.map { $0["path"] } == ["x"])
    #expect(locks?.first?["agent"] == "a")
    let sequence = try #require(reset.json?["sequence"]?.int64Value)
    try release("a", "x")
    #expect(poll(#"{"agent":"b","since":\#(sequence)}"#) == ["released a x"])
    #expect(client.post(path, #"{"since":"7.1"}"#).status == 410)
    #expect(client.get("/v1/projects/p/lock-events?after=7.1").status == 410)
  }

  /// As a server that runs on: a day and more goes by, and the lease clock with it, as far as one
  /// look takes it.
  private func letADayPass() throws {
    clock.advance(seconds: 90_000)
    try server.store.mutate("sweep", [])
  }

  @Test func `what nobody alive has yet to read is forgotten after a day`() throws {
    try take("a", "x")
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a x"])
    try take("a", "y")
    try server.store.mutate("sweep", [])
    #expect(words(client.get("/v1/projects/p/lock-events").json).count == 2)
    try letADayPass()
    // The agent is alive and has not read on, so what comes behind its place is there.
    #expect(eventually { words(client.get("/v1/projects/p/lock-events?after=4").json).count <= 2 })
    #expect(poll(#"{"agent":"b"}"#) == ["claimed a y"])
    try letADayPass()
    #expect(eventually { client.get("/v1/projects/p/lock-events").status == 410 })
    let reset = client.post(path, #"{"since":0}"#)
    #expect(reset.status == 410)
    #expect(reset.json?["locks"]?.arrayValue?.count == 2)
    // Who has read it all goes on.
    #expect(poll(#"{"agent":"b"}"#) == [])
    try release("a", "x")
    #expect(poll(#"{"agent":"b"}"#) == ["released a x"])
  }

  @Test func `an agent that fell behind is reset and goes on from there`() throws {
    try connect("slow")
    try take("a", "x")
    #expect(poll(#"{"agent":"slow","files":["x"]}"#) == ["claimed a x"])
    try release("a", "x")
    try take("a", "x")
    // Its lease ends, so nobody waits for it any more.
    try clock.endLeases(seconds: 900, in: server.store.database)
    try server.store.mutate("agent_heartbeat", [("agent", "a")])
    try server.store.mutate("agent_heartbeat", [("agent", "b")])
    try server.store.mutate("sweep", [])
    try letADayPass()
    #expect(eventually { client.get("/v1/projects/p/lock-events").status == 410 })
    let reset = client.post(path, #"{"agent":"slow","files":["x"]}"#)
    #expect(reset.status == 410)
    let sequence = try #require(reset.json?["sequence"]?.int64Value)
    #expect(poll(#"{"agent":"slow","files":["x"],"since":\#(sequence)}"#) == [])
    try release("a", "x")
    #expect(poll(#"{"agent":"slow","files":["x"]}"#) == ["released a x"])
  }
}
