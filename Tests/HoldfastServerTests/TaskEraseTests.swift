import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// A hard delete: nothing of the task is kept.
@Suite struct TaskEraseTests {
  let graph: GraphClient
  let folder = TemporaryFolder()
  var client: HTTPClient { graph.client }
  var server: TestServer { graph.server }

  init() throws {
    graph = try GraphClient(folders: [ProjectName("p"): folder.path])
    graph.connect("a")
  }

  private func erase(_ task: String, _ query: String = "") -> HTTPClient.Answer {
    client.delete("\(graph.tasks)/\(task)?hard=true\(query)")
  }

  private func row(_ task: String) throws -> Int64 {
    try #require(server.store.facts.ids.row(id: .init(stored: task)))
  }

  private func types(_ row: Int64) throws -> [SQLValue] {
    try server.rows("SELECT type FROM events WHERE task = ?1 ORDER BY seq", [.int(row)])
      .compactMap(\.first)
  }

  private func expectClean(at location: SourceLocation = #_sourceLocation) throws {
    #expect(try Verify().run(on: server.store).problems == [], sourceLocation: location)
  }

  /// A task with a secret in everything that belongs to it.
  private func full() throws -> String {
    _ = client.post(
      "/v1/projects/p/signals",
      #"{"signal_type":"plan_start","plan_file":"full","payload":"early"}"#)
    let body = """
      {"filename":"full","content":"# zebra\\n\\n## Wave 1\\n### Task 1: zebra\\n","description":"zebra",
      "title":"zebra","tags":["zebra"]}
      """
    #expect(client.post(graph.tasks, body).status == 201)
    let task = graph.get("full")?["id"]?.stringValue ?? "?"
    let path = "\(graph.tasks)/\(task)"
    _ = client.post("\(path)/comments", #"{"text":"zebra"}"#)
    _ = client.post("\(path)/output", #"{"text":"zebra"}"#)
    _ = client.post("\(path)/costs", #"{"tokens_in":7}"#)
    _ = client.post("\(path)/pr-reviews", #"{"review_id":1,"review_body":"zebra"}"#)
    _ = client.put("\(path)/content", "zebra zebra")
    _ = client.post("\(path)/attachments", #"{"name":"zebra","content":"zebra"}"#)
    _ = client.post("\(path)/attachments", #"{"name":"m","content":"zebra","store_as_file":true}"#)
    _ = client.post(
      "/v1/projects/p/signals",
      #"{"signal_type":"plan_start","plan_file":"full","payload":"zebra"}"#)
    _ = client.post("/v1/projects/p/locks", #"{"agent":"a","paths":["x"],"task":"full"}"#)
    return task
  }

  private func words() throws -> String {
    var all: [String] = []
    for table in Tables.logged.map(\.name) + ["events", "blobs"] {
      let rows = try server.rows(.init("SELECT * FROM \(table)"))
      for case .text(let text) in rows.flatMap({ $0 }) { all.append(text) }
      for case .bytes(let bytes) in rows.flatMap({ $0 }) {
        all.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    return all.joined(separator: "\n")
  }

  private func found(_ word: String) -> Int? {
    client.get("/v1/projects/p/search?q=\(word)").json?["tasks"]?.arrayValue?.count
  }

  @Test(arguments: [false, true])
  func `nothing is left but one event`(wasDeleted: Bool) throws {
    let task = try full()
    #expect(found("zebra") == 1)
    let key = try row(task)
    #expect(try words().contains("zebra"))
    if wasDeleted { #expect(client.delete("\(graph.tasks)/full").status == 204) }
    let answer = erase(wasDeleted ? "full" : task)
    #expect(answer.status == 204, "\(answer.text)")
    #expect(try types(key) == [.text("task_erased")])
    #expect(try !words().contains("zebra"))
    for table in Tables.logged where table.column(named: "task") != nil {
      #expect(
        try server.rows(.init("SELECT id FROM \(table.name) WHERE task = ?1"), [.int(key)]) == [],
        "\(table.name)")
    }
    #expect(found("zebra") == 0)
    try expectClean()
    for path in ["full", task] {
      #expect(client.get("\(graph.tasks)/\(path)").status == 404)
      #expect(client.post("\(graph.tasks)/\(path)/restore").status == 404)
      #expect(erase(path).status == 404)
    }
    #expect(client.get("/v1/projects/p/locks").json?["locks"]?.arrayValue == [])
    // Name and place in the index are free; the id is not given out again.
    #expect(client.post(graph.tasks, #"{"filename":"full","content":"zebra"}"#).status == 201)
    #expect(graph.get("full")?["id"]?.stringValue != task)
    #expect(found("zebra") == 1)
    try expectClean()
  }

  @Test func `files of its attachments go with it, and content that others have stays`() throws {
    let task = try full()
    let other = graph.create("other")
    _ = client.post("\(graph.tasks)/\(other)/attachments", #"{"name":"x","content":"zebra"}"#)
    let list = client.get("\(graph.tasks)/\(task)/attachments").json?["attachments"]?.arrayValue
    let file = try #require(list?.last?["file_path"]?.stringValue)
    #expect(fileExists(folder.file(file)))
    #expect(erase(task).status == 204)
    #expect(!fileExists(folder.file(file)))
    #expect(client.get("\(graph.tasks)/\(other)/attachments/0/content").text == "zebra")
    try expectClean()
  }

  @Test func `what waited for it waits no more`() throws {
    let blocker = graph.create("blocker")
    let task = graph.create("task", #""blocked_by":["\#(blocker)"]"#)
    let info = graph.create("info")
    _ = client.post(
      "\(graph.tasks)/\(info)/dependencies", #"{"blocker":"\#(blocker)","type":"relates-to"}"#)
    #expect(try !graph.isReady(task))
    #expect(erase(blocker).status == 204)
    #expect(try graph.isReady(task))
    #expect(try server.rows("SELECT id FROM dependencies") == [])
    try expectClean()
  }

  @Test func `what it contains has to be meant, too`() throws {
    let top = graph.create("top")
    let inner = graph.create("inner", #""parent":"\#(top)""#)
    let gone = graph.create("gone", #""parent":"\#(inner)""#)
    let keys = try [top, inner, gone].map(row)
    #expect(client.delete("\(graph.tasks)/\(gone)").status == 204)
    #expect(erase(top).json?["code"] == "has_children")
    #expect(erase(inner).json?["code"] == "has_children")
    #expect(erase(top, "&cascade=true").status == 204)
    for key in keys { #expect(try types(key) == [.text("task_erased")]) }
    try expectClean()
  }

  @Test func `a task that somebody holds goes only by force`() throws {
    let task = graph.create("task")
    graph.claim(task, for: "a")
    graph.connect("b")
    for query in ["", "&agent=b"] {
      let answer = erase(task, query)
      #expect(answer.status == 403)
      #expect(
        answer.error == "Task is claimed by worker 'a'. Use force=true to override.")
    }
    #expect(erase(task, "&force=true").status == 204)
    let own = graph.create("own")
    graph.claim(own, for: "a")
    #expect(erase(own, "&agent=a").status == 204)
    try expectClean()
  }

  @Test func `the words of an erased task leave the index at once, also for a step under way`()
    throws
  {
    let backing = try TestStore()
    let store = backing.store
    for name in ["a", "b"] {
      try store.mutate(
        "task_create", [("project", "p"), ("filename", .string(name)), ("content", "zebra")])
    }
    try store.search.catchUp()
    func number(_ sql: SQL) throws -> Int64? {
      try backing.database.read { try $0.first(sql) { $0.int(0) } }
    }
    let cursor = try #require(try number("SELECT seq FROM search_state"))
    try store.mutate("task_delete", [("project", "p"), ("task", "a"), ("hard", true)])
    #expect(try number("SELECT count(*) FROM search_documents") == 1)
    // A step that has read the task goes on from the same cursor only.
    #expect(try number("SELECT seq FROM search_state") == cursor - 1)
    let found = try store.list("task_search", [("project", "p"), ("q", "zebra")])
    #expect(found["tasks"]?.arrayValue?.map { $0["filename"] } == ["b"])
    try store.search.catchUp()
    #expect(try number("SELECT count(*) FROM search_documents") == 1)
    #expect(try Verify().run(on: store).problems == [])
  }
}
