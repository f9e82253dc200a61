import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct TaskStatusSetTests {
  let server: TestServer

  init() throws { server = try TestServer() }

  private func set(_ target: String) -> HTTPClient.Answer {
    server.client.put("/v1/projects/p/tasks/t/status", #"{"target": "\#(target)"}"#)
  }

  @Test(arguments: [
    "ready", "planned", "planning", "implementing", "reviewing", "verifying", "done", "cancelled",
  ])
  func `an override sets the status and stamps nothing`(target: String) throws {
    let time = "2026-01-02T03:04:05.5Z"
    server.task("t", #""status": "done", "done_at": "\#(time)", "content": "c""#)
    let answer = set(target)
    #expect(answer.status == 200)
    #expect(answer.json?["status"]?.stringValue == (target == "planned" ? "ready" : target))
    let phase = answer.json?["execution_state"]?["execution_phase"]?.stringValue
    #expect(phase == (target == "planned" ? "planned" : nil))
    for key in ["planning_at", "implementing_at", "reviewing_at", "verifying_at"] {
      #expect(answer.json?[key]?.stringValue == "0001-01-01T00:00:00Z")
    }
    #expect(answer.json?["done_at"]?.stringValue == time)
    #expect(answer.body == server.client.get("/v1/projects/p/tasks/t").body)
    #expect(try server.rows("SELECT id FROM signals").isEmpty)
  }

  @Test func `phases that fit stay, others go`() {
    server.task(
      "t",
      #""execution_state": {"execution_phase": "wave_running", "active_agent_type": "coder", "active_wave": 2}"#
    )
    #expect(
      set("implementing").json?["execution_state"] == [
        "execution_phase": "wave_running", "active_agent_type": "coder", "active_wave": 2,
      ])
    #expect(set("done").json?["execution_state"] == JSON.object(JSONObject()))
  }

  @Test func `what cannot be set`() {
    server.task("t")
    let list = "ready, planned, planning, implementing, reviewing, verifying, done, cancelled"
    let answer = set("x")
    #expect(answer.status == 400)
    #expect(answer.error == #"invalid manual override "x": must be one of \#(list)"#)
    let path = "/v1/projects/p/tasks/t/status"
    #expect(server.client.put(path, "{}").error.hasPrefix(#"invalid manual override "": must"#))
    #expect(server.client.put(path, "").error.hasPrefix("invalid request body"))
    #expect(server.client.put(path, #"{"target": true}"#).error.hasPrefix("invalid request body"))
    let missing = server.client.put("/v1/projects/p/tasks/m/status", #"{"target": "done"}"#)
    #expect(missing.status == 404 && missing.error == "task not found: m")
  }
}

@Suite struct TaskActionsTests {
  let server: TestServer

  init() throws { server = try TestServer() }

  private func get() -> HTTPClient.Answer {
    server.client.get("/v1/projects/p/tasks/t/available-actions")
  }

  @Test func `a draft's actions, to the byte`() {
    server.task("t")
    let overrides = ["planned", "planning", "implementing", "reviewing", "verifying", "done"]
    let list = (overrides + ["cancelled"]).map { #"{"target":"\#($0)","label":"set to \#($0)"}"# }
    #expect(
      get().text == #"""
        {"transitions":[{"event":"plan_start","label":"start planning"},\#
        {"event":"mark_done","label":"mark done"},{"event":"cancel","label":"cancel"}],\#
        "overrides":[\#(list.joined(separator: ","))]}

        """#)
  }

  @Test func `planning can be finished when there is a plan`() {
    func events() -> [String] {
      get().json?["transitions"]?.arrayValue?.compactMap { $0["event"]?.stringValue } ?? []
    }
    server.task("t", #""status": "planning""#)
    #expect(events() == ["plan_start", "cancel"])
    server.task("u", #""status": "planning", "content": "plan""#)
    let other = server.client.get("/v1/projects/p/tasks/u/available-actions")
    #expect(other.text.contains(#""event":"planner_finished""#))
  }

  @Test func `a task that is not there has none`() {
    #expect(get().status == 404)
    #expect(get().error == "task not found: t")
  }
}
