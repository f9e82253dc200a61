import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Workflows that a project defines for itself.
@Suite struct CustomWorkflowTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }
  let path = "/v1/projects/p/workflows/train"

  static let train = #"""
    {"statuses":[
      {"name":"idea","category":"waiting","moves":["todo","dropped"]},
      {"name":"todo","category":"open","aliases":["backlog"]},
      {"name":"redo","category":"open"},
      {"name":"doing","category":"active","moves":["checking","todo","broken"]},
      {"name":"checking","category":"active","moves":["doing","shipped","dropped"]},
      {"name":"pause","category":"waiting"},
      {"name":"shipped","category":"done","moves":["redo"]},
      {"name":"broken","category":"failed"},
      {"name":"dropped","category":"cancelled"}],
     "initial":"idea","operations":{"reopen":"redo"}}
    """#

  init() throws {
    graph = try GraphClient()
    #expect(client.put(path, Self.train).status == 200)
  }

  private func status(_ task: String) -> String? { graph.get(task)?["status"]?.stringValue }

  private func move(_ task: String, _ status: String) -> HTTPClient.Answer {
    client.patch("\(tasks)/\(task)", #"{"status":"\#(status)"}"#)
  }

  private func names(_ query: String) -> [String] {
    client.get("\(tasks)?\(query)").json?.arrayValue?.compactMap { $0["filename"]?.stringValue }
      ?? ["?"]
  }

  /// A task of the workflow that can be claimed.
  private func todo(_ id: String, _ fields: String = "") {
    graph.create(id, #""id":"\#(id)","workflow":"train","status":"todo""# + fields)
  }

  @Test func `what is defined is shown, and what is shown can be defined`() throws {
    let shown = try #require(client.get(path).json)
    #expect(shown["name"] == "train")
    #expect(shown["initial"] == "idea")
    #expect(shown["operations"]?["claim"] == "doing")
    #expect(shown["operations"]?["release"] == "todo")
    #expect(shown["operations"]?["reopen"] == "redo")
    let todo = shown["statuses"]?.arrayValue?[1]
    #expect(todo == ["name": "todo", "category": "open", "aliases": ["backlog"]])
    let events = try graph.server.rows("SELECT count(*) FROM events")
    #expect(client.put(path, shown.renderedText()).json == shown)
    #expect(try graph.server.rows("SELECT count(*) FROM events") == events)
    let list = client.get("/v1/projects/p/workflows").json?["workflows"]?.arrayValue
    #expect(list?.map { $0["name"] } == ["graph", "repository", "standard", "train"])
    #expect(list?.map { $0["built_in"] } == [true, true, true, nil])
    for workflow in list ?? [] {
      let one = client.get("/v1/projects/p/workflows/\(workflow["name"]?.stringValue ?? "")")
      #expect(one.json == workflow)
    }
    // Another project has it not.
    #expect(client.get("/v1/projects/q/workflows/train").status == 404)
    #expect(client.get("/v1/projects/q/workflows").json?["workflows"]?.arrayValue?.count == 3)
    #expect(
      client.post("/v1/projects/q/tasks", #"{"title":"t","workflow":"train"}"#).status == 400)
    let wrong = client.post(tasks, #"{"title":"t","workflow":"trian"}"#)
    #expect(wrong.status == 400 && wrong.error.contains(#"did you mean "train"?"#))
    let none = client.get("/v1/projects/p/workflows/trian")
    #expect(none.status == 404 && none.error.contains(#"did you mean "train"?"#))
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `a workflow in which work gets stuck is taken with a warning`() {
    let stuck = #"""
      {"statuses":[{"name":"todo","category":"open"},
       {"name":"doing","category":"active","moves":["asking"]},
       {"name":"asking","category":"waiting","moves":["doing"]},
       {"name":"shipped","category":"done"},{"name":"broken","category":"failed"}]}
      """#
    let defined = client.put("/v1/projects/p/workflows/stuck", stuck)
    #expect(defined.status == 200)
    #expect(
      defined.json?["warnings"] == [
        #"a claimed task is "doing", and no moves lead from there to "shipped": it is completed only with force"#,
        #"a claimed task is "doing", and no moves lead from there to "broken": it is failed only with force"#,
        #"work may come to "asking", and no moves lead from there to an end"#,
      ], "\(defined.text)")
    // What is shown is the definition alone, which can be sent back.
    let shown = client.get("/v1/projects/p/workflows/stuck")
    #expect(shown.json?["warnings"] == nil)
    #expect(client.put("/v1/projects/p/workflows/stuck", shown.text).status == 200)
    let late = #"""
      {"statuses":[{"name":"idea","category":"waiting","moves":[]},{"name":"todo","category":"open"},
       {"name":"doing","category":"active"},{"name":"shipped","category":"done"}],"initial":"idea"}
      """#
    #expect(
      client.put("/v1/projects/p/workflows/late", late).json?["warnings"] == [
        #"a new task is "idea", and no moves lead from there to a status that is open: nobody can claim it"#
      ])
    #expect(client.put(path, Self.train).json?["warnings"] == nil)
  }

  @Test func `a task goes through the statuses of its workflow`() throws {
    graph.connect("ada")
    graph.create("Idea", #""id":"t","workflow":"train""#)
    #expect(status("t") == "idea")
    #expect(graph.get("t")?["category"] == "waiting")
    #expect(client.get("/v1/projects/p/ready").json?["tasks"] == [])
    let early = client.post("/v1/projects/p/claims", #"{"agent":"ada","task":"t"}"#)
    #expect(early.status == 409 && early.json?["allowed"] == ["todo", "dropped"])
    #expect(move("t", "shipped").json?["allowed"] == ["todo", "dropped"])
    #expect(move("t", "backlog").status == 200)
    #expect(status("t") == "todo")
    let ready = client.get("/v1/projects/p/ready").json?["tasks"]?.arrayValue
    #expect(ready?.map { $0["id"] } == ["t"])
    let best = client.post("/v1/projects/p/claims", #"{"agent":"ada"}"#)
    #expect(best.json?["task"]?["status"] == "doing", "\(best.text)")
    graph.end("t", "release", #"{"agent":"ada"}"#)
    #expect(status("t") == "todo")
    graph.claim("t", for: "ada")
    let actions = client.get("\(tasks)/t/available-actions").json
    #expect(
      actions == ["transitions": [], "overrides": [], "moves": ["checking", "todo", "broken"]])
    let ended = client.post("\(tasks)/t/complete", #"{"agent":"ada"}"#)
    #expect(ended.status == 409 && ended.error.contains("'doing' to 'shipped'"))
    #expect(move("t", "checking").status == 200)
    #expect(graph.get("t")?["owner_agent"] == "ada")
    graph.end("t", "complete", #"{"agent":"ada"}"#)
    #expect(status("t") == "shipped")
    graph.end("t", "reopen")
    #expect(status("t") == "redo")
    graph.claim("t", for: "ada")
    graph.end("t", "fail", #"{"agent":"ada"}"#)
    #expect(status("t") == "broken")
    graph.end("t", "cancel")
    #expect(status("t") == "dropped")
    let steps = client.get("\(tasks)/t/history").json?["history"]?.arrayValue
    let passed = steps?.compactMap { $0["status"]?.stringValue } ?? []
    #expect(
      passed == [
        "idea", "todo", "doing", "todo", "doing", "checking", "shipped", "redo", "doing", "broken",
        "dropped",
      ], "\(steps ?? [])")
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `lists, counts, search and edges speak about tasks of all workflows`() throws {
    graph.connect("ada")
    todo("a", #","tags":["x"],"description":"kraken""#)
    todo("b", #","blocked_by":["a"]"#)
    graph.create("c", #""id":"c","blocked_by":["b"]"#)
    #expect(names("category=open") == ["a", "b", "c"])
    #expect(names("status=backlog") == ["a", "b"])
    #expect(names("status=todo&ready=true") == ["a"])
    let found = client.get("/v1/projects/p/search?q=kraken&status=backlog").json
    #expect(found?["tasks"]?.arrayValue?.count == 1, "\(found ?? .null)")
    let why = client.get("\(tasks)/b/why").json
    #expect(why?.renderedText().contains("\"a\"") == true)
    graph.claim("a", for: "ada")
    #expect(names("category=active") == ["a"])
    #expect(move("a", "checking").status == 200)
    #expect(graph.unblocked(graph.end("a", "complete", #"{"agent":"ada"}"#)) == ["b"])
    #expect(names("category=done") == ["a"])
    #expect(names("category=failed") == [])
    let stats = client.get("/v1/projects/p/stats").json
    #expect(stats?["by_status"]?["shipped"] == 1)
    #expect(stats?["by_category"]?["done"] == 1)
    #expect(client.get("/v1/projects/p/graph").text.contains("\"b\""))
    let bulk = client.post(
      "/v1/projects/p/bulk-update", #"{"tasks":["b"],"patch":{"status":"pause"}}"#)
    #expect(bulk.status == 200, "\(bulk.text)")
    #expect(names("category=waiting") == ["b"])
    #expect(graph.get("b")?["status"] == "pause")
    for (path, body) in [
      ("transition", #"{"event":"cancel"}"#), ("status", #"{"target":"done"}"#),
    ] {
      let answer =
        path == "status"
        ? client.put("\(tasks)/b/status", body) : client.post("\(tasks)/b/transition", body)
      #expect(answer.status == 409 && answer.error.contains("workflow train"), "\(answer.text)")
    }
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `a search over all projects knows the words of each`() throws {
    todo("a", #","description":"kraken""#)
    for (path, body) in [
      ("q/tasks", #"{"title":"kraken","id":"b","status":"pending"}"#),
      ("r/tasks", #"{"title":"kraken","id":"c","workflow":"repository","status":"ready"}"#),
    ] {
      #expect(client.post("/v1/projects/\(path)", body).status == 201)
    }
    func found(_ status: String) -> [String] {
      let answer = client.post(
        "/v1/operations/task_search", #"{"q":"kraken","status":["\#(status)"]}"#)
      return (answer.json?["tasks"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }.sorted()
    }
    // As the search looks beside the index, and as it looks into it.
    for _ in 0..<2 {
      #expect(found("backlog") == ["a"])
      #expect(found("todo") == ["a"])
      #expect(found("assigned") == ["b"])
      #expect(found("ready") == ["c"])
      try graph.server.store.search.catchUp()
    }
    // What one project calls its own is no word of another one.
    let other = Self.train.replacing("\"backlog\"", with: "\"pending\"")
    #expect(client.put(path, other).status == 200)
    #expect(found("pending") == ["a", "b"])
    #expect(found("todo") == ["a"])
  }

  @Test func `a status that its workflow has lost means what its events say`() throws {
    graph.connect("ada")
    todo("t")
    graph.claim("t", for: "ada")
    #expect(move("t", "checking").status == 200)
    graph.end("t", "complete", #"{"agent":"ada"}"#)
    graph.end("t", "reopen")
    func categories() -> [String] {
      let steps = client.get("\(tasks)/t/history").json?["history"]?.arrayValue ?? []
      return steps.map { step in
        ["status", "category", "worker_id"].map { step[$0]?.stringValue ?? "-" }
          .joined(separator: " ")
      }
    }
    #expect(
      categories() == [
        "todo open -", "doing active ada", "checking active ada", "shipped done ada", "redo open -",
      ])
    let time = client.get("\(tasks)/t/history").json?["time_per_agent_ms"]
    var train = Self.train
    for (old, new) in [
      ("doing", "at work"), ("checking", "in review"), ("shipped", "delivered"),
    ] {
      train = train.replacing("\"\(old)\"", with: "\"\(new)\"")
    }
    #expect(client.put(path, train).status == 200)
    #expect(
      categories() == [
        "todo open -", "doing active ada", "checking - ada", "shipped - ada", "redo open -",
      ])
    #expect(client.get("\(tasks)/t/history").json?["time_per_agent_ms"] == time)
  }

  @Test func `a tree, a deleted and a failed task keep to their workflow`() throws {
    graph.connect("ada")
    let tree = client.post(
      "/v1/projects/p/trees",
      #"{"tree":{"title":"top","id":"top","workflow":"train","children":[{"title":"in","id":"in","workflow":"train"}]}}"#
    )
    #expect(tree.status == 200, "\(tree.text)")
    #expect(status("in") == "idea")
    todo("first")
    todo("second", #","blocked_by":[{"task":"first","on_failure":"fail"}]"#)
    graph.claim("first", for: "ada")
    #expect(client.delete("\(tasks)/first").status == 204)
    #expect(client.post("\(tasks)/first/restore", "{}").status == 200)
    #expect(status("first") == "todo")
    graph.end("first", "fail")
    #expect(status("second") == "broken")
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test func `what tasks stand in stays, and means what it meant`() throws {
    for number in 1...7 { todo("t\(number)") }
    func defined(_ from: String, _ to: String) -> HTTPClient.Answer {
      client.put(path, Self.train.replacing(from, with: to))
    }
    let gone = defined(#"{"name":"todo","category":"open","aliases":["backlog"]},"#, "")
    #expect(gone.status == 400, "its moves name it still")
    let renamed = defined("todo", "next")
    #expect(renamed.status == 409)
    #expect(
      renamed.error.hasPrefix(
        "the workflow \"train\" cannot lose the status \"todo\", because tasks stand in it: t1, t2, t3, t4, t5 and more."
      ), "\(renamed.error)")
    let other = defined(
      #"{"name":"todo","category":"open""#, #"{"name":"todo","category":"waiting""#)
    #expect(other.status == 409)
    #expect(other.error.contains(#"have "todo" mean waiting instead of open"#), "\(other.error)")
    // Where nobody stands, all may change.
    #expect(defined("pause", "on hold").status == 200)
    #expect(move("t1", "on hold").status == 200)
    #expect(move("t2", "pause").status == 400)
    let refused = client.delete(path)
    #expect(refused.status == 409)
    #expect(refused.error.contains("because tasks have it: "), "\(refused.error)")
    for number in 1...6 { #expect(client.delete("\(tasks)/t\(number)?hard=true").status == 204) }
    #expect(client.delete("\(tasks)/t7").status == 204)
    #expect(client.delete(path).error.contains("t7 (deleted)"))
    #expect(client.delete("\(tasks)/t7?hard=true").status == 204)
    #expect(client.delete(path).status == 204)
    #expect(client.delete(path).status == 404)
    #expect(client.get(path).status == 404)
    #expect(client.delete("/v1/projects/p/workflows/graph").status == 409)
    let types = try graph.server.rows(
      "SELECT type FROM events WHERE type LIKE 'workflow%' ORDER BY seq")
    #expect(
      types == [
        [.text("workflow_defined")], [.text("workflow_defined")], [.text("workflow_deleted")],
      ])
    #expect(client.put(path, Self.train).status == 200)
    #expect(try Verify().run(on: graph.server.store).problems == [])
  }

  @Test(arguments: [
    ("{}", "statuses is required"),
    (#"{"statuses":[]}"#, "a list of 1 to 64"),
    (#"{"statuses":[{"name":"a","category":"open"}]}"#, "one of them must be active"),
    (#"{"statuses":[{"name":"a","category":"opne"}]}"#, #"did you mean "open"?"#),
    (#"{"statuses":[{"name":"a"}]}"#, "statuses[0]: category is required"),
    (#"{"statuses":[{"name":"","category":"open"}]}"#, "must not be empty"),
    (#"{"statuses":[{"name":" a","category":"open"}]}"#, "white space around"),
    (#"{"statuses":[{"name":"a","category":"open","colour":"red"}]}"#, "no field \"colour\""),
    (#"{"statuses":[1]}"#, "a status as an object"),
    (ok(#","aliases":["b"]"#), "stands for \"a\" already"),
    (ok(#","aliases":["a"]"#), "stands for \"a\" already"),
    (ok(#","moves":["doen"]"#), "must be one of a, b, done"),
    (ok(#","moves":["doen"]"#), #"did you mean "done"?"#),
    (ok(#","moves":["a"]"#), "is the one it starts from"),
    (ok(#","moves":["b","b"]"#), "is there twice"),
    (ok("", #","initial":"b""#), "open or waiting"),
    (ok("", #","initial":"c""#), "initial must be one of"),
    (ok("", #","operations":{"claim":"a"}"#), "a status that is active"),
    (ok("", #","operations":{"clam":"b"}"#), #"did you mean "claim"?"#),
    (ok("", #","name":"other""#), "as the request names the workflow"),
    (ok("", #","color":"red""#), "no field \"color\""),
    (many(65), "a list of 1 to 64"),
    (ok(#","aliases":\#((0..<17).map { "w\($0)" })"#), "at most 16"),
  ])
  func `a definition that cannot be is refused`(body: String, words: String) {
    let answer = client.put("/v1/projects/p/workflows/w", body)
    #expect(answer.status == 400, "\(answer.text)")
    #expect(answer.error.contains(words), "\(answer.error)")
    #expect(client.get("/v1/projects/p/workflows/w").status == 404)
  }

  /// A definition that would do, but for what is added.
  private static func ok(_ inFirst: String, _ behind: String = "") -> String {
    #"{"statuses":[{"name":"a","category":"open"\#(inFirst)},{"name":"b","category":"active"},"#
      + #"{"name":"done","category":"done"}]\#(behind)}"#
  }

  private static func many(_ count: Int) -> String {
    let statuses = (0..<count).map { #"{"name":"s\#($0)","category":"open"}"# }
    return "{\"statuses\":[\(statuses.joined(separator: ","))]}"
  }

  @Test func `names and numbers of workflows have bounds`() {
    let good = Self.ok("")
    for name in ["graph", "standard", "repository"] {
      let answer = client.put("/v1/projects/p/workflows/\(name)", good)
      #expect(answer.status == 400 && answer.error.contains("comes built in"))
    }
    let long = String(repeating: "x", count: 65)
    #expect(client.put("/v1/projects/p/workflows/\(long)", good).status == 400)
    for number in 1..<64 {
      #expect(client.put("/v1/projects/p/workflows/w\(number)", good).status == 200)
    }
    let answer = client.put("/v1/projects/p/workflows/one-more", good)
    #expect(answer.status == 409 && answer.error.contains("has 64 workflows"))
    #expect(client.put("/v1/projects/p/workflows/w1", good).status == 200)
  }
}
