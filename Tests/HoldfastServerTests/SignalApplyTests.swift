import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// What a signal says is done, and its end recorded, in one step.
@Suite struct SignalApplyTests {
  let server: TestServer

  init() throws { server = try TestServer() }

  private func emit(_ type: String, _ payload: String = "", plan: String = "t") {
    let body: JSON = [
      "signal_type": .string(type), "payload": .string(payload), "plan_file": .string(plan),
    ]
    #expect(server.client.post("/v1/projects/p/signals", body.renderedText()).status == 201)
  }

  private func apply(_ more: String = "") -> HTTPClient.Answer {
    server.client.post("/v1/operations/signal_apply", #"{"project": "p"\#(more)}"#)
  }

  private func ends(_ status: String, _ result: String? = nil) {
    let answer = apply()
    #expect(answer.status == 200)
    #expect(answer.json?["status"]?.stringValue == status)
    #expect(answer.json?["result"]?.stringValue == result)
  }

  private func signals() throws -> Int {
    try server.rows("SELECT id FROM signals").count
  }

  @Test func `without a signal there is nothing`() {
    #expect(apply().status == 204)
    server.task("t")
    #expect(apply(#", "wait_ms": 0"#).status == 204)
  }

  @Test func `a signal moves its task and emits no other one`() throws {
    server.task("t", ##""content": "# Plan""##)
    emit("plan_start")
    let answer = apply(#", "claimed_by": "w""#)
    #expect(answer.json?["status"]?.stringValue == "done")
    #expect(answer.json?["claimed_by"]?.stringValue == "w")
    #expect(answer.json?["attempts"]?.int64Value == 1)
    #expect(answer.json?["claim_token"] == nil && answer.json?["lease_until"] == nil)
    #expect(server.entry("t")?["status"]?.stringValue == "planning")
    #expect(try signals() == 1)
    emit("planner_finished")
    ends("done")
    let state = server.entry("t")?["execution_state"]
    #expect(state?["execution_phase"]?.stringValue == "planned")
    #expect(try signals() == 2)
  }

  @Test func `signals are applied in the order in which they were made`() {
    server.task("t", #""content": "x""#)
    for type in ["plan_start", "planner_finished", "implement_start", "implement_finished"] {
      emit(type)
    }
    for _ in 0..<4 { ends("done") }
    #expect(server.entry("t")?["status"]?.stringValue == "reviewing")
    #expect(apply().status == 204)
  }

  @Test func `the signal of a transition that happened moves nothing`() {
    server.task("t")
    server.client.post("/v1/projects/p/tasks/t/transition", #"{"event": "plan_start"}"#)
    ends("done")
    #expect(server.entry("t")?["status"]?.stringValue == "planning")
    #expect(apply().status == 204)
  }

  @Test(arguments: [("", false), (#", "fsm_applied": true"#, true)])
  func `a request for changes raises the review cycle`(applied: String, isApplied: Bool) throws {
    server.task("t", #""status": "reviewing", "review_cycle": 2"#)
    emit("review_changes", #"{"body": "more tests"\#(applied)}"#)
    ends("done")
    let entry = server.entry("t")
    #expect(entry?["status"]?.stringValue == (isApplied ? "reviewing" : "implementing"))
    #expect(entry?["review_cycle"]?.int64Value == 3)
    #expect(entry?["latest_review_feedback"]?.stringValue == "more tests")
    #expect(try signals() == 1)
  }

  @Test func `a transition and its signal raise the review cycle once`() {
    server.task("t", #""status": "reviewing", "latest_review_feedback": "old""#)
    server.client.post("/v1/projects/p/tasks/t/transition", #"{"event": "review_changes"}"#)
    #expect(server.entry("t")?["review_cycle"] == nil)
    ends("done")
    #expect(server.entry("t")?["review_cycle"]?.int64Value == 1)
    #expect(server.entry("t")?["latest_review_feedback"]?.stringValue == "old")
  }

  @Test func `a finished subtask is done`() {
    server.task("t")
    server.client.put(
      "/v1/projects/p/tasks/t/subtasks", #"[{"task_number": 7, "title": "a", "status": "running"}]"#
    )
    emit("implement_task_finished", #"{"wave_number": 1, "task_number": 7}"#)
    ends("done")
    let subtasks = server.client.get("/v1/projects/p/tasks/t/subtasks").json
    #expect(subtasks?.arrayValue?.first?["status"]?.stringValue == "done")
    emit("implement_task_finished", #"{"wave_number": 1, "task_number": 8}"#)
    ends("failed", "subtask not found: p/t#8")
  }

  @Test(arguments: [
    (
      "implement_finished", "t",
      #"invalid transition: "ready" + "implement_finished""#
        + "; possible now: plan_start, mark_done, cancel"
    ),
    ("implement_start", "t", nil), ("plan_start", "none", "task not found: none"),
    ("plan_start", "", "the signal names no task: make one with a plan_file"),
  ])
  func `a refused signal fails with the refusal`(type: String, plan: String, result: String?) {
    server.task("t")
    emit(type, plan: plan)
    let answer = apply()
    #expect(answer.status == 200)
    #expect(answer.json?["status"]?.stringValue == "failed")
    let text = answer.json?["result"]?.stringValue ?? ""
    if let result { #expect(text == result) } else { #expect(text.hasPrefix("task is not yet pl")) }
    #expect(server.entry("t")?["status"]?.stringValue == "ready")
    #expect(apply().status == 204)
  }

  @Test func `planner_finished without a plan fails`() {
    server.task("t", #""status": "planning""#)
    emit("planner_finished")
    #expect(apply().json?["status"]?.stringValue == "failed")
    #expect(server.entry("t")?["status"]?.stringValue == "planning")
  }

  @Test(arguments: [
    ("needs_decision", "why"), ("elaborator_finished", ""), ("advance_wave", ""),
    ("planner_draft_finished", #"{"planner_id": "a"}"#), ("implement_wave", #"{"wave_number": 1}"#),
  ])
  func `signals without an effect are done`(type: String, payload: String) {
    emit(type, payload)
    ends("done")
  }

  @Test func `a repeated request applies no second signal`() {
    server.task("t")
    emit("plan_start")
    emit("needs_decision", "why")
    let key = [("Idempotency-Key", "k")]
    let path = "/v1/operations/signal_apply"
    let first = server.client.post(path, #"{"project": "p"}"#, headers: key)
    let second = server.client.post(path, #"{"project": "p"}"#, headers: key)
    #expect(first.json?["id"]?.int64Value == 1 && first.body == second.body)
    #expect(server.client.get("/v1/projects/p/signals?status=pending").json?.arrayValue?.count == 1)
  }

  @Test func `a processed signal of a worker has no effect of its own`() {
    server.task("t", #""status": "reviewing""#)
    emit("review_changes", "more")
    server.client.post("/v1/projects/p/signals/claim", "{}")
    server.client.post("/v1/projects/p/signals/1/processed", #"{"status": "done"}"#)
    #expect(server.entry("t")?["review_cycle"] == nil)
    #expect(server.entry("t")?["status"]?.stringValue == "reviewing")
  }
}
