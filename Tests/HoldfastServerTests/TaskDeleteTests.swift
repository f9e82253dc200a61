import HoldfastJSON
import HoldfastTesting
import Testing

/// DELETE of a task, and its restoration.
@Suite struct TaskDeleteTests {
  let server: TestServer
  var client: HTTPClient { server.client }
  private let tasks = "/v1/projects/p/tasks"

  init() throws {
    server = try TestServer()
    #expect(client.post(tasks, #"{"filename":"a","content":"first"}"#).status == 201)
    #expect(client.put("\(tasks)/a/subtasks", #"[{"task_number":1,"title":"one"}]"#).status == 200)
  }

  @Test func `a deleted task is gone from every route`() {
    let id = client.get("\(tasks)/a").json?["id"]?.stringValue ?? ""
    let answer = client.delete("\(tasks)/a.md")
    #expect(answer.status == 204)
    #expect(answer.body == [])
    #expect(answer["Content-Type"] == nil)
    for path in ["a", id] {
      #expect(client.get("\(tasks)/\(path)").status == 404)
      #expect(client.get("\(tasks)/\(path)/content").status == 404)
      #expect(client.get("\(tasks)/\(path)/subtasks").status == 404)
      #expect(client.put("\(tasks)/\(path)/goal", "{}").status == 404)
    }
    let again = client.delete("\(tasks)/a")
    #expect(again.status == 404)
    #expect(again.error == "task not found: a")
  }

  @Test func `its name is free for a task that has nothing of it`() {
    #expect(client.delete("\(tasks)/a").status == 204)
    let second = client.post(tasks, #"{"filename":"a"}"#)
    #expect(second.status == 201)
    #expect(second.json?["content"] == nil)
    #expect(client.get("\(tasks)/a/subtasks").text == "[]\n")
  }

  @Test func `a restored task has everything again`() {
    let before = client.get("\(tasks)/a").json
    #expect(client.delete("\(tasks)/a").status == 204)
    let restored = client.post("\(tasks)/a/restore")
    #expect(restored.status == 200)
    #expect(restored.json?["content"] == "first")
    #expect(restored.json?["id"] == before?["id"])
    #expect(restored.json?["deleted_at"] == nil)
    #expect(client.get("\(tasks)/a").body == restored.body)
    #expect(client.get("\(tasks)/a/subtasks").json?.arrayValue?.count == 1)
  }

  @Test func `a restore may name the deletion that it means`() throws {
    #expect(client.delete("\(tasks)/a").status == 204)
    let stale = client.post("\(tasks)/a/restore", headers: [("If-Match", "\"1\"")])
    #expect(stale.status == 412)
    #expect(client.get("\(tasks)/a").status == 404)
    let current = try #require(stale.json?["current"]?.int64Value)
    let restored = client.post("\(tasks)/a/restore", headers: [("If-Match", "\"\(current)\"")])
    #expect(restored.status == 200)
  }

  @Test func `a taken name keeps its task in the grave`() {
    #expect(client.delete("\(tasks)/a").status == 204)
    #expect(client.post(tasks, #"{"filename":"a"}"#).status == 201)
    let answer = client.post("\(tasks)/a/restore")
    #expect(answer.status == 409)
    #expect(answer.error == #"a plan named "a" already exists"#)
  }

  @Test func `by name the last deleted comes back, by id any`() {
    let first = client.get("\(tasks)/a").json?["id"]?.stringValue ?? ""
    #expect(client.delete("\(tasks)/a").status == 204)
    #expect(client.post(tasks, #"{"filename":"a","content":"second"}"#).status == 201)
    #expect(client.delete("\(tasks)/a").status == 204)
    #expect(client.post("\(tasks)/a/restore").json?["content"] == "second")
    #expect(client.delete("\(tasks)/a").status == 204)
    #expect(client.post("\(tasks)/\(first)/restore").json?["content"] == "first")
  }

  @Test func `only what was deleted can be restored`() {
    for path in ["a", "none"] {
      let answer = client.post("\(tasks)/\(path)/restore")
      #expect(answer.status == 404)
      #expect(answer.error == "task not found: \(path) is not among the deleted tasks")
    }
    #expect(client.post("/v1/projects/q/tasks/a/restore").status == 404)
  }
}
