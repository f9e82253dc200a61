import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// GET of audit events, and of the change feed.
@Suite struct AuditListTests {
  let server: TestServer
  let clock = TestClock()
  var client: HTTPClient { server.client }
  let path = "/v1/projects/p/audit-events"

  init() throws {
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    // 1 project, 2 task a, 3 task b, 4 signal, 5 claim, 6 another project, 7 its task.
    client.post("/v1/projects/p/tasks", #"{"filename":"a"}"#)
    clock.advance(seconds: 1)
    client.post("/v1/projects/p/tasks", #"{"filename":"b"}"#)
    clock.advance(seconds: 1)
    client.post("/v1/projects/p/signals", #"{"SignalType":"plan_start","PlanFile":"a"}"#)
    clock.advance(seconds: 1)
    client.post("/v1/projects/p/signals/claim", #"{"claimed_by":"w"}"#)
    client.post("/v1/projects/q/tasks", #"{"filename":"a"}"#)
  }

  private func ids(_ query: String) -> [Int64] {
    client.get("\(path)\(query)").json?.arrayValue?.compactMap { $0["id"]?.int64Value } ?? []
  }

  @Test func `an event has all keys of the contract`() throws {
    let created = try #require(client.get("\(path)?kind=plan_created").json?.arrayValue?.last)
    #expect(
      created.objectValue?.members.map(\.key) == [
        "id", "kind", "timestamp", "project", "task_file", "instance_title", "agent_type",
        "wave_number", "task_number", "message", "detail", "level",
      ])
    #expect(created["kind"]?.stringValue == "plan_created")
    #expect(created["timestamp"]?.stringValue == "2027-01-15T08:00:00Z")
    #expect(created["project"]?.stringValue == "p")
    #expect(created["task_file"]?.stringValue == "a")
    #expect(created["message"]?.stringValue == "task a created")
    #expect(created["detail"]?.stringValue == "")
    #expect(created["level"]?.stringValue == "info")
    #expect(created["wave_number"]?.int64Value == 0)
  }

  @Test(arguments: [
    ("", [5, 4, 3, 2, 1]), ("?kind=plan_created", [3, 2]), ("?kind=task_created", [3, 2]),
    ("?kind=signal_created&kind=signal_claimed", [5, 4]), ("?kind=nonsense", []),
    ("?kind=project_created", [1]),
    ("?kind=plan_transition", []), ("?task=a", [5, 4, 2]), ("?task=a.md&task=b", [5, 4, 3, 2]),
    ("?task=none", []), ("?task=a&kind=plan_created", [2]), ("?limit=1", [5]),
    ("?limit=501", [5, 4, 3, 2, 1]),
    ("?instance=x", []), ("?task=a&limit=2", [5, 4]), ("?task=b&task=a&limit=2", [5, 4]),
    ("?after=2027-01-15T08:00:01Z", [5, 4]), ("?before=2027-01-15T08:00:01Z", [2, 1]),
    ("?after=2027-01-15T08:00:00.999999999Z", [5, 4, 3]),
    ("?before=2027-01-15T08:00:01.000000001Z", [3, 2, 1]),
    ("?after=2027-01-15T08:00:00Z&before=2027-01-15T08:00:02Z", [3]),
    ("?after=2030-01-01T00:00:00Z", []), ("?before=2000-01-01T00:00:00Z", []),
    ("?other=1", [5, 4, 3, 2, 1]),
  ])
  func `filters hold together, newest first`(query: String, expected: [Int64]) {
    #expect(ids(query) == expected)
  }

  @Test(arguments: ["0", "-1", "x", "", "1.5"])
  func `a limit that is no positive integer is refused`(limit: String) {
    let answer = client.get("\(path)?limit=\(limit)")
    #expect(answer.status == 400)
    #expect(answer.error == "limit must be a positive integer")
  }

  @Test func `a time that is none is refused`() {
    let answer = client.get("\(path)?after=x")
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("after: "))
  }

  @Test func `an unknown project has no history`() {
    #expect(client.get("/v1/projects/none/audit-events").text == "[]\n")
  }

  @Test func `pages of a long history follow each other`() throws {
    for _ in 0..<700 {
      try server.store.mutate("signal_create", [("project", "p"), ("signal_type", "plan_start")])
    }
    #expect(ids("").count == 100)
    #expect(ids("?limit=500").count == 500)
    #expect(ids("?limit=501").count == 500)
    #expect(ids("?kind=plan_created") == [3, 2])
    var seen: [Int64] = []
    var cursor: String?
    repeat {
      var fields: [(String, JSON)] = [
        ("project", "p"), ("limit", 90), ("kind", ["signal_created", "plan_created"]),
      ]
      if let cursor { fields.append(("cursor", .string(cursor))) }
      let page = try server.store.list("audit_list", fields)
      seen += page["events"]?.arrayValue?.compactMap { $0["id"]?.int64Value } ?? []
      cursor = page["next_cursor"]?.stringValue
    } while cursor != nil
    #expect(seen.count == 703)
    #expect(seen == seen.sorted().reversed())
  }

  @Test func `the change feed gives each event once and resumes`() throws {
    let first = client.get("/v1/events?limit=4").json
    #expect(first?["events"]?.arrayValue?.compactMap { $0["seq"]?.int64Value } == [1, 2, 3, 4])
    let created = first?["events"]?.arrayValue?[1]
    #expect(created?["type"]?.stringValue == "task_created")
    #expect(created?["filename"]?.stringValue == "a")
    #expect(created?["data"]?["message"]?.stringValue == "task a created")
    let cursor = try #require(first?["next_cursor"]?.stringValue)
    let second = client.get("/v1/events?after=\(cursor)").json
    #expect(second?["events"]?.arrayValue?.compactMap { $0["seq"]?.int64Value } == [5, 6, 7])
    let end = try #require(second?["next_cursor"]?.stringValue)
    let empty = client.get("/v1/events?after=\(end)").json
    #expect(empty?["events"]?.arrayValue?.isEmpty == true)
    #expect(empty?["next_cursor"]?.stringValue == end)
    client.post("/v1/projects/p/signals", #"{"SignalType":"plan_start"}"#)
    #expect(
      client.get("/v1/events?after=\(end)").json?["events"]?.arrayValue?[0]["seq"]?.int64Value == 8)
    let numbers = client.get("/v1/events?after=2&project=q").json?["events"]?.arrayValue
    #expect(numbers?.compactMap { $0["seq"]?.int64Value } == [6, 7])
    #expect(client.get("/v1/events?project=none").json?["events"]?.arrayValue?.isEmpty == true)
  }

  @Test(arguments: ["?after=x", "?after=-1", "?limit=0", "?limit=1001", "?afer=1", "?after=1.2.3"])
  func `a wrong question to the feed is refused`(query: String) {
    #expect(client.get("/v1/events\(query)").status == 400)
  }

  @Test func `a cursor from before a restore is refused`() {
    #expect(client.get("/v1/events?after=7.1").status == 409)
  }
}
