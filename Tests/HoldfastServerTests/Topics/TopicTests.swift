import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct TopicTests {
  let server: TestServer
  let path = "/v1/projects/p/topics"

  init() throws { server = try TestServer() }

  private func assign(_ body: String, task: String = "t") -> HTTPClient.Answer {
    server.client.put("/v1/projects/p/tasks/\(task)/topic", body)
  }

  private var names: [String] {
    server.client.get(path).json?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
  }

  @Test func `no topics are an empty list`() {
    let answer = server.client.get(path)
    #expect(answer.status == 200 && answer.text == "[]\n")
    #expect(server.client.send("HEAD", path).status == 200)
  }

  @Test func `a topic is created with its time, once`() {
    let body = #"{"name":"a<b","created_at":"2026-01-02T03:04:05.123456789Z"}"#
    let created = server.client.post(path, body)
    #expect(created.status == 201)
    #expect(
      created.text
        == #"{"name":"a\u003cb","created_at":"2026-01-02T03:04:05.123456789Z"}"# + "\n")
    let again = server.client.post(path, body)
    #expect(again.status == 409 && again.error == "topic already exists: p/a<b")
    #expect(server.client.post("/v1/projects/q/topics", body).status == 201)
  }

  @Test func `a topic that a task was created with is listed, and can still be made`() {
    #expect(server.client.post(path, #"{"name":"b"}"#).status == 201)
    for (task, topic) in [("t", "c"), ("u", "a"), ("v", "c"), ("w", "b"), ("x", "")] {
      let body = #"{"filename":"\#(task)","topic":"\#(topic)"}"#
      #expect(server.client.post("/v1/projects/p/tasks", body).status == 201)
    }
    #expect(names == ["a", "b", "c"])
    let first = server.client.get(path).json?.arrayValue?.first
    #expect(first?["created_at"]?.stringValue == "0001-01-01T00:00:00Z")
    #expect(server.client.post(path, #"{"name":"a"}"#).status == 201)
    #expect(names == ["a", "b", "c"])
    for task in ["t", "v"] {
      #expect(server.client.delete("/v1/projects/p/tasks/\(task)").status == 204)
    }
    #expect(names == ["a", "b"])
    #expect(server.client.get("/v1/projects/q/topics").text == "[]\n")
  }

  @Test func `a topic without a time is created now`() {
    for body in [
      #"{"name":"a"}"#, #"{"name":"b","created_at":null}"#,
      #"{"name":"c","created_at":"0001-01-01T00:00:00Z"}"#,
    ] {
      let created = server.client.post(path, body)
      #expect(created.status == 201)
      #expect(created.json?["created_at"]?.stringValue != "0001-01-01T00:00:00Z")
    }
  }

  @Test func `topics come in the order of bytes, two forms of an accent apart`() {
    for name in ["b", "é", "B", "e\u{301}", "a b", "a"] {
      #expect(server.client.post(path, #"{"name": "\#(name)"}"#).status == 201)
    }
    #expect(
      names.map { Array($0.utf8) }
        == ["B", "a", "a b", "b", "e\u{301}", "é"].map { Array($0.utf8) })
  }

  @Test(arguments: ["{}", #"{"name": ""}"#, #"{"name": " \t"}"#, #"{"name": null}"#])
  func `a topic needs a name`(body: String) {
    let answer = server.client.post(path, body)
    #expect(answer.status == 400 && answer.error == "topic name must not be empty")
  }

  @Test func `bad bodies`() {
    for body in ["", "{", "[]", #"{"name": 1}"#, #"{"name": "a", "created_at": ""}"#] {
      let answer = server.client.post(path, body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"), "\(body)")
    }
    #expect(server.client.delete(path).status == 405)
  }

  @Test func `a task gets a topic, which comes into being, and loses it`() {
    server.task("t", #""content": "c""#)
    let set = assign(#"{"topic": "new"}"#)
    #expect(set.status == 200 && set.json?["topic"]?.stringValue == "new")
    #expect(set.json?["content"]?.stringValue == "c")
    #expect(names == ["new"])
    #expect(assign(#"{"topic": "new"}"#).status == 200)
    let cleared = assign(#"{"topic": ""}"#)
    #expect(cleared.status == 200 && cleared.json?["topic"] == nil)
    #expect(names == ["new"])
    _ = assign(#"{"topic": "new"}"#)
    #expect(assign("{}").json?["topic"] == nil)
  }

  @Test func `a topic that cannot be assigned`() {
    #expect(assign(#"{"topic": "x"}"#).error == "task not found: t")
    #expect(names.isEmpty)
    server.task("t")
    #expect(assign(#"{"topic": "  "}"#).error == "topic name must not be empty")
    for body in ["", "[", #"{"topic": 1}"#] {
      #expect(assign(body).error.hasPrefix("invalid request body"))
    }
  }
}
