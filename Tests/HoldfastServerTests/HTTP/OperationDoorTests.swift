import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// `/v1/operations`: every operation by its name, in the native form.
@Suite struct OperationDoorTests {
  let server: TestServer
  var client: HTTPClient { server.client }

  init() throws { server = try TestServer() }

  private func run(_ name: String, _ body: String = "", headers: [(String, String)] = [])
    -> HTTPClient.Answer
  {
    client.post("/v1/operations/\(name)", body, headers: headers)
  }

  @Test func `all operations are listed`() throws {
    let list = client.get("/v1/operations")
    #expect(list.status == 200)
    let operations = try #require(list.json?["operations"]?.arrayValue)
    #expect(
      operations.compactMap { $0["name"]?.stringValue } == OperationCatalog.all.map(\.name))
    for operation in operations {
      #expect(operation["summary"]?.stringValue?.isEmpty == false)
      #expect(["read", "write", "admin"].contains(operation["access"]?.stringValue))
    }
  }

  @Test func `an operation answers in the native form`() throws {
    let created = run("task_create", #"{"project":"p","filename":"a<b"}"#)
    #expect(created.status == 200)
    #expect(created["Content-Type"] == "application/json")
    #expect(created["ETag"] == "\"\(created.json?["revision"]?.int64Value ?? 0)\"")
    #expect(created.json?["filename"]?.stringValue == "a<b")
    #expect(created.text.contains("a<b"), "native JSON escapes no HTML")
    #expect(created.json?["planning_at"] == nil, "what is unset is left out")
    #expect(created.text.hasSuffix("}\n"))
    let read = run("task_get", #"{"project":"p","task":"a<b"}"#)
    #expect(read.status == 200)
    #expect(read.json?["id"] == created.json?["id"])
  }

  @Test(arguments: [
    ("audit_list", #"{"project":"p","cursor":0}"#, "cursor must be a string, not a number"),
    ("audit_list", #"{"project":"p","limit":"5"}"#, "limit must be a positive integer"),
    ("event_list", #"{"after":0}"#, "after must be a string, not a number"),
    ("signal_list", #"{"project":"p","cursor":0}"#, "cursor must be a string, not a number"),
    ("signal_get", #"{"project":"p","id":"1"}"#, "invalid signal id"),
    (
      "signal_processed", #"{"project":"p","id":1,"status":"done","claim_token":0}"#,
      "claim_token must be a string, not a number"
    ),
    (
      "subtask_status_set", #"{"project":"p","task":"a","task_number":"1","status":"done"}"#,
      "invalid task number: 1"
    ),
    (
      "pr_review_reacted", #"{"project":"p","task":"a","review_id":"1"}"#,
      "invalid review ID: \"1\" is not a whole number from \(Int64.min) to \(Int64.max)"
    ),
  ])
  func `a body's text is no number, and its number no text`(
    name: String, body: String, sentence: String
  ) {
    let answer = run(name, body)
    #expect(answer.status == 400)
    #expect(answer.error == sentence)
  }

  @Test func `an unknown field is refused with the nearest right one`() {
    let answer = run("task_create", #"{"project":"p","filename":"a","descripton":"x"}"#)
    #expect(answer.status == 400)
    #expect(answer.json?["code"]?.stringValue == "unknown_field")
    #expect(answer.error.contains("did you mean \"description\"?"))
    #expect(client.get("/v1/projects/p/tasks/a").status == 404)
  }

  @Test func `keys match by case, and nothing may follow the object`() {
    #expect(run("task_create", #"{"project":"p","Filename":"a"}"#).status == 400)
    #expect(run("task_create", #"{"project":"p","filename":"a"} {}"#).status == 400)
    #expect(run("task_create", #"[1]"#).error.hasPrefix("invalid request body"))
  }

  @Test func `an empty body stands for an empty object`() {
    let answer = run("task_create")
    #expect(answer.status == 400)
    #expect(answer.error == "project is required")
    #expect(run("task_create", "{}").error == answer.error)
  }

  @Test func `a query is refused, because fields stand in the body`() {
    let answer = client.post("/v1/operations/task_get?project=p", #"{"project":"p","task":"a"}"#)
    #expect(answer.status == 400)
    #expect(answer.error == "this path takes no query: put the fields into the body's object")
  }

  @Test func `an unknown operation is refused with the nearest right one`() {
    let near = run("task_creat", "{}")
    #expect(near.status == 404)
    #expect(near.error == #"there is no operation "task_creat": did you mean "task_create"?"#)
    #expect(near.json?["nearest"]?.stringValue == "task_create")
    let far = run("qqqqqqqqqqqqqq", "{}")
    #expect(far.status == 404)
    #expect(far.error.hasSuffix("GET /v1/operations lists them"))
  }

  @Test func `an operation is only posted`() {
    let answer = client.get("/v1/operations/task_get")
    #expect(answer.status == 405)
    #expect(answer["Allow"] == "OPTIONS, POST")
  }

  @Test func `a repeat with the same idempotency key gives the first answer again`() {
    let body = #"{"project":"p","filename":"a"}"#
    let key = [("Idempotency-Key", "k1")]
    let first = run("task_create", body, headers: key)
    let second = run("task_create", body, headers: key)
    #expect(first.status == 200)
    #expect(second.status == 200)
    #expect(second.body == first.body)
    #expect(second["ETag"] == first["ETag"])
    #expect(first["Idempotent-Replayed"] == nil)
    #expect(second["Idempotent-Replayed"] == "true")
    let other = run("task_create", #"{"project":"p","filename":"b"}"#, headers: key)
    #expect(other.status == 422)
    // The key belongs to a project, which here stands in the body.
    #expect(run("task_create", #"{"project":"q","filename":"a"}"#, headers: key).status == 200)
  }

  @Test func `a revision that no longer holds is refused`() {
    let created = run("task_create", #"{"project":"p","filename":"a"}"#)
    let body = #"{"project":"p","task":"a","goal":"g"}"#
    let old = run("task_patch", body, headers: [("If-Match", "\"0\"")])
    #expect(old.status == 412)
    let right = run("task_patch", body, headers: [("If-Match", created["ETag"] ?? "")])
    #expect(right.status == 200)
    #expect(right["ETag"] != created["ETag"])
  }

  @Test(arguments: [(20, isWhole: true), (400, isWhole: false)])
  func `only a long answer is compressed where it is kept`(count: Int, isWhole: Bool) throws {
    _ = run("task_create", #"{"project":"p","filename":"a"}"#)
    let subtasks = (1...count).map { #"{"task_number":\#($0),"title":"Build part \#($0)"}"# }
    let body = #"{"project":"p","task":"a","subtasks":[\#(subtasks.joined(separator: ","))]}"#
    let key = [("Idempotency-Key", "k1")]
    let first = run("subtasks_replace", body, headers: key)
    #expect(first.json?["subtasks"]?.arrayValue?.count == count)
    #expect(run("subtasks_replace", body, headers: key).body == first.body)
    let kept = try server.rows(
      "SELECT length(answer) = ?1, length(answer) < ?1 / 4 FROM idempotency",
      [.int(Int64(first.body.count))])
    #expect(kept == [[.int(isWhole ? 1 : 0), .int(isWhole ? 0 : 1)]])
  }

  @Test(arguments: [1, 255]) func `an idempotency key of so many characters is taken`(
    _ count: Int
  ) {
    let answer = run(
      "task_create", #"{"project":"p","filename":"a"}"#,
      headers: [("Idempotency-Key", String(repeating: "k", count: count))])
    #expect(answer.status == 200)
  }

  @Test(arguments: [0, 256]) func `an idempotency key of so many characters is refused`(
    _ count: Int
  ) {
    let answer = run(
      "task_create", #"{"project":"p","filename":"a"}"#,
      headers: [("Idempotency-Key", String(repeating: "k", count: count))])
    #expect(answer.status == 400)
    #expect(answer.error == "Idempotency-Key must have 1 to 255 characters")
  }
}
