import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Corners of the task graph's rules that random histories have led to.
@Suite struct GraphRuleTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }

  init() throws {
    graph = try GraphClient()
    #expect(client.post("/v1/agents", #"{"agent":"a"}"#).status == 201)
  }

  private func claim(_ task: String) -> JSON? {
    let answer = client.post("/v1/projects/p/claims", #"{"agent":"a","task":"\#(task)"}"#)
    #expect(answer.status == 200, "\(answer.text)")
    return answer.json
  }

  private func post(_ path: String, _ body: String) -> HTTPClient.Answer {
    client.post("\(tasks)/\(path)", body)
  }

  private func status(_ task: String) -> String? { graph.get(task)?["status"]?.stringValue }

  @Test func `a completed task may be completed again, whatever it contains`() {
    let parent = graph.create("parent")
    graph.create("child", #""parent":"\#(parent)""#)
    graph.end(parent, "complete", #"{"force":true}"#)
    #expect(graph.end(parent)?["status"] == "completed")
  }

  @Test func `who asks for what is so already is told that nothing changed`() {
    let task = graph.create("t")
    #expect(graph.end(task, "release")?["changed"] == false)
    #expect(graph.end(task, "reopen")?["changed"] == false)
    let failed = graph.end(task, "fail")
    #expect(failed?["status"] == "failed" && failed?["changed"] == nil)
    let again = graph.end(task, "fail")
    #expect(again?["status"] == "failed" && again?["changed"] == false)
    #expect(again?["revision"] == failed?["revision"])
    #expect(graph.end(task, "reopen")?["changed"] == nil)
    #expect(graph.end(task)?["changed"] == nil)
    #expect(graph.end(task)?["changed"] == false)
    let child = graph.create("child", #""parent":"\#(task)""#)
    #expect(graph.end(task, "reopen")?["changed"] == nil)
    #expect(graph.end(task, "cancel")?["changed"] == nil)
    #expect(graph.end(task, "cancel", #"{"cascade":true}"#)?["changed"] == nil)
    #expect(graph.get(child)?["status"] == "cancelled")
    #expect(graph.end(task, "cancel", #"{"cascade":true}"#)?["changed"] == false)
  }

  @Test func `siblings of one order stand by their age, and only then by their row`() throws {
    let parent = graph.create("parent")
    let younger = graph.create("younger", #""parent":"\#(parent)","sibling_order":0"#)
    let older = graph.create(
      "older",
      #""parent":"\#(parent)","sibling_order":0,"created_at":"2020-01-01T00:00:00Z""#)
    #expect(try graph.ready([younger, older]) == [older])
    #expect(graph.unblocked(graph.end(older)) == [younger])
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `a task put between others must not close a circle`() {
    let parent = graph.create("parent")
    let a = graph.create("a", #""parent":"\#(parent)","sibling_order":0"#)
    let b = graph.create("b", #""parent":"\#(parent)","sibling_order":2,"join_mode":"also""#)
    #expect(post("\(a)/dependencies", #"{"blocker":"\#(b)"}"#).status == 200)
    let between = client.post(tasks, #"{"title":"x","parent":"\#(parent)","sibling_order":1}"#)
    #expect(between.status == 409, "\(between.text)")
    #expect(between.json?["code"] == "dependency_cycle")
  }

  @Test func `the last place among siblings there is has room`() {
    let parent = graph.create("parent")
    graph.create("a", #""parent":"\#(parent)","sibling_order":9223372036854775807"#)
    let b = graph.create("b", #""parent":"\#(parent)""#)
    #expect(graph.get(b)?["sibling_order"]?.int64Value == .max)
  }

  @Test func `a parent's policy to fail also counts for children that come later`() {
    let parent = graph.create("parent", #""sibling_policy":"fail""#)
    let a = graph.create("a", #""parent":"\#(parent)""#)
    graph.end(a, "fail")
    #expect(status(graph.create("b", #""parent":"\#(parent)""#)) == "failed")
    let other = graph.create("other")
    let c = graph.create("c", #""parent":"\#(other)""#)
    let d = graph.create("d", #""parent":"\#(other)""#)
    graph.end(c, "cancel")
    #expect(status(d) == "pending")
    #expect(client.patch("\(tasks)/\(other)", #"{"sibling_policy":"fail"}"#).status == 200)
    #expect(status(d) == "failed")
    #expect(graph.get(d)?["reason"]?.stringValue?.contains(c) == true)
  }

  @Test func `an edge that lets its task fail answers that it failed`() {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    graph.end(a, "fail")
    #expect(status(b) == "pending")
    let answer = post("\(b)/dependencies", #"{"blocker":"\#(a)","on_failure":"fail"}"#)
    #expect(answer.json?["status"] == "failed")
    #expect(status(b) == "failed")
  }

  @Test func `a task that was deleted in the midst of work can be claimed when it is back`() {
    let task = graph.create("t")
    _ = claim(task)
    #expect(client.delete("\(tasks)/\(task)").status == 204)
    #expect(post("\(task)/restore", "").status == 200)
    #expect(status(task) == "pending")
    #expect(claim(task)?["task"]?["owner_agent"] == "a")
  }

  @Test func `the fence of a claim says nothing of what the task contains`() {
    let parent = graph.create("parent")
    let child = graph.create("child", #""parent":"\#(parent)""#)
    let fence = claim(parent)?["fence"]?.int64Value ?? 0
    graph.end(parent, "cancel", #"{"agent":"a","fence":\#(fence),"cascade":true}"#)
    #expect(status(child) == "cancelled")
  }

  @Test func `a container that moves from one wait to another keeps what it contains waiting`()
    throws
  {
    let first = graph.create("first")
    let waiting = graph.create("waiting", #""blocked_by":["\#(first)"]"#)
    let free = graph.create("free")
    graph.create("before", #""parent":"\#(free)""#)
    let box = graph.create("box", #""parent":"\#(waiting)""#)
    let inner = graph.create("inner", #""parent":"\#(box)""#)
    #expect(try graph.ready([inner]) == [])
    #expect(client.patch("\(tasks)/\(box)", #"{"parent":"\#(free)"}"#).status == 200)
    #expect(try graph.ready([inner]) == [])
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `a plan that contains open tasks is not done, unless it is forced`() {
    #expect(client.post(tasks, #"{"filename":"plan"}"#).status == 201)
    let inner = graph.create("inner", #""parent":"plan""#)
    for (path, body) in [("transition", #"{"event":"mark_done"}"#), ("complete", "{}")] {
      let refused = client.post("\(tasks)/plan/\(path)", body)
      #expect(refused.status == 409 && refused.json?["code"] == "children_open", "\(refused.text)")
    }
    #expect(graph.end("plan", "complete", #"{"force":true}"#)?["status"] == "done")
    graph.end("plan", "cancel")
    graph.end("plan", "reopen")
    graph.end(inner)
    #expect(client.post("\(tasks)/plan/transition", #"{"event":"cancel"}"#).status == 200)
  }

  @Test func `who comes back to a blocker that ended badly fails with it`() {
    let blocker = graph.create("blocker")
    func waiting(_ title: String) -> String {
      graph.create(title, #""blocked_by":[{"task":"\#(blocker)","on_failure":"fail"}]"#)
    }
    let held = waiting("held")
    let gone = waiting("gone")
    let force = #"{"agent":"a","task":"\#(held)","force":true}"#
    #expect(client.post("/v1/projects/p/claims", force).status == 200)
    #expect(client.delete("\(tasks)/\(gone)").status == 204)
    graph.end(blocker, "fail")
    // Running work is never revoked.
    #expect(graph.get(held)?["status"] == "in_progress")
    let released = graph.end(held, "release", #"{"agent":"a"}"#)
    #expect(released?["status"] == "failed", "\(released ?? .null)")
    let restored = client.post("\(tasks)/\(gone)/restore", "")
    #expect(restored.json?["status"] == "failed", "\(restored.text)")
    #expect(graph.get(gone)?["reason"]?.stringValue?.contains(blocker) == true)
    // Who opens it again means it.
    #expect(graph.end(held, "reopen")?["status"] == "pending")
  }

  @Test func `a delete and a restore answer what they made ready`() throws {
    let blocker = graph.create("blocker")
    let waits = graph.create("waits", #""blocked_by":["\#(blocker)"]"#)
    let store = graph.server.store
    let task: [(String, JSON)] = [("project", "p"), ("task", .string(blocker))]
    #expect(try store.mutate("task_delete", task)["unblocked"] == [.string(waits)])
    #expect(try store.mutate("task_restore", task)["unblocked"] == nil)
    let box = graph.create("box")
    let first = graph.create("first", #""parent":"\#(box)""#)
    let second = graph.create("second", #""parent":"\#(box)""#)
    let inner: [(String, JSON)] = [("project", "p"), ("task", .string(first))]
    #expect(try store.mutate("task_delete", inner)["unblocked"] == [.string(second)])
  }

  @Test func `a claim that waits is woken by tags and assignees`() {
    for (fields, patch) in [
      (#""needed_tags":["x"]"#, #"{"needed_tags":[]}"#), (#""assignee":"b""#, #"{"assignee":"a"}"#),
    ] {
      let task = graph.create("t", fields)
      let waiter = Waiter(
        client, "/v1/projects/p/claims", posting: #"{"agent":"a","wait_ms":30000}"#)
      #expect(eventually { graph.server.store.database.health.parked == 1 })
      #expect(client.patch("\(tasks)/\(task)", patch).status == 200)
      #expect(waiter.answer().json?["task"]?["id"]?.stringValue == task)
    }
  }

  @Test func `a claim that waits is woken when its agent connects with other tags`() {
    let task = graph.create("t", #""needed_tags":["x"]"#)
    let waiters = (0..<2).map { _ in
      Waiter(client, "/v1/projects/p/claims", posting: #"{"agent":"a","wait_ms":30000}"#)
    }
    #expect(eventually { graph.server.store.database.health.parked == 2 })
    func connect(_ tags: String) {
      let answer = client.post("/v1/agents", #"{"agent":"a","force":true,"tags":\#(tags)}"#)
      #expect(answer.status / 100 == 2, "\(answer.text)")
    }
    connect(#"["y"]"#)
    connect(#"["x"]"#)
    #expect(eventually { graph.server.store.database.health.parked == 1 })
    let other = graph.create("u")
    let claimed = waiters.map { $0.answer().json?["task"]?["id"]?.stringValue ?? "?" }
    #expect(Set(claimed) == [task, other])
  }

  @Test func `nobody works on a task that nobody holds, however it is written`() {
    func expectRefusal(_ answer: HTTPClient.Answer, at location: SourceLocation = #_sourceLocation)
    {
      #expect(
        answer.status == 409 && answer.json?["code"] == "invalid_transition"
          && answer.error.contains("by being claimed"), "\(answer.text)", sourceLocation: location)
    }
    for status in ["in_progress", "working"] {
      expectRefusal(client.post(tasks, #"{"title":"t","id":"t","status":"\#(status)"}"#))
    }
    expectRefusal(client.post(tasks, #"{"title":"t","workflow":"repository","status":"idle"}"#))
    #expect(client.get("\(tasks)/t").status == 404)
    graph.create("t", #""id":"t""#)
    expectRefusal(client.put("\(tasks)/t", #"{"filename":"t","status":"in_progress"}"#))
    expectRefusal(client.patch("\(tasks)/t", #"{"status":"in_progress"}"#))
    let many = client.post(
      "/v1/operations/task_bulk_update",
      #"{"project":"p","tasks":["t"],"patch":{"status":"in_progress"}}"#)
    #expect(many.json?["results"]?.arrayValue?.first?["code"] == "invalid_transition")
    #expect(status("t") == "pending")
    #expect(claim("t")?["task"]?["status"] == "in_progress")
    // Who holds it goes on holding it.
    #expect(
      client.put("\(tasks)/t", #"{"filename":"t","status":"in_progress"}"#).status == 200)
    #expect(graph.get("t")?["owner_agent"] == "a")
    #expect(client.post(tasks, #"{"title":"u","status":"completed"}"#).status == 201)
    // The events of a plan lead where they lead, and so does who writes one.
    #expect(client.post(tasks, #"{"filename":"plan","status":"implementing"}"#).status == 201)
    #expect(
      client.put("\(tasks)/plan", #"{"filename":"plan","status":"reviewing"}"#).status == 200)
  }

  @Test func `an unknown agent changes nothing`() {
    let task = graph.create("t")
    let claim = #"{"agent":"nobody"}"#
    for how in ["cancel", "reopen"] {
      #expect(client.post("\(tasks)/\(task)/\(how)", claim).json?["code"] == "agent_not_found")
    }
    let forced = client.post("\(tasks)/\(task)/complete", #"{"agent":"nobody","force":true}"#)
    #expect(forced.json?["code"] == "agent_not_found")
    let patch = client.patch("\(tasks)/\(task)", #"{"agent":"nobody","title":"u"}"#)
    #expect(patch.json?["code"] == "agent_not_found")
    #expect(client.delete("\(tasks)/\(task)?agent=nobody").json?["code"] == "agent_not_found")
    #expect(graph.get(task)?["status"] == "pending" && graph.get(task)?["title"] == "t")
  }

  @Test func `a circle through edges, parents and the order of siblings is refused`() {
    // first must end before the second child starts; what first waits for is inside of that child.
    let box = graph.create("box")
    let first = graph.create("first", #""parent":"\#(box)""#)
    let second = graph.create("second", #""parent":"\#(box)""#)
    let leaf = graph.create("leaf", #""parent":"\#(second)""#)
    let between = graph.create("between", #""blocked_by":["\#(leaf)"]"#)
    let circle = client.post("\(tasks)/\(first)/dependencies", #"{"blocker":"\#(between)"}"#)
    #expect(circle.status == 409 && circle.json?["code"] == "dependency_cycle", "\(circle.text)")
    let path = circle.json?["path"]?.arrayValue?.compactMap(\.stringValue) ?? []
    #expect(Set(path).isSuperset(of: [first, leaf, between]), "\(path)")
  }

  @Test func `a rollup follows what a task contains, and changes nothing`() {
    let top = graph.create("top", #""id":"top""#)
    func rollup() -> JSON? { client.get("\(tasks)/top/rollup").json?["rollup"] }
    #expect(rollup() == "pending")
    let box = graph.create("box", #""parent":"\#(top)""#)
    let leaves = (0..<3).map { graph.create("\($0)", #""parent":"\#(box)","join_mode":"also""#) }
    #expect(rollup() == "pending")
    graph.end(leaves[0])
    #expect(rollup() == "in_progress")
    graph.end(leaves[1], "cancel")
    graph.end(leaves[2])
    #expect(rollup() == "completed")
    graph.end(leaves[2], "reopen")
    graph.end(leaves[2], "fail")
    let answer = client.get("\(tasks)/top/rollup").json
    #expect(answer?["rollup"] == "failed" && answer?["status"] == "pending")
    #expect(answer?["by_category"] == ["done": 1, "failed": 1, "cancelled": 1])
    #expect(graph.get(top)?["status"] == "pending")
  }

  @Test func `a task that blocks twice is named once`() {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    let answer = post("\(b)/dependencies", #"{"blocker":"\#(a)","type":"follows"}"#)
    #expect(answer.json?["blocked_by"] == .array([.string(a)]))
    let refused = client.post("/v1/projects/p/claims", #"{"agent":"a","task":"\#(b)"}"#)
    #expect(refused.json?["blocked_by"] == .array([.string(a)]))
  }

  @Test func `a late patch does not open a task again under the claim that it ended`() {
    graph.create("t", #""id":"t""#)
    let fence = claim("t")?["fence"]?.int64Value ?? 0
    graph.end("t")
    let late = client.patch(
      "\(tasks)/t", #"{"status":"pending","agent":"a","fence":\#(fence)}"#)
    #expect(late.status == 403 && late.json?["code"] == "not_owner", "\(late.text)")
    #expect(status("t") == "completed")
  }

  @Test(arguments: [
    ("attachments", #""name":"n","content":"c""#), ("dependencies", #""blocker":"u""#),
    ("labels", #""add":["x"]"#), ("comments", #""text":"hm""#), ("blocked", #""reason":"why""#),
    ("pr-url", #""pr_url":"https://example.com""#), ("goal", #""goal":"done""#),
    ("rename", #""new_filename":"v""#), ("id", #""id":"w""#),
  ])
  func `a late call under an earlier claim changes nothing`(what: String, fields: String) {
    for id in ["t", "u"] { graph.create(id, #""id":"\#(id)""#) }
    let old = claim("t")?["fence"]?.int64Value ?? 0
    graph.end("t", "release", #"{"agent":"a"}"#)
    func send(_ fence: Int64) -> HTTPClient.Answer {
      let method = ["blocked", "pr-url", "goal", "id"].contains(what) ? "PUT" : "POST"
      return client.send(
        method, "\(tasks)/t/\(what)", body: Array(#"{"fence":\#(fence),\#(fields)}"#.utf8))
    }
    let before = graph.get("t")
    #expect(send(old).json?["code"] == "not_owner", "while nobody holds it")
    let fence = claim("t")?["fence"]?.int64Value ?? 0
    let late = send(old)
    #expect(late.status == 403 && late.json?["code"] == "not_owner", "\(late.text)")
    #expect(graph.get("t")?["tags"] == before?["tags"])
    let own = send(fence)
    #expect(own.status / 100 == 2, "\(own.text)")
  }

  @Test func `a late detach and a late text change nothing`() {
    graph.create("t", #""id":"t","content":"first""#)
    #expect(post("t/attachments", #"{"name":"n","content":"c"}"#).status == 201)
    let old = claim("t")?["fence"]?.int64Value ?? 0
    graph.end("t", "release", #"{"agent":"a"}"#)
    let fence = claim("t")?["fence"]?.int64Value ?? 0
    func detach(_ fence: Int64) -> HTTPClient.Answer {
      client.delete("\(tasks)/t/attachments/0", #"{"fence":\#(fence)}"#)
    }
    func write(_ fence: Int64) -> HTTPClient.Answer {
      client.post(
        "/v1/operations/content_set",
        #"{"project":"p","task":"t","content":"second","fence":\#(fence)}"#)
    }
    for late in [detach(old), write(old)] { #expect(late.status == 403, "\(late.text)") }
    #expect(client.get("\(tasks)/t/content").text == "first")
    for own in [detach(fence), write(fence)] { #expect(own.status / 100 == 2, "\(own.text)") }
  }

  @Test func `a bulk update that is refused leaves no claim behind`() {
    for id in ["t", "u"] { graph.create(id, #""id":"\#(id)""#) }
    let tag = String(repeating: "x", count: 110)
    let many = (0..<20).map { "\"\(tag)\($0)\"" }.joined(separator: ",")
    let answer = client.post(
      "/v1/operations/task_bulk_update",
      #"{"project":"p","tasks":["t","u"],"agent":"a","patch":{"status":"in_progress","needed_tags":[\#(many)]}}"#
    )
    #expect(answer.status == 400, "\(answer.text)")
    for id in ["t", "u"] {
      #expect(status(id) == "pending" && graph.get(id)?["owner_agent"] == nil)
    }
  }

  @Test func `a dependent whose workflow knows no failure is cancelled instead`() {
    let statuses =
      #"[{"name":"todo","category":"open"},{"name":"doing","category":"active"},{"name":"done","category":"done"},{"name":"dropped","category":"cancelled"}]"#
    let defined = client.post(
      "/v1/operations/workflow_define",
      #"{"project":"p","workflow":"train","statuses":\#(statuses)}"#)
    #expect(defined.status < 300, "\(defined.text)")
    graph.create("t", #""id":"t""#)
    graph.create("u", #""id":"u","workflow":"train""#)
    #expect(post("u/dependencies", #"{"blocker":"t","on_failure":"fail"}"#).status == 200)
    graph.end("t", "fail")
    #expect(status("u") == "dropped")
  }

  @Test func `no new task gets the id that another one was given`() throws {
    let before = graph.create("before")
    // The ids of the next rows, as another store that has the same key would give them.
    let next = try graph.server.store.view { view in
      let row = try #require(view.facts.ids.row(id: try TaskID(before)))
      return [2, 3].map { view.facts.ids.id(row: row + $0).text }
    }
    #expect(client.post(tasks, #"{"filename":"plan","id":"\#(next[0])"}"#).status == 201)
    #expect(graph.create("one", #""id":"\#(next[1])""#) == next[1])
    var ids = ["one", "two", "three"].map { name in
      client.post(tasks, #"{"filename":"\#(name)"}"#).json?["id"]?.stringValue ?? ""
    }
    ids += next
    #expect(Set(ids).count == ids.count, "\(ids)")
    for id in ids { #expect(graph.get(id)?["id"]?.stringValue == id) }
  }
}
