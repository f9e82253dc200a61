import HoldfastJSON
import HoldfastTesting
import Testing

/// PATCH of a task: a merge patch.
@Suite struct TaskPatchTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let task = "/v1/projects/p/tasks/a"

  init() throws {
    server = try TestServer()
    let body = #"""
      {"filename":"a","description":"d","goal":"g","content":"text","review_cycle":3,"pr_url":"u",
      "execution_state":{"execution_phase":"wave_running","active_wave":2},
      "planning_at":"2026-01-01T00:00:01Z"}
      """#
    #expect(client.post("/v1/projects/p/tasks", body).status == 201)
  }

  @Test func `left out keeps, null clears, a value sets`() throws {
    let patch = #"""
      {"description":null,"review_cycle":null,"planning_at":null,"status":"in_progress",
      "pr_check_status":"PENDING","done_at":"2026-01-01T00:00:00.5Z","linear_team_key":"T"}
      """#
    let answer = client.patch(task, patch)
    #expect(answer.status == 200)
    let object = try #require(answer.json?.objectValue)
    #expect(object["description"] == nil)
    #expect(object["review_cycle"] == nil)
    #expect(object["planning_at"] == "0001-01-01T00:00:00Z")
    #expect(object["status"] == "implementing")
    #expect(object["pr_check_status"] == "PENDING")
    #expect(object["done_at"] == "2026-01-01T00:00:00.5Z")
    #expect(object["linear_team_key"] == "T")
    #expect(object["goal"] == "g")
    #expect(object["pr_url"] == "u")
    #expect(object["content"] == "text")
    #expect(client.get(task).body == answer.body)
  }

  @Test func `a body that names another task than the path changes nothing`() throws {
    let before = client.get(task).body
    for (patch, name) in [
      (#"{"task":"b","description":"x"}"#, "task"), (#"{"project":"q","goal":"x"}"#, "project"),
      (#"{"task":7,"goal":"x"}"#, "task"),
    ] {
      let refused = client.patch(task, patch)
      #expect(refused.status == 400)
      #expect(refused.error.hasPrefix("\(name) does not match path"))
    }
    #expect(client.get(task).body == before)
    #expect(client.patch(task, #"{"task":"a","project":"p","goal":"x"}"#).status == 200)
  }

  @Test func `an execution state is merged field by field`() {
    let merged = client.patch(task, #"{"execution_state":{"active_wave":3}}"#)
    #expect(
      merged.json?["execution_state"] == ["execution_phase": "wave_running", "active_wave": 3])
    let cleared = client.patch(task, #"{"execution_state":null}"#)
    #expect(cleared.json?["execution_state"] == .object(JSONObject()))
    let unknown = client.patch(task, #"{"execution_state":{"wave":3}}"#)
    #expect(unknown.status == 400)
  }

  @Test func `a new text is read as a plan, and a goal beside it wins`() {
    let plan = #"**Goal:** from the text\n## Wave 1\n### Task 1: one\n"#
    let first = client.patch(task, #"{"content":"\#(plan)"}"#)
    #expect(first.json?["goal"] == "from the text")
    #expect(first.json?["warnings"] == nil)
    let list = client.get("\(task)/subtasks").json
    #expect(list == [["task_number": 1, "title": "one", "status": "pending"]])
    let second = client.patch(task, #"{"content":"\#(plan)","goal":"mine"}"#)
    #expect(second.json?["goal"] == "mine")
    #expect(client.patch(task, #"{"content":null}"#).json?["content"] == nil)
    #expect(client.get("\(task)/content").body == [])
  }

  @Test func `an empty patch, or one that changes nothing, leaves the revision`() {
    let before = client.get(task)
    for patch in ["{}", #"{"goal":"g"}"#] {
      let answer = client.patch(task, patch)
      #expect(answer.status == 200)
      #expect(answer.body == before.body)
      #expect(answer["ETag"] == before["ETag"])
    }
  }

  @Test(arguments: [
    #"{"status":null}"#, #"{"status":"x"}"#, #"{"review_cycle":-1}"#, #"{"goal":1}"#,
    #"{"planning_at":"yesterday"}"#, #"{"filename":"b"}"#, #"{"gaol":"x"}"#, "[]", "{", "",
    #"{"goal":"x"} more"#, ###"{"content":"## Wave 1\n### Task 1: a\n### Task 1: b\n"}"###,
  ])
  func `a bad patch is refused whole`(patch: String) {
    let before = client.get(task).body
    let answer = client.patch(task, patch)
    #expect(answer.status == 400)
    #expect(!answer.error.isEmpty)
    #expect(client.get(task).body == before)
  }

  @Test func `a misspelt field gets the nearest right one`() {
    let answer = client.patch(task, #"{"gaol":"x"}"#)
    #expect(answer.error.contains(#"did you mean "goal"?"#))
    #expect(answer.json?["code"] == "unknown_field")
  }

  @Test func `a missing task is not found`() {
    let answer = client.patch("/v1/projects/p/tasks/none", #"{"goal":"x"}"#)
    #expect(answer.status == 404)
    #expect(answer.error == "task not found: none")
  }
}
