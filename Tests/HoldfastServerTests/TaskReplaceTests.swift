import HoldfastJSON
import HoldfastTesting
import Testing

/// PUT of a task.
@Suite struct TaskReplaceTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let task = "/v1/projects/p/tasks/a"

  init() throws {
    server = try TestServer()
    let body = #"""
      {"filename":"a","status":"reviewing","description":"d","branch":"b","topic":"t","goal":"g",
      "content":"text","execution_state":{"execution_phase":"reviewing"},
      "created_at":"2026-01-02T03:04:05Z","planning_at":"2026-01-01T00:00:01Z",
      "done_at":"2026-01-01T00:00:05Z","implemented":"yes","review_cycle":3,
      "latest_review_feedback":"f","pr_url":"u","pr_review_decision":"APPROVED",
      "pr_check_status":"SUCCESS","pr_create_state":"created","pr_create_attempts":4,
      "pr_create_attempted_at":"2026-01-01T00:00:06Z","verified_sha":"s",
      "verified_at":"2026-01-01T00:00:07Z","stale_verification_reason":"r","blocked_reason":"br",
      "blocked_at":"2026-01-01T00:00:08Z","clickup_task_id":"cu","linear_issue_id":"li",
      "linear_url":"lu"}
      """#
    #expect(client.post("/v1/projects/p/tasks", body).status == 201)
  }

  @Test func `a key left out becomes empty, and what PUT never touches stays`() throws {
    let answer = client.put(task, #"{"filename":"a.md","goal":"new"}"#)
    #expect(answer.status == 200)
    let object = try #require(answer.json?.objectValue)
    for gone in [
      "description", "branch", "topic", "implemented", "review_cycle", "latest_review_feedback",
      "clickup_task_id", "linear_issue_id", "linear_url",
    ] {
      #expect(object[gone] == nil, "\(gone)")
    }
    #expect(object["goal"] == "new")
    #expect(object["execution_state"] == .object(JSONObject()))
    #expect(object["planning_at"] == "0001-01-01T00:00:00Z")
    #expect(object["done_at"] == "0001-01-01T00:00:00Z")
    #expect(object["status"] == "reviewing")
    #expect(object["created_at"] == "2026-01-02T03:04:05Z")
    #expect(object["content"] == "text")
    #expect(object["pr_url"] == "u")
    #expect(object["pr_review_decision"] == "APPROVED")
    #expect(object["pr_check_status"] == "SUCCESS")
    #expect(object["pr_create_state"] == "created")
    #expect(object["pr_create_attempts"] == 4)
    #expect(object["verified_sha"] == "s")
    #expect(object["stale_verification_reason"] == "r")
    #expect(object["blocked_reason"] == "br")
    #expect(object["blocked_at"] == "2026-01-01T00:00:08Z")
    #expect(client.get(task).body == answer.body)
  }

  @Test func `the answer is what is stored, not what was sent`() {
    let body = #"{"filename":"a","content":"other","pr_url":"other","status":"completed"}"#
    let answer = client.put(task, body)
    #expect(answer.json?["content"] == "text")
    #expect(answer.json?["pr_url"] == "u")
    #expect(answer.json?["status"] == "done")
    #expect(answer.json?["done_at"] == "0001-01-01T00:00:00Z")
    #expect(answer["ETag"] == client.get(task)["ETag"])
  }

  @Test func `what was read can be written back without a change`() {
    let read = client.get(task)
    let written = client.put(task, read.text)
    #expect(written.body == read.body)
    #expect(written["ETag"] == read["ETag"])
  }

  @Test(arguments: [
    ("a", #"{}"#), ("a", #"{"filename":""}"#), ("a", #"{"filename":" .md"}"#), ("a", "null"),
    (".md", #"{"filename":"a"}"#), ("%20", #"{"filename":"a"}"#), ("a", #"{"filename":null}"#),
  ])
  func `an empty name in path or body is refused`(path: String, body: String) {
    let answer = client.put("/v1/projects/p/tasks/\(path)", body)
    #expect(answer.status == 400)
    #expect(answer.error == "invalid task filename")
  }

  @Test func `a name that differs from the path is refused before existence`() {
    for path in ["a", "none"] {
      let answer = client.put("/v1/projects/p/tasks/\(path)", #"{"filename":"b"}"#)
      #expect(answer.status == 400)
      #expect(answer.error == "task filename does not match path")
    }
  }

  @Test func `PUT never creates`() {
    let answer = client.put("/v1/projects/p/tasks/none.md", #"{"filename":"none"}"#)
    #expect(answer.status == 404)
    #expect(answer.error == "task not found: none")
    #expect(client.put("/v1/projects/q/tasks/x", #"{"filename":"x"}"#).status == 404)
  }

  @Test func `by its id a task takes its own name alone`() {
    let id = client.get(task).json?["id"]?.stringValue ?? ""
    let path = "/v1/projects/p/tasks/\(id)"
    #expect(client.put(path, #"{"filename":"a"}"#).status == 200)
    #expect(client.put(path, #"{"filename":"\#(id)"}"#).status == 400)
  }

  @Test(arguments: ["", "{", "[1]", #"{"filename":"a","status":1}"#, #"{"filename":[]}"#])
  func `a bad body is refused in the contract's words`(body: String) {
    let answer = client.put(task, body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid request body"))
  }

  @Test func `an invalid status changes nothing`() {
    let before = client.get(task).body
    let answer = client.put(task, #"{"filename":"a","status":"x"}"#)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix(#"invalid status: "x""#))
    #expect(client.get(task).body == before)
  }
}
