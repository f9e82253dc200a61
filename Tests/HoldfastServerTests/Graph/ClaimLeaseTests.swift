import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Leases of claims: a task comes back when its holder falls silent, and waiting claims get it.
@Suite struct ClaimLeaseTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"
  private let claims = "/v1/projects/p/claims"

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    for agent in ["a", "b"] {
      try server.store.mutate("agent_connect", [("agent", .string(agent))])
    }
  }

  private func create() -> String {
    client.post(tasks, #"{"title":"t"}"#).json?["id"]?.stringValue ?? "?"
  }

  private func get(_ task: String) -> JSON? { client.get("\(tasks)/\(task)").json }

  @Test func `a claim ends when nobody calls, and the late holder is refused`() throws {
    let task = create()
    let first = client.post(claims, #"{"agent":"a","lease_seconds":60}"#)
    #expect(first.status == 200)
    try clock.endLeases(seconds: 60, in: server.store.database)
    #expect(eventually { get(task)?["status"] == "pending" })
    #expect(get(task)?["reason"] == "lease expired")
    let late = client.post("\(tasks)/\(task)/complete", #"{"agent":"a"}"#)
    #expect(late.json?["code"] == "not_owner")
    #expect(client.post(claims, #"{"agent":"b"}"#).status == 200)
    let fence = first.json?["fence"]?.int64Value ?? 0
    #expect(
      client.post("\(tasks)/\(task)/complete", #"{"agent":"a","fence":\#(fence)}"#).status == 403)
    #expect(client.post("\(tasks)/\(task)/complete", #"{"agent":"b"}"#).status == 200)
  }

  @Test func `a heartbeat keeps a claim`() throws {
    let task = create()
    #expect(client.post(claims, #"{"agent":"a","lease_seconds":60}"#).status == 200)
    for _ in 0..<10 {
      clock.advance(seconds: 25)
      #expect(client.post("\(tasks)/\(task)/heartbeat", #"{"agent":"a"}"#).status == 200)
      #expect(client.post("/v1/operations/sweep", "{}").status == 200)
    }
    #expect(get(task)?["owner_agent"] == "a")
    for _ in 0..<10 {
      clock.advance(seconds: 25)
      #expect(client.post("/v1/agents/a/heartbeat", "").status == 200)
      #expect(client.post("/v1/operations/sweep", "{}").status == 200)
    }
    #expect(get(task)?["owner_agent"] == "a")
    #expect(client.post("\(tasks)/\(task)/heartbeat", #"{"agent":"b"}"#).status == 403)
  }

  @Test func `a task with another agent's ended lease can be claimed by its name`() throws {
    let task = create()
    #expect(client.post(claims, #"{"agent":"a","lease_seconds":10}"#).status == 200)
    clock.advance(seconds: 20)
    let answer = client.post(claims, #"{"agent":"b","task":"\#(task)"}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json?["task"]?["owner_agent"] == "b")
  }

  @Test func `a waiting claim gets the task that a commit makes ready`() throws {
    let blocker = create()
    let waiting = client.post(tasks, #"{"title":"w","blocked_by":["\#(blocker)"]}"#)
      .json?["id"]?.stringValue
    #expect(client.post(claims, #"{"agent":"a"}"#).status == 200)
    let waiter = Waiter(client, claims, posting: #"{"agent":"b","wait_ms":30000}"#)
    #expect(eventually { server.store.database.health.parked == 1 })
    let done = client.post("\(tasks)/\(blocker)/complete", #"{"agent":"a"}"#)
    #expect(done.json?["unblocked"] == .array([.string(waiting ?? "?")]))
    #expect(waiter.answer().json?["task"]?["id"]?.stringValue == waiting)
  }

  @Test func `a waiting claim gets a new task, a released one and one whose lease ended`() throws {
    for cause in 0..<3 {
      let held = create()
      #expect(client.post(claims, #"{"agent":"a","lease_seconds":60}"#).status == 200)
      let waiter = Waiter(client, claims, posting: #"{"agent":"b","wait_ms":30000}"#)
      #expect(eventually { server.store.database.health.parked == 1 })
      var expected = held
      switch cause {
      case 0: expected = create()
      case 1: #expect(client.post("\(tasks)/\(held)/release", #"{"agent":"a"}"#).status == 200)
      default: try clock.endLeases(seconds: 60, in: server.store.database)
      }
      #expect(waiter.answer().json?["task"]?["id"]?.stringValue == expected)
      for task in Set([held, expected]) {
        #expect(client.post("\(tasks)/\(task)/complete", "{}").status == 200)
      }
    }
  }

  @Test func `a task that was put off is ready when its time has come`() throws {
    let now = try server.store.database.read { $0.now }
    let soon = now / 1_000_000_000 + 100
    let answer = client.post(
      tasks, #"{"title":"t","defer_until":"\#(Timestamp(nanoseconds: soon * 1_000_000_000))"}"#)
    #expect(answer.status == 201)
    #expect(client.post(claims, #"{"agent":"a"}"#).status == 204)
    clock.advance(seconds: 101)
    let claimed = client.post(claims, #"{"agent":"a"}"#)
    #expect(claimed.json?["task"]?["id"] == answer.json?["id"])
  }
}
