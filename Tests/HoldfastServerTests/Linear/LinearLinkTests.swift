import HoldfastDatabase
import HoldfastJSON
import HoldfastTesting
import Testing

@Suite struct LinearLinkTests {
  let server: TestServer
  let path = "/v1/projects/p/tasks/t/linear-link"
  let keys = [
    "linear_issue_id", "linear_identifier", "linear_url", "linear_team_key", "linear_project_id",
  ]

  init() throws {
    server = try TestServer()
    server.task("t")
    server.task("u")
  }

  private func claim(_ task: String, _ issue: String, _ statuses: String = "[]")
    -> HTTPClient.Answer
  {
    server.client.put(
      "/v1/projects/p/tasks/\(task)/linear-link/claim",
      #"{"link": {"linear_issue_id": "\#(issue)"}, "statuses": \#(statuses)}"#)
  }

  private func lookup(_ query: String, project: String = "p") -> HTTPClient.Answer {
    server.client.get("/v1/projects/\(project)/tasks/any/linear-link/lookup?\(query)")
  }

  @Test func `a link is set in full and cleared`() throws {
    let body = keys.map { #""\#($0)": "\#($0)!""# }.joined(separator: ",")
    let set = server.client.put(path, "{\(body)}")
    #expect(set.status == 200 && set.body.isEmpty)
    for key in keys { #expect(server.entry("t")?[key]?.stringValue == "\(key)!") }
    #expect(server.client.put(path, #"{"linear_issue_id": "x"}"#).status == 200)
    #expect(server.entry("t")?["linear_url"] == nil)
    for _ in 0..<2 {
      let clear = server.client.delete(path)
      #expect(clear.status == 200 && clear.body.isEmpty)
    }
    for key in keys { #expect(server.entry("t")?[key] == nil) }
    let types = try server.rows("SELECT type FROM events WHERE type LIKE 'task_linear%'")
    let linked = [SQLValue.text("task_linear_linked")]
    #expect(types == [linked, linked, [.text("task_linear_unlinked")]])
  }

  @Test func `a claimed issue is refused with the task that has it, to the byte`() {
    #expect(claim("t", "i").status == 200)
    #expect(claim("t", "i").body.isEmpty)
    let refused = claim("u", "i")
    #expect(refused.status == 409)
    #expect(refused.text == #"{"conflict_filename":"t"}"# + "\n")
    #expect(server.entry("u")?["linear_issue_id"] == nil)
  }

  @Test func `only tasks of the named statuses stand in the way`() {
    server.task("d", #""status": "done", "linear_issue_id": "i""#)
    #expect(claim("t", "i", #"["ready", "implementing"]"#).status == 200)
    #expect(claim("u", "i", #"["completed"]"#).json?["conflict_filename"]?.stringValue == "d")
    #expect(claim("u", "i", #"["in_progress"]"#).status == 200)
    #expect(claim("d", "other", "null").status == 200)
  }

  @Test func `issues of other projects and deleted links do not count, nor do blank issues`() {
    _ = server.client.post("/v1/projects/q/tasks", #"{"filename": "x", "linear_issue_id": "i"}"#)
    #expect(claim("t", "i").status == 200)
    _ = server.client.delete(path)
    #expect(claim("u", "i").status == 200)
    #expect(claim("t", "").status == 200 && claim("u", "").status == 200)
  }

  @Test func `twenty claims of one issue give one winner`() async {
    for number in 0..<20 { server.task("c\(number)") }
    let statuses = await withTaskGroup(of: Int.self) { group in
      for number in 0..<20 { group.addTask { claim("c\(number)", "one").status } }
      return await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses.count { $0 == 200 } == 1)
    #expect(statuses.count { $0 == 409 } == 19)
  }

  @Test func `a link is looked up`() {
    server.task("b", #""status": "done", "linear_issue_id": "i&1""#)
    server.task("a", #""status": "planning", "linear_issue_id": "i&1""#)
    #expect(lookup("issue=i%261").text == #"{"filename":"a"}"# + "\n")
    #expect(lookup("issue=i%261&status=done").json?["filename"]?.stringValue == "b")
    #expect(
      lookup("issue=i%261&status=ready&status=completed").json?["filename"]?.stringValue == "b")
    #expect(lookup("issue=i%261&status=nonsense").status == 404)
    let missing = lookup("issue=nope")
    #expect(missing.status == 404 && missing.error == "linear link not found: nope")
    #expect(lookup("").error == "linear link not found: ")
    #expect(lookup("issue=i%261", project: "unknown").status == 404)
  }

  @Test(.enabled(if: !PostgreSQLCluster.isWanted)) func `the index finds it`() throws {
    let plan = try server.rows(
      """
      EXPLAIN QUERY PLAN SELECT id FROM tasks
      WHERE project = 1 AND linear_issue_id = 'x' AND linear_issue_id <> '' AND deleted_at IS NULL
      """)
    #expect("\(plan)".contains("tasks_by_linear_issue"))
  }

  @Test func `bad bodies and missing tasks`() {
    for body in ["", "[", #"{"link": 7}"#, #"{"link": {}, "statuses": "ready"}"#] {
      let answer = server.client.put("\(path)/claim", body)
      #expect(answer.status == 400 && answer.error.hasPrefix("invalid request body"), "\(body)")
    }
    #expect(server.client.put(path, #"{"linear_url": 1}"#).status == 400)
    let missing = claim("m", "i")
    #expect(missing.status == 404 && missing.error == "task not found: m")
    #expect(server.client.delete("/v1/projects/p/tasks/m/linear-link").status == 404)
  }
}
