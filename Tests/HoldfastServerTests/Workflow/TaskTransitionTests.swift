import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

@Suite struct TaskTransitionTests {
  let server: TestServer

  init() throws { server = try TestServer() }

  private func send(_ event: String, to task: String = "t") -> HTTPClient.Answer {
    server.client.post(
      "/v1/projects/p/tasks/\(task)/transition", #"{"event": "\#(event)"}"#)
  }

  private static let signals: SQL = """
    SELECT plan_file, type, payload, status, task IS NOT NULL FROM signals ORDER BY id
    """

  @Test func `a task walks from draft to done`() throws {
    server.task("t", ##""content": "# Plan""##)
    let way = [
      ("plan_start", "planning", "planning_at"), ("planner_finished", "ready", ""),
      ("implement_start", "implementing", "implementing_at"),
      ("implement_finished", "reviewing", "reviewing_at"),
      ("review_approved", "verifying", "verifying_at"), ("verify_approved", "done", "done_at"),
    ]
    for (event, status, time) in way {
      let answer = send(event)
      #expect(answer.status == 200)
      #expect(answer["Content-Type"] == "application/json")
      #expect(answer.json?["status"]?.stringValue == status)
      #expect(answer.json?["content"]?.stringValue == "# Plan")
      #expect(answer.body == server.client.get("/v1/projects/p/tasks/t").body)
      if !time.isEmpty {
        #expect(answer.json?[time]?.stringValue != "0001-01-01T00:00:00Z")
      }
    }
    let signals = try server.rows(Self.signals)
    #expect(
      signals
        == way.map {
          [
            .text("t"), .text($0.0), .text(#"{"fsm_applied":true}"#), .text("pending"), .int(1),
          ]
        })
  }

  @Test func `status, phase, times, block, history and signal are one event`() throws {
    server.task("t")
    _ = server.client.put("/v1/projects/p/tasks/t/blocked", #"{"reason": "r"}"#)
    let before = try server.rows("SELECT count(*) FROM events")
    #expect(send("plan_start").json?["blocked_reason"] == nil)
    let after = try server.rows("SELECT count(*) FROM events")
    #expect(before == [[.int(2 + 1)]] && after == [[.int(2 + 2)]])
    let data = try server.rows("SELECT type, data FROM events ORDER BY seq DESC LIMIT 1")
    #expect(data[0][0] == .text("task_transition"))
    guard case .text(let text) = data[0][1] else { return }
    #expect(text.contains(#"["tasks","#) && text.contains(#"["signals","#))
    #expect(text.contains("t: ready → planning"))
  }

  @Test func `a planned task is ready with the phase planned`() {
    server.task("t", #""content": "text", "status": "planning""#)
    let answer = send("planner_finished")
    #expect(answer.json?["execution_state"]?["execution_phase"]?.stringValue == "planned")
  }

  @Test func `restarted planning stamps the latest entry`() {
    server.task("t", #""planning_at": "2026-01-02T03:04:05Z", "status": "planning""#)
    let answer = send("plan_start")
    #expect(answer.json?["status"]?.stringValue == "planning")
    #expect(answer.json?["planning_at"]?.stringValue != "2026-01-02T03:04:05Z")
  }

  @Test func `an illegal event changes nothing`() throws {
    server.task("t")
    let before = server.entry("t")
    let answer = send("implement_finished")
    #expect(answer.status == 409)
    #expect(
      answer.error == #"invalid transition: "ready" + "implement_finished""#
        + "; possible now: plan_start, mark_done, cancel")
    #expect(server.entry("t") == before)
    #expect(try server.rows(Self.signals).isEmpty)
  }

  @Test func `a draft cannot be implemented`() {
    server.task("t")
    let answer = send("implement_start")
    #expect(answer.status == 409)
    #expect(answer.error.hasPrefix("task is not yet planned: run plan_start first"))
  }

  @Test(arguments: ["", #""content": " \n\t ""#])
  func `planning does not finish without a plan`(content: String) throws {
    server.task("t", content)
    _ = send("plan_start")
    let answer = send("planner_finished")
    #expect(answer.status == 409)
    #expect(answer.error.contains("content is empty"))
    #expect(server.entry("t")?["status"]?.stringValue == "planning")
    #expect(try server.rows(Self.signals).count == 1)
  }

  @Test func `planning does not finish with a plan that cannot be read`() {
    server.task(
      "t",
      ###""status": "planning", "content": "## Wave 1\n### Task 1: a\n### Task 1: b\n""###)
    let answer = send("planner_finished")
    #expect(answer.status == 400)
    #expect(answer.error == "duplicate task numbers in the document: 1")
  }

  @Test func `finished planning takes goal and subtasks from the plan`() throws {
    let plan = #"**Goal:** new\n## Wave 1\n### Task 2: b\n### Task 1: a\n"#
    server.task(
      "t",
      #""status": "planning", "goal": "old", "content": "\#(plan)""#)
    #expect(send("planner_finished").json?["goal"]?.stringValue == "new")
    #expect(
      try server.rows("SELECT number, title, status FROM subtasks ORDER BY number") == [
        [.int(1), .text("a"), .text("pending")], [.int(2), .text("b"), .text("pending")],
      ])
  }

  @Test func `an approved review is done where nothing verifies it`() throws {
    var settings = StoreSettings()
    settings.verifiesAfterReview = false
    let server = try TestServer(settings: settings)
    server.task("t", #""status": "reviewing""#)
    let answer = server.client.post(
      "/v1/projects/p/tasks/t/transition", #"{"event": "review_approved"}"#)
    #expect(answer.json?["status"]?.stringValue == "done")
    let unset = JSON.string("0001-01-01T00:00:00Z")
    #expect(answer.json?["verifying_at"] != unset && answer.json?["done_at"] != unset)
    #expect(try server.rows("SELECT type FROM signals") == [[.text("review_approved")]])
  }

  @Test func `requested changes do not raise the review cycle`() throws {
    server.task("t", #""status": "reviewing""#)
    let answer = send(" review-changes-requested ")
    #expect(answer.json?["status"]?.stringValue == "implementing")
    #expect(answer.json?["review_cycle"] == nil)
    #expect(try server.rows("SELECT type FROM signals") == [[.text("review_changes_requested")]])
  }

  @Test(arguments: [
    ("ready", "mark_done", "done"), ("ready", "cancel", "cancelled"),
    ("done", "start_over", "planning"), ("done", "reimplement", "implementing"),
    ("done", "request_review", "reviewing"), ("done", "verification_stale", "verifying"),
    ("cancelled", "reopen", "planning"),
  ])
  func `events without a signal`(from: String, event: String, to: String) throws {
    server.task("t", #""status": "\#(from)""#)
    #expect(send(event).json?["status"]?.stringValue == to)
    #expect(try server.rows(Self.signals).isEmpty)
  }
  @Test func `unknown events and bodies that are none`() {
    server.task("t")
    let path = "/v1/projects/p/tasks/t/transition"
    #expect(
      send("implement_finishd").error.hasPrefix("unknown event: implement_finishd; events: plan_"))
    #expect(
      send("implement-finishd").error.hasSuffix("; did you mean \"implement_finished\"?"))
    #expect(!send("explode").error.contains("did you mean"))
    #expect(send("explode").status == 400)
    #expect(server.client.post(path, "{}").error.hasPrefix("unknown event: ;"))
    for body in ["", "[", "[]", "7", #"{"event": 7}"#, "null \u{0}"] {
      let answer = server.client.post(path, body)
      #expect(answer.status == 400, "\(body)")
      if body != "null \u{0}" {
        #expect(answer.error.hasPrefix("invalid request body"), "\(body): \(answer.error)")
      }
    }
    #expect(server.client.post(path, #"{"x": 1, "EVENT": "plan_start"} trailing"#).status == 200)
  }

  @Test func `a task that is not there`() {
    let answer = send("plan_start", to: "missing.md")
    #expect(answer.status == 404)
    #expect(answer.error == "task not found: missing")
    #expect(server.client.get("/v1/projects/p/topics").body == Array("[]\n".utf8))
  }

  @Test func `a revision that is gone is refused`() {
    let revision = server.task("t")["ETag"] ?? ""
    let path = "/v1/projects/p/tasks/t/transition"
    let first = server.client.post(
      path, #"{"event": "plan_start"}"#, headers: [("If-Match", revision)])
    #expect(first.status == 200 && first["ETag"] != revision)
    let second = server.client.post(
      path, #"{"event": "cancel"}"#, headers: [("If-Match", revision)])
    #expect(second.status == 412)
    #expect(server.entry("t")?["status"]?.stringValue == "planning")
  }

  @Test func `an idempotent repeat moves once and signals once`() throws {
    server.task("t")
    let headers = [("Idempotency-Key", "k")]
    let path = "/v1/projects/p/tasks/t/transition"
    let first = server.client.post(path, #"{"event": "plan_start"}"#, headers: headers)
    let second = server.client.post(path, #"{"event": "plan_start"}"#, headers: headers)
    #expect(first.status == 200 && second.status == 200 && first.body == second.body)
    #expect(try server.rows(Self.signals).count == 1)
  }

  @Test func `names with spaces, slashes, pluses and two forms of an accent`() {
    for (name, path) in [
      ("a b", "a%20b"), ("a/b", "a%2Fb"), ("a+b", "a+b"), ("\u{e9}", "%C3%A9"),
      ("e\u{301}", "e%CC%81"), ("100%", "100%25"),
    ] {
      server.task(name)
      #expect(send("plan_start", to: path).json?["filename"] == .string(name))
    }
  }
}
