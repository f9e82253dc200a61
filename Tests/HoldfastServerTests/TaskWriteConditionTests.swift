import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

/// `If-Match` and `Idempotency-Key` on every write of a task.
@Suite struct TaskWriteConditionTests {
  /// One write of the task `a`.
  struct Write: CustomTestStringConvertible, Sendable {
    let method: String
    let path: String
    let body: String
    /// The same write of something else.
    let otherBody: String

    var testDescription: String { "\(method) \(path)" }

    func send(_ client: HTTPClient, _ headers: [(String, String)], other: Bool = false)
      -> HTTPClient.Answer
    {
      client.send(
        method, "/v1/projects/p/tasks/a\(path)", body: Array((other ? otherBody : body).utf8),
        headers: headers)
    }
  }

  static let writes = [
    Write(
      method: "PUT", path: "", body: #"{"filename":"a","goal":"x"}"#,
      otherBody: #"{"filename":"a","goal":"y"}"#),
    Write(method: "PATCH", path: "", body: #"{"goal":"x"}"#, otherBody: #"{"goal":"y"}"#),
    Write(method: "DELETE", path: "", body: "", otherBody: "{}"),
    Write(
      method: "POST", path: "/rename", body: #"{"new_filename":"x"}"#,
      otherBody: #"{"new_filename":"y"}"#),
    Write(method: "PUT", path: "/content", body: "x", otherBody: "y"),
    Write(
      method: "PUT", path: "/subtasks", body: #"[{"task_number":2,"title":"x"}]"#, otherBody: "[]"),
    Write(
      method: "PUT", path: "/subtasks/1/status", body: #"{"status":"done"}"#,
      otherBody: #"{"status":"failed"}"#),
    Write(
      method: "PUT", path: "/phase-timestamp",
      body: #"{"phase":"done","timestamp":"2026-01-01T00:00:00Z"}"#,
      otherBody: #"{"phase":"done"}"#),
    Write(method: "PUT", path: "/goal", body: #"{"goal":"x"}"#, otherBody: #"{"goal":"y"}"#),
    Write(
      method: "PUT", path: "/clickup-task-id", body: #"{"clickup_task_id":"x"}"#,
      otherBody: #"{"clickup_task_id":"y"}"#),
    Write(method: "POST", path: "/increment-review-cycle", body: "", otherBody: "{}"),
  ]

  let server: TestServer
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"

  init() throws {
    server = try TestServer()
    #expect(client.post(tasks, #"{"filename":"a","content":"c"}"#).status == 201)
    #expect(client.put("\(tasks)/a/subtasks", #"[{"task_number":1,"title":"1"}]"#).status == 200)
  }

  private func state() -> String {
    client.get(tasks).text + client.get("\(tasks)/a/subtasks").text
  }

  @Test(arguments: writes)
  func `another revision than expected changes nothing`(write: Write) {
    let before = state()
    for tag in ["\"1\"", "1", "\"x\"", "W/\"5\""] {
      let answer = write.send(client, [("If-Match", tag)])
      #expect(answer.status == 412)
      #expect(answer.json?["code"] == "revision_mismatch")
    }
    #expect(state() == before)
  }

  @Test(arguments: ["\"1\"", "x", "W/\"5\""])
  func `what cannot be read is refused first, then what is not there, then the revision`(
    tag: String
  ) {
    let headers = [("If-Match", tag)]
    let bad = client.patch("\(tasks)/a", #"{"goal":5}"#, headers: headers)
    #expect(bad.status == 400)
    let unfit = client.post(
      "/v1/operations/signal_processed", #"{"project":"p","id":1,"status":"odd"}"#, headers: headers
    )
    #expect(unfit.status == 400)
    #expect(client.patch("\(tasks)/none", #"{"goal":"x"}"#, headers: headers).status == 404)
    let stale = client.patch("\(tasks)/a", #"{"status":"odd"}"#, headers: headers)
    #expect(stale.status == 412)
    #expect(stale.json?["current"]?.int64Value != nil)
  }

  @Test(arguments: writes)
  func `the expected revision goes through, once`(write: Write) throws {
    let tag = try #require(client.get("\(tasks)/a")["ETag"])
    let before = state()
    let answer = write.send(client, [("If-Match", tag)])
    #expect((200...204).contains(answer.status))
    #expect(state() != before)
    #expect([412, 404].contains(write.send(client, [("If-Match", tag)]).status))
  }

  @Test(arguments: writes)
  func `any revision goes through`(write: Write) {
    #expect((200...204).contains(write.send(client, [("If-Match", "*")]).status))
  }

  @Test(arguments: writes)
  func `a repeated key gives the first answer again, another request is refused`(write: Write) {
    let key = [("Idempotency-Key", "k1")]
    let first = write.send(client, key)
    #expect((200...204).contains(first.status))
    let after = state()
    let second = write.send(client, key)
    #expect(second.status == first.status)
    #expect(second.body == first.body)
    #expect(second["ETag"] == first["ETag"])
    #expect(state() == after)
    let other = write.send(client, key, other: true)
    #expect(other.status == 422)
    #expect(other.json?["code"] == "idempotency_mismatch")
    #expect(state() == after)
  }

  @Test func `a repeated create is done once`() {
    let key = [("Idempotency-Key", "k1")]
    let first = client.post(tasks, #"{"filename":"b","content":"x"}"#, headers: key)
    let second = client.post(tasks, #"{"filename":"b","content":"x"}"#, headers: key)
    #expect(first.status == 201)
    #expect(second.status == 201)
    #expect(second.body == first.body)
    #expect(client.post(tasks, #"{"filename":"c"}"#, headers: key).status == 422)
    // Keys of another project are other keys.
    let elsewhere = client.post("/v1/projects/q/tasks", #"{"filename":"c"}"#, headers: key)
    #expect(elsewhere.status == 201)
  }

  @Test func `the same request under another condition is another request`() throws {
    let tag = try #require(client.get("\(tasks)/a")["ETag"])
    func put(_ condition: String) -> HTTPClient.Answer {
      client.put(
        "\(tasks)/a/goal", #"{"goal":"x"}"#,
        headers: [("Idempotency-Key", "k"), ("If-Match", condition)])
    }
    #expect(put(tag).status == 200)
    #expect(put(tag)["Idempotent-Replayed"] == "true")
    #expect(put("*").status == 422)
  }

  @Test func `an answer is kept for a day, then it goes`() throws {
    let clock = TestClock()
    let server = try TestServer { clock.install(in: &$0) }
    server.task("a")
    func increment(_ key: String) -> HTTPClient.Answer {
      server.client.post(
        "\(tasks)/a/increment-review-cycle", headers: [("Idempotency-Key", key)])
    }
    let first = increment("k")
    #expect(increment("another").status == 200)
    clock.advance(seconds: 86_400)
    #expect(increment("k").body == first.body)
    clock.advance(seconds: 1)
    let later = increment("k")
    #expect(later["Idempotent-Replayed"] == nil && later.body != first.body)
    #expect(try server.rows("SELECT count(*) FROM idempotency") == [[.int(1)]])
  }

  private static let text = "# Plan <b>&\"\u{1}\u{2028}é\n"

  /// Writes that answer with the task's whole text, of both shapes.
  @Test(arguments: [
    ("PUT", "/v1/projects/p/tasks/b/content", String(repeating: text, count: 20_000)),
    ("PUT", "/v1/projects/p/tasks/b/goal", #"{"goal":"g"}"#),
    ("POST", "/v1/operations/task_transition", #"{"project":"p","task":"b","event":"cancel"}"#),
  ])
  func `a kept answer takes its text from the history`(
    method: String, target: String, body: String
  ) throws {
    let text = String(repeating: Self.text, count: 20_000)
    let task: JSON = ["filename": "b", "content": .string(text)]
    let created = client.post(tasks, task.renderedText())
    #expect(created.status == 201)
    func send() -> HTTPClient.Answer {
      client.send(method, target, body: Array(body.utf8), headers: [("Idempotency-Key", "k")])
    }
    let first = send()
    #expect(first.json?["content"]?.stringValue == text)
    #expect(client.put("\(tasks)/b/content", "another text").status == 200)
    let again = send()
    #expect(again["Idempotent-Replayed"] == "true")
    #expect(again.status == first.status)
    #expect(again.body == first.body)
    #expect(
      try server.rows("SELECT length(answer) < 1000 AND text_place > 0 FROM idempotency") == [
        [.int(1)]
      ])
  }

  @Test func `an answer without a text is kept whole`() throws {
    let put = { client.put("\(tasks)/a/content", "", headers: [("Idempotency-Key", "k")]) }
    let first = put()
    #expect(first.status == 200)
    #expect(put().body == first.body)
  }

  @Test func `a repeated restore is done once`() {
    let key = [("Idempotency-Key", "k1")]
    #expect(client.delete("\(tasks)/a").status == 204)
    let first = client.post("\(tasks)/a/restore", headers: key)
    #expect(first.status == 200)
    #expect(client.post("\(tasks)/a/restore", headers: key).body == first.body)
  }

  @Test func `a refused request is not kept under its key`() {
    let key = [("Idempotency-Key", "k1")]
    #expect(client.put("\(tasks)/b/goal", #"{"goal":"x"}"#, headers: key).status == 404)
    #expect(client.post(tasks, #"{"filename":"b"}"#).status == 201)
    #expect(client.put("\(tasks)/b/goal", #"{"goal":"x"}"#, headers: key).status == 200)
  }

  @Test func `the tag is that of the answer's task`() {
    for answer in [
      client.get("\(tasks)/a"), client.put("\(tasks)/a", #"{"filename":"a"}"#),
      client.put("\(tasks)/a/goal", #"{"goal":"g"}"#), client.patch("\(tasks)/a", "{}"),
    ] {
      let revision = answer.json?["revision"]?.int64Value ?? 0
      #expect(answer["ETag"] == "\"\(revision)\"")
    }
  }
}
