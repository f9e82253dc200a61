import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct PRStateTests {
  let server: TestServer
  let task = "/v1/projects/p/tasks/t"

  init() throws {
    server = try TestServer()
    server.task("t")
  }

  private func text(_ key: String) -> String? { server.entry("t")?[key]?.stringValue }

  @Test func `the address is set and emptied`() {
    let set = server.client.put("\(task)/pr-url", #"{"pr_url": "https://x/1?a&b"}"#)
    #expect(set.status == 200 && set.body.isEmpty)
    #expect(text("pr_url") == "https://x/1?a&b")
    #expect(server.client.put("\(task)/pr-url", #"{"pr_url": ""}"#).status == 200)
    #expect(text("pr_url") == nil)
  }

  @Test func `decision and checks are always both overwritten`() {
    let path = "\(task)/pr-state"
    let set = server.client.put(
      path, #"{"pr_review_decision": "APPROVED", "pr_check_status": "odd text"}"#)
    #expect(set.status == 200 && set.body.isEmpty)
    #expect(text("pr_review_decision") == "APPROVED" && text("pr_check_status") == "odd text")
    #expect(server.client.put(path, #"{"pr_check_status": "SUCCESS"}"#).status == 200)
    #expect(text("pr_review_decision") == nil && text("pr_check_status") == "SUCCESS")
  }

  @Test func `an outcome is set with capitalised keys and cleared`() {
    let path = "\(task)/pr-create-outcome"
    let set = server.client.put(
      path,
      #"{"State": "failed", "Error": "no", "Attempts": 3, "AttemptedAt": "2026-01-02T03:04:05.1Z"}"#
    )
    #expect(set.status == 200 && set.body.isEmpty)
    #expect(text("pr_create_state") == "failed" && text("pr_create_error") == "no")
    #expect(server.entry("t")?["pr_create_attempts"] == 3)
    #expect(text("pr_create_attempted_at") == "2026-01-02T03:04:05.1Z")
    #expect(server.client.put(path, #"{"State": "created"}"#).status == 200)
    #expect(text("pr_create_error") == nil && server.entry("t")?["pr_create_attempts"] == nil)
    _ = server.client.put(path, #"{"State": "blocked", "Attempts": 2}"#)
    for _ in 0..<2 {
      let clear = server.client.delete(path)
      #expect(clear.status == 200 && clear.body.isEmpty)
    }
    #expect(text("pr_create_state") == nil && server.entry("t")?["pr_create_attempts"] == nil)
    #expect(text("pr_create_attempted_at") == "0001-01-01T00:00:00Z")
  }

  @Test(arguments: ["created", "adopted", "skipped", "failed", "blocked", ""])
  func `the states of an outcome`(state: String) {
    let path = "\(task)/pr-create-outcome"
    #expect(server.client.put(path, #"{"State": "\#(state)"}"#).status == 200)
    #expect(text("pr_create_state") == (state.isEmpty ? nil : state))
  }

  @Test func `other states and negative attempts are refused`() {
    let path = "\(task)/pr-create-outcome"
    let answer = server.client.put(path, #"{"State": "lost"}"#)
    #expect(answer.status == 400 && answer.error.contains("created, adopted, skipped"))
    #expect(server.client.put(path, #"{"Attempts": -1}"#).status == 400)
  }

  @Test(arguments: ["pr-url", "pr-state", "pr-create-outcome"])
  func `bad bodies and missing tasks`(route: String) {
    for body in ["", "{", "[]", #"{"pr_url": 1, "pr_check_status": 1, "error": 1}"#] {
      let answer = server.client.put("\(task)/\(route)", body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"), "\(body)")
    }
    let missing = server.client.put("/v1/projects/p/tasks/m/\(route)", "{}")
    #expect(missing.status == 404 && missing.error == "task not found: m")
  }
}
