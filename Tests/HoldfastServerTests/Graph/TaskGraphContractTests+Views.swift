import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// The rows on files, on what goes on in tasks, and on lists and views.
extension TaskGraphContract {
  // MARK: Files

  @Test func `16.9 a file has one holder`() {
    for id in ["a", "b"] { agent(id) }
    func take(_ agent: String, _ paths: String) -> HTTPClient.Answer {
      post("locks", #"{"agent":"\#(agent)","paths":[\#(paths)]}"#)
    }
    #expect(ok(take("a", #""x","y""#))?["acquired"] == true)
    let second = ok(take("b", #""x""#))
    #expect(second?["acquired"] == false && second?["locked_by"] == "a")
    #expect(second?["warning"] == "File already locked by agent a")
    let again = ok(take("a", #""x""#))
    #expect(again?["acquired"] == true && again?["warning"] == nil)
    let foreign = client.delete("\(project)/locks", #"{"agent":"b","paths":["x"]}"#)
    #expect(ok(foreign) == ["success": false, "released": 0])
    #expect(texts(client.get("\(project)/locks?agent=a").json?["locks"], "path") == ["x", "y"])
    #expect(texts(client.get("\(project)/locks?agent=b").json?["locks"], "path") == [])
    let all = client.delete("\(project)/locks", #"{"agent":"a"}"#)
    #expect(ok(all) == ["success": true, "released": 2])
    #expect(client.get("\(project)/locks").json?["locks"] == [])
    // The end of a task ends what it needed, and those who poll hear of it.
    let task = graph.create("t")
    #expect(ok(claim(task, "a", #","files":["z"]"#))?["locks"]?.arrayValue?.count == 1)
    graph.end(task, "complete", #"{"agent":"a"}"#)
    let last = client.get("\(project)/lock-events").json?["events"]?.arrayValue?.last
    #expect(last?["event"] == "released" && last?["path"] == "z" && last?["cause"] == "task_end")
  }

  @Test func `16.10 polls answer at once with what is new`() {
    for id in ["a", "b"] { agent(id) }
    func poll(_ agent: String) -> [String] {
      let answer = post("lock-updates", #"{"agent":"\#(agent)"}"#)
      #expect(graph.server.store.database.health.parked == 0)
      return (ok(answer)?["events"]?.arrayValue ?? []).map {
        "\($0["event"]?.stringValue ?? "") \($0["path"]?.stringValue ?? "")"
      }
    }
    func lock(_ path: String) { _ = ok(post("locks", #"{"agent":"a","paths":["\#(path)"]}"#)) }
    func free(_ path: String) {
      _ = ok(client.delete("\(project)/locks", #"{"agent":"a","paths":["\#(path)"]}"#))
    }
    #expect(poll("b") == [])
    lock("x")
    #expect(poll("b") == ["claimed x"])
    agent("late")
    lock("y")
    free("x")
    #expect(poll("late") == ["claimed y", "released x"])
    lock("z")
    free("z")
    #expect(poll("late") == ["claimed z", "released z"])
  }

  // MARK: What goes on, and what it costs

  @Test func `16.11 thoughts, times and costs`() {
    agent("a")
    let task = graph.create("t")
    let other = graph.create("other")
    graph.claim(task, for: "a")
    let told = ok(
      client.put("\(project)/thought", #"{"agent":"a","thought":"hm","tasks":["\#(task)"]}"#))
    #expect(told?["updated_count"] == 1 && graph.get(task)?["current_thought"] == "hm")
    #expect(client.get("/v1/agents").json?["agents"]?.arrayValue?.first?["current_thought"] == "hm")
    expect(
      client.put("\(project)/thought", #"{"agent":"a","thought":"x","tasks":["\#(other)"]}"#), 403,
      "not_owner")
    _ = ok(post("tasks/\(task)/time", #"{"agent":"a","duration_ms":1000}"#))
    let time = ok(post("tasks/\(task)/time", #"{"agent":"a","duration_ms":2000}"#))
    #expect(time?["time_actual_ms"] == 3000)
    _ = ok(
      post(
        "tasks/\(task)/costs", #"{"agent":"a","tokens_in":100,"tokens_out":50,"cost_usd":0.001}"#))
    let cost = post(
      "tasks/\(task)/costs", #"{"agent":"a","tokens_in":200,"tokens_out":100,"cost_usd":0.002}"#)
    #expect(cost.json?["tokens_in"] == 300 && cost.json?["tokens_out"] == 150)
    #expect(cost.text.contains(#""cost_usd":0.003"#), "\(cost.text)")
  }

  @Test func `16.12 statistics of all, of an agent and of a subtree`() {
    func stats(_ query: String = "") -> JSON? { ok(client.get("\(project)/stats\(query)")) }
    let empty = stats()
    #expect(
      empty?["total_tasks"] == 0
        && empty?["points"] == ["total": 0, "completed": 0, "remaining": 0])
    #expect(empty?["cost_usd"] == 0 && empty?["by_status"]?.objectValue?.members.count == 5)
    agent("a")
    let root = graph.create("root", #""points":2,"id":"root""#)
    graph.create("child", #""points":3,"parent":"root""#)
    #expect(stats("?subtree=root")?["points"]?["total"] == 5)
    #expect(client.delete("\(tasks)/\(root)?cascade=true").status == 204)
    let five = graph.create("five", #""points":5"#)
    graph.create("three", #""points":3"#)
    graph.claim(five, for: "a")
    #expect(stats("?agent=a")?["points"]?["total"] == 5)
    graph.end(five, "complete", #"{"agent":"a"}"#)
    #expect(stats()?["points"] == ["total": 8, "completed": 5, "remaining": 3])
  }

  @Test func `16.13 the history of a task, and the time it took`() {
    agent("a")
    func rows(_ task: String) -> [String] {
      (history(task)?["history"]?.arrayValue ?? []).map {
        "\($0["status"]?.stringValue ?? "") \($0["worker_id"]?.stringValue ?? "")"
          + ($0["end_timestamp"] == nil ? "…" : "")
      }
    }
    let task = graph.create("t")
    #expect(rows(task) == ["pending …"] && history(task)?["current_duration_ms"] == nil)
    graph.claim(task, for: "a")
    #expect(rows(task) == ["pending ", "in_progress a…"])
    clock.advance(seconds: 1)
    #expect(history(task)?["current_duration_ms"] == 1000)
    graph.end(task, "complete", #"{"agent":"a"}"#)
    #expect(rows(task).count == 3 && graph.get(task)?["time_actual_ms"] == 1000)
    let twice = graph.create("twice")
    for how in ["release", "fail"] {
      graph.claim(twice, for: "a")
      clock.advance(seconds: 5)
      graph.end(twice, how, #"{"agent":"a","reason":"why"}"#)
    }
    #expect(rows(twice).count == 5 && graph.get(twice)?["time_actual_ms"] == 10_000)
    let open = graph.end(twice, "reopen", #"{"reason":"once more"}"#)
    #expect(open?["owner_agent"] == nil)
    #expect(history(twice)?["history"]?.arrayValue?.last?["reason"] == "once more")
    #expect(texts(history(twice)?["history"], "reason") == ["why", "why", "once more"])
  }

  // MARK: Lists and views

  @Test func `16.14 an end tells what it made ready, which moves where that is wanted`() throws {
    let first = graph.create("first")
    let second = graph.create("second")
    let waiting = graph.create("waiting", #""blocked_by":["\#(first)","\#(second)"]"#)
    #expect(graph.unblocked(graph.end(first)) == [])
    #expect(graph.unblocked(graph.end(second)) == [waiting])
    #expect(graph.get(waiting)?["status"] == "pending")
    var settings = StoreSettings()
    settings.autoAdvance = "ready"
    let server = try TestServer(settings: settings)
    func make(_ id: String, _ fields: String) {
      let body = #"{"title":"t","id":"\#(id)","workflow":"repository"\#(fields)}"#
      #expect(server.client.post(tasks, body).status == 201)
    }
    func status(_ id: String) -> JSON? { server.client.get("\(tasks)/\(id)").json?["status"] }
    for id in ["a", "b"] { make(id, "") }
    make("waits", #","status":"pending","blocked_by":["a","b"]"#)
    make("queued", #","status":"queued","blocked_by":["a","b"]"#)
    make("apart", #","status":"pending""#)
    _ = server.client.post("\(tasks)/a/complete", #"{"force":true}"#)
    #expect(status("waits") == "pending")
    let last = server.client.post("\(tasks)/b/complete", #"{"force":true}"#)
    #expect(texts(last.json?["unblocked"]) == ["waits", "queued"], "\(last.text)")
    #expect(status("waits") == "ready" && status("queued") == "queued")
    #expect(status("apart") == "pending")
    #expect(try Verify().run(on: server.store).isClean)
  }

  @Test func `what was put off moves on with the sweep when its time has come`() throws {
    var settings = StoreSettings()
    settings.autoAdvance = "ready"
    let clock = TestClock()
    let backing = try TestStore(settings: settings) { clock.install(in: &$0) }
    let until = Timestamp(nanoseconds: clock.now + 60_000_000_000)
    try backing.store.mutate(
      "task_create",
      [
        ("project", "p"), ("title", "later"), ("id", "later"), ("workflow", "repository"),
        ("status", "pending"), ("defer_until", .string(until.description)),
      ])
    func status() throws -> JSON? {
      try backing.store.list("task_list", [("project", "p")])["tasks"]?.arrayValue?.first?["status"]
    }
    try backing.store.sweep()
    #expect(try status() == "pending")
    clock.advance(seconds: 61)
    try backing.store.sweep()
    #expect(try status() == "ready")
    #expect(try Verify().run(on: backing.store).isClean)
  }

  @Test func `16.15 pages cover everything once`() {
    let all = (0..<7).map { graph.create("t\($0)", #""id":"t\#($0)""#) }
    func pages(of operation: String, from offset: Int) -> [String] {
      var found: [String] = []
      var cursor = ""
      repeat {
        // As a client does that only puts the cursor into its request.
        let answer = client.post(
          "/v1/operations/\(operation)",
          #"{"project":"p","offset":\#(offset),"limit":2,"cursor":"\#(cursor)"}"#)
        found += texts(ok(answer)?["tasks"], "id")
        cursor = answer.json?["next_cursor"]?.stringValue ?? ""
      } while !cursor.isEmpty && found.count < 20
      return found
    }
    func page(_ operation: String, _ fields: String) -> (ids: [String], more: Bool?) {
      let answer = client.post(
        "/v1/operations/\(operation)", #"{"project":"p"\#(fields)}"#)
      return (texts(ok(answer)?["tasks"], "id"), answer.json?["has_more"]?.boolValue)
    }
    for operation in ["task_list", "task_ready"] {
      #expect(page(operation, #","limit":3,"offset":0"#) == (Array(all[0..<3]), true))
      #expect(page(operation, #","limit":3,"offset":3"#) == (Array(all[3..<6]), true))
      #expect(page(operation, #","limit":3,"offset":6"#) == (Array(all[6...]), false))
      #expect(page(operation, #","limit":7"#) == (all, false), "an exact fit")
      #expect(page(operation, #","limit":3,"offset":7"#) == ([], false))
      #expect(page(operation, #","limit":3,"offset":100"#) == ([], false))
      #expect(page(operation, #","offset":5"#) == (Array(all[5...]), false))
      #expect(
        pages(of: operation, from: 0) == all && pages(of: operation, from: 2) == Array(all[2...]))
    }
    #expect(
      page("task_list", #","offset":2,"limit":2,"status":["pending"]"#) == (["t2", "t3"], true))
    expect(
      client.post("/v1/operations/task_list", #"{"project":"p","offset":-1}"#), 400,
      "invalid_field", "offset")
  }

  @Test func `16.16 a new id takes tags, edges and attachments along`() {
    graph.create("first", #""id":"first""#)
    graph.create("old", #""id":"old","tags":["x"],"blocked_by":["first"]"#)
    graph.create("behind", #""id":"behind","blocked_by":["old"]"#)
    _ = ok(post("tasks/old/attachments", #"{"name":"n","content":"kept"}"#))
    let renamed = ok(client.put("\(tasks)/old/id", #"{"id":"new"}"#))
    #expect(renamed?["id"] == "new" && renamed?["tags"] == ["x"])
    #expect(texts(graph.get("new")?["blocked_by"]) == ["first"])
    #expect(texts(graph.get("behind")?["blocked_by"]) == ["new"])
    #expect(client.get("\(tasks)/new/attachments/0/content").text == "kept")
    expect(client.put("\(tasks)/new/id", #"{"id":"first"}"#), 409, "already_exists")
    #expect(client.put("\(tasks)/old/id", #"{"id":"other"}"#).status == 404)
  }

  @Test func `16.17 reports read and change nothing`() {
    for number in 0..<120 { graph.create("t\(number)") }
    func ask(_ sql: String, _ more: String = "") -> HTTPClient.Answer {
      client.post("/v1/sql", #"{"sql":\#(JSON.string(sql).renderedText())\#(more)}"#)
    }
    let usual = ok(ask("SELECT title FROM task_graph_tasks ORDER BY created_at, id"))
    #expect(usual?["columns"] == ["title"] && usual?["row_count"] == 100)
    #expect(usual?["truncated"] == true)
    let all = ok(ask("SELECT title FROM task_graph_tasks", #","limit":1000"#))
    #expect(all?["row_count"] == 120 && all?["truncated"] == false)
    #expect(ask("SELECT 1", #","limit":1001"#).status == 400)
    let one = ask("SELECT count(*) FROM task_graph_tasks WHERE title = ?1", #","values":["t7"]"#)
    #expect(ok(one)?["rows"] == [[1]])
    #expect(
      ok(ask("WITH x AS (SELECT 1 AS a) SELECT a FROM x", #","format":"csv""#))?["content"]
        == "a\r\n1\r\n")
    #expect(
      ok(ask("SELECT 'update x' AS a", #","format":"markdown""#))?["content"]
        == "| a |\n| --- |\n| update x |\n")
    for sql in [
      "UPDATE tasks SET title = ''", "DELETE FROM tasks", "SELECT 1; SELECT 2",
      "SELECT * FROM store",
      "SELECT * FROM idempotency",
    ] { #expect(ask(sql).status == 400, "\(sql)") }
  }

  @Test func `16.18 attachments by type, with names for their files, to the byte`() {
    graph.create("t", #""id":"t""#)
    func attach(_ fields: String) -> HTTPClient.Answer {
      post("tasks/t/attachments", "{\(fields)}")
    }
    let bytes: [UInt8] = [0, 255, 10, 13, 128]
    let base64 = Base64.encode(bytes)
    #expect(
      attach(#""name":"a","mime":"image/png","type":"shot","content":{"base64":"\#(base64)"}"#)
        .status == 201)
    #expect(attach(#""name":"b","mime":"image/jpeg","content":"x""#).status == 201)
    #expect(attach(#""name":"c","type":"log","content":"x""#).status == 201)
    func names(_ query: String) -> [String] {
      texts(client.get("\(tasks)/t/attachments?\(query)").json?["attachments"], "name")
    }
    #expect(names("mime=image/") == ["a", "b"] && names("mime=image/png") == ["a"])
    #expect(names("type=log") == ["c"] && names("mime=image/&type=shot") == ["a"])
    #expect(client.get("\(tasks)/t/attachments/0/content").body == bytes)
    #expect(
      client.get("\(tasks)/t/attachments/0").json?["content"]?["base64"]?.stringValue == base64)
    for (type, ending) in [
      ("application/json", "json"), ("text/plain", "txt"), ("text/markdown", "md"),
      ("text/html", "html"), ("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"),
      ("image/webp", "webp"), ("application/pdf", "pdf"), ("application/x-tar", "bin"),
    ] {
      let answer = attach(
        #""name":"f","mime":"\#(type)","content":"\#(type)","store_as_file":true"#)
      let path = answer.json?["file_path"]?.stringValue ?? ""
      #expect(
        path.hasPrefix(".task-graph/media/t_f_") && path.hasSuffix(".\(ending)"), "\(answer.text)")
    }
    let most = String(repeating: "n", count: 255)
    #expect(attach(#""name":"\#(most)","content":"x""#).status == 201)
    expect(attach(#""name":"\#(most)n","content":"x""#), 400, "invalid_field", "255")
    for type in ["a", "a/", "/b", "a/b/c", "a b/c", ""] {
      expect(attach(#""name":"n","content":"x","mime":"\#(type)""#), 400, "invalid_field")
    }
    expect(
      attach(#""name":"n""#), 400, "invalid_field", "Either 'content' or 'file' must be provided")
  }
}
