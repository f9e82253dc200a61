import HoldfastJSON
import HoldfastTesting
import Testing

/// POST and GET of tasks, as a client of the contract sees them.
@Suite struct TaskCreateTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"

  init() throws { server = try TestServer() }

  @Test func `a created task reads back to the nanosecond`() {
    let time = "2026-01-02T03:04:05.123456789Z"
    let created = client.post(
      tasks, ##"{"filename":"plan.md","content":"# Hi","created_at":"\##(time)"}"##)
    #expect(created.status == 201)
    let read = client.get("\(tasks)/plan")
    #expect(read.status == 200)
    #expect(read.json?["created_at"]?.stringValue == time)
    #expect(read.json?["content"]?.stringValue == "# Hi")
    #expect(read.body == created.body)
  }

  @Test func `a second task of the same name is refused`() {
    #expect(client.post(tasks, #"{"filename":"test"}"#).status == 201)
    let second = client.post(tasks, #"{"filename":"test.md"}"#)
    #expect(second.status == 409)
    #expect(second.error == "plan already exists: p/test")
  }

  @Test(arguments: [
    #"{"filename":" .md "}"#, "{}", #"{"filename":null}"#, #"{"filename":""}"#, "null",
  ])
  func `an empty filename is refused`(body: String) {
    let answer = client.post(tasks, body)
    #expect(answer.status == 400)
    #expect(answer.error == "filename must not be empty")
    #expect(client.get(tasks).text == "[]\n")
  }

  @Test(arguments: [
    "", "{", "[]", #"{"filename":5}"#, #"{"filename":"a","review_cycle":"1"}"#,
    #"{"filename":"a","review_cycle":-1}"#, #"{"filename":"a","created_at":""}"#,
    #"{"filename":"a","created_at":7}"#, #"{"filename":"a","execution_state":[]}"#,
    #"{"filename":"a","description":"\u0000"}"#, #"{"filename":"a\u0000b"}"#,
    #"{"filename":"a","pr_create_attempts":1.5}"#, #"{"filename":"a","content":1}"#,
  ])
  func `a bad body is refused in the contract's words`(body: String) {
    let answer = client.post(tasks, body)
    #expect(answer.status == 400)
    #expect(answer.error.hasPrefix("invalid request body"))
  }

  @Test func `an ignored key that looks like a slip is answered with a warning`() {
    let slip = client.post(tasks, #"{"filename":"slip","titel":"T","goall":"g","foreign":1}"#)
    #expect(slip.status == 201)
    #expect(
      slip.json?["warnings"] == [
        #"there is no field "titel", and it was ignored; did you mean "title"?"#,
        #"there is no field "goall", and it was ignored; did you mean "goal"?"#,
      ], "\(slip.text)")
    // What was read, in the words of this store or in others, is no slip when it is sent back.
    var whole = JSONObject(
      (client.get("\(tasks)/slip").json?.objectValue?.members ?? []).filter { $0.key != "id" }
        .map { ($0.key, $0.value) })
    whole.set("filename", "copy")
    let copy = client.post(tasks, JSON.object(whole).renderedText())
    #expect(copy.status == 201 && copy.json?["warnings"] == nil, "\(copy.text)")
    #expect(client.post(tasks, #"{"FileName":"case"}"#).json?["warnings"] == nil)
  }

  @Test func `only the first value of a body is read, unknown keys are ignored, case is too`() {
    let body = #"{"FileName":"a","nobody":1,"Description":"x","description":"y"} trailing"#
    let answer = client.post(tasks, body)
    #expect(answer.status == 201)
    #expect(answer.json?["filename"]?.stringValue == "a")
    #expect(answer.json?["description"]?.stringValue == "y")
  }

  @Test func `a bare task has the always present keys and no others`() throws {
    let answer = client.post(tasks, #"{"filename":"a","created_at":"2026-01-02T03:04:05Z"}"#)
    let unset = "0001-01-01T00:00:00Z"
    let object = try #require(answer.json?.objectValue)
    #expect(
      object.members.map(\.key) == [
        "filename", "status", "id", "revision", "execution_state", "created_at", "planning_at",
        "implementing_at", "reviewing_at", "verifying_at", "done_at", "pr_create_attempted_at",
        "verified_at", "blocked_at",
      ])
    #expect(object["status"] == "ready")
    #expect(object["execution_state"] == .object(JSONObject()))
    for key in ["planning_at", "done_at", "pr_create_attempted_at", "verified_at", "blocked_at"] {
      #expect(object[key] == .string(unset))
    }
    #expect(answer["Content-Type"] == "application/json")
    #expect(answer.body.last == UInt8(ascii: "\n"))
    #expect(answer["ETag"] == "\"\(object["revision"]?.int64Value ?? 0)\"")
  }

  @Test func `the client may set every field`() throws {
    let body = #"""
      {"filename":"all","status":"reviewing","description":"d","branch":"b","topic":"t","goal":"g",
      "content":"c\u0000d","execution_state":{"execution_phase":"wave_running",
      "active_agent_type":"coder","active_wave":2},"created_at":"2026-01-02T03:04:05.5+02:00",
      "planning_at":"2026-01-01T00:00:01Z","implementing_at":"2026-01-01T00:00:02Z",
      "reviewing_at":"2026-01-01T00:00:03Z","verifying_at":"2026-01-01T00:00:04Z",
      "done_at":"2026-01-01T00:00:05Z","implemented":"yes","review_cycle":3,
      "latest_review_feedback":"f","pr_url":"u","pr_review_decision":"APPROVED",
      "pr_check_status":"SUCCESS","pr_create_state":"created","pr_create_error":"e",
      "pr_create_attempts":4,"pr_create_attempted_at":"2026-01-01T00:00:06Z",
      "verified_sha":"s","verified_base_sha":"bs","verified_at":"2026-01-01T00:00:07Z",
      "verified_by":"v","stale_verification_reason":"r","blocked_reason":"br",
      "blocked_source":"bo","blocked_at":"2026-01-01T00:00:08Z","clickup_task_id":"cu",
      "linear_issue_id":"li","linear_identifier":"lid","linear_url":"lu",
      "linear_team_key":"lt","linear_project_id":"lp"}
      """#
    let sent = try #require(try JSONReader.read(Array(body.utf8)).objectValue)
    #expect(client.post(tasks, body).status == 201)
    let stored = try #require(client.get("\(tasks)/all").json?.objectValue)
    for member in sent.members where member.key != "created_at" {
      #expect(stored[member.key] == member.value, "\(member.key)")
    }
    #expect(stored["created_at"] == "2026-01-02T01:04:05.5Z")
  }

  @Test func `an unset creation time becomes now, an omitted status ready`() {
    for body in [
      #"{"filename":"a"}"#, #"{"filename":"b","status":"","created_at":null}"#,
      #"{"filename":"c","status":null,"created_at":"0001-01-01T00:00:00Z"}"#,
    ] {
      let answer = client.post(tasks, body)
      #expect(answer.json?["status"] == "ready")
      #expect(answer.json?["created_at"]?.stringValue?.hasPrefix("20") == true)
    }
  }

  @Test func `aliases of a status are normalised, others refused`() {
    let alias = client.post(tasks, #"{"filename":"a","status":"in_progress"}"#)
    #expect(alias.json?["status"] == "implementing")
    let other = client.post(tasks, #"{"filename":"b","status":"completed"}"#)
    #expect(other.json?["status"] == "done")
    let invalid = client.post(tasks, #"{"filename":"c","status":"x"}"#)
    #expect(invalid.status == 400)
    #expect(invalid.error.hasPrefix(#"invalid status: "x""#))
    #expect(client.get("\(tasks)/c").status == 404)
  }

  @Test func `html characters are escaped`() {
    #expect(client.post(tasks, #"{"filename":"a","goal":"<b> & c"}"#).status == 201)
    #expect(client.get("\(tasks)/a").text.contains(#""goal":"\u003cb\u003e \u0026 c""#))
  }

  @Test(arguments: [
    ("my plan", "my%20plan"), ("a/b", "a%2Fb"), ("a%b", "a%25b"), ("a+b", "a+b"),
    ("über", "%C3%BCber"), ("a?b#c", "a%3Fb%23c"), ("..", "%2e%2e"), ("日本", "%E6%97%A5%E6%9C%AC"),
  ])
  func `names of any characters round trip`(name: String, path: String) {
    #expect(client.post(tasks, #"{"filename":"\#(name)"}"#).status == 201)
    #expect(client.get("\(tasks)/\(path)").json?["filename"]?.stringValue == name)
    #expect(client.get("\(tasks)/\(path).md").status == 200)
  }

  @Test func `composed and decomposed letters are two names`() {
    #expect(client.post(tasks, #"{"filename":"\u00e9"}"#).status == 201)
    #expect(client.post(tasks, #"{"filename":"e\u0301"}"#).status == 201)
    #expect(client.get(tasks).json?.arrayValue?.count == 2)
    #expect(client.get("\(tasks)/%C3%A9").body != client.get("\(tasks)/e%CC%81").body)
  }

  @Test func `a task answers to its id as well`() {
    let created = client.post(tasks, #"{"filename":"a"}"#)
    let id = created.json?["id"]?.stringValue ?? ""
    #expect(client.get("\(tasks)/\(id)").body == created.body)
    #expect(client.get("/v1/projects/q/tasks/\(id)").status == 404)
  }

  @Test(arguments: [".md", "%20.md%20", String(repeating: "a", count: 600)])
  func `a name that no task can have finds none`(name: String) {
    for path in ["", "/content", "/subtasks", "/available-actions"] {
      #expect(client.get("\(tasks)/\(name)\(path)").status == 404, "\(path)")
    }
    #expect(client.get("\(tasks)/\(name)").error.hasPrefix("task not found: "))
    #expect(client.delete("\(tasks)/\(name)").status == 404)
    #expect(client.put("\(tasks)/\(name)/content", "text").status == 404)
    #expect(client.get("/v1/projects/p/tasks").text == "[]\n")
  }

  @Test func `a replacement needs a name in path and body`() {
    let answer = client.put("\(tasks)/.md", #"{"filename":"a"}"#)
    #expect(answer.status == 400)
    #expect(answer.error.hasSuffix("invalid task filename"))
  }

  @Test func `a missing task is named as it is stored`() {
    let answer = client.get("\(tasks)/none.md")
    #expect(answer.status == 404)
    #expect(answer.error == "task not found: none")
  }
}
