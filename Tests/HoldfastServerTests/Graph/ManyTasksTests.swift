import HoldfastJSON
import HoldfastTesting
import Testing

/// Changes of several tasks at once.
@Suite struct ManyTasksTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  private let project = "/v1/projects/p"

  init() throws {
    graph = try GraphClient()
    for agent in ["ada", "bob"] { graph.connect(agent) }
    for id in ["a", "b", "c", "d"] { graph.create(id.uppercased(), #""id":"\#(id)""#) }
  }

  private func post(_ path: String, _ body: String) -> HTTPClient.Answer {
    client.post("\(project)/\(path)", body)
  }

  private func pairs(_ answer: HTTPClient.Answer, _ key: String) -> [String] {
    answer.json?[key]?.arrayValue?.map {
      [$0["from"], $0["to"]].compactMap { $0?.stringValue }.joined(separator: " ")
        + ($0["code"].map { " \($0.stringValue ?? "")" } ?? "")
    } ?? [answer.text]
  }

  // MARK: Bulk update

  @Test func `one patch changes many tasks, and each is answered apart`() {
    let answer = post(
      "bulk-update", #"{"tasks":["a","b","nobody","a"],"patch":{"priority":"high","tags":["x"]}}"#)
    #expect(answer.status == 200)
    #expect(answer.json?["success"] == false && answer.json?["updated_count"] == 2)
    let results = answer.json?["results"]?.arrayValue ?? []
    #expect(results.map { $0["task"] } == ["a", "b", "nobody"])
    #expect(results.last?["code"] == "task_not_found")
    #expect(graph.get("a")?["priority"] == "high" && graph.get("b")?["tags"] == ["x"])
    let again = post("bulk-update", #"{"tasks":["a"],"patch":{"priority":"high"}}"#)
    #expect(again.json?["updated_count"] == 0 && again.json?["success"] == true)
  }

  @Test func `all or none when that is asked for`() {
    let answer = post(
      "bulk-update", #"{"tasks":["a","nobody"],"patch":{"priority":"low"},"atomic":true}"#)
    #expect(answer.status == 404 && answer.error.contains("nobody"))
    #expect(graph.get("a")?["priority"] == "medium")
    graph.claim("b", for: "ada")
    let held = post(
      "bulk-update",
      #"{"tasks":["a","b"],"patch":{"status":"cancelled"},"agent":"bob","atomic":true}"#)
    #expect(held.status == 403 && held.error.contains("ada holds it"), "\(held.text)")
    #expect(graph.get("a")?["status"] == "pending")
  }

  @Test func `conditions choose the tasks, as they are before the first change`() {
    _ = post("links", #"{"from":["a"],"to":["b"]}"#)
    let answer = post(
      "bulk-update", #"{"filter":{"ready":true},"patch":{"status":"completed"}}"#)
    #expect(answer.json?["updated_count"] == 3, "\(answer.text)")
    #expect(answer.json?["unblocked"] == ["b"])
    #expect(graph.get("b")?["status"] == "pending")
    let tagged = post(
      "bulk-update", #"{"filter":{"category":["open"],"q":"b"},"patch":{"assignee":"ada"}}"#)
    #expect(tagged.json?["updated_count"] == 1)
    #expect(graph.get("b")?["assignee"] == "ada")
    #expect(
      post("bulk-update", #"{"filter":{"status":["none"]},"patch":{"title":"x"}}"#).json?["results"]
        == [])
  }

  @Test(arguments: [
    (#"{"patch":{"title":"x"}}"#, "name tasks"),
    (#"{"tasks":["a"],"filter":{"ready":true},"patch":{"title":"x"}}"#, "not both"),
    (#"{"tasks":["a"],"patch":{}}"#, "at least one field"),
    (#"{"tasks":["a"],"patch":{"prioritiy":1}}"#, #"did you mean "priority""#),
    (#"{"filter":{"statuss":["a"]},"patch":{"title":"x"}}"#, #"did you mean "status""#),
    (#"{"filter":{},"patch":{"title":"x"}}"#, "at least one condition"),
    (#"{"tasks":["a"],"patch":{"parent":"b"}}"#, "one by one"),
    (#"{"tasks":["a"],"patch":{"created_at":"2020-01-01T00:00:00Z"}}"#, "one by one"),
    (#"{"tasks":["a"],"patch":{"points":-1}}"#, "points"),
  ])
  func `a call that cannot be meant is refused`(body: String, reason: String) {
    let answer = post("bulk-update", body)
    #expect(answer.status == 400 && answer.error.contains(reason), "\(answer.text)")
  }

  @Test func `no more than a thousand tasks at once`() {
    let names = (0...1000).map { #""t\#($0)""# }.joined(separator: ",")
    #expect(post("bulk-update", #"{"tasks":[\#(names)],"patch":{"title":"x"}}"#).status == 400)
    let children = (0...1000).map { #"{"title":"t\#($0)"}"# }.joined(separator: ",")
    #expect(
      post("trees", #"{"tree":{"title":"Root","id":"root","children":[\#(children)]}}"#).status
        == 200)
    let many = post("bulk-update", #"{"filter":{"parent":"root"},"patch":{"tags":["x"]}}"#)
    #expect(many.status == 400 && many.error.contains("narrow"), "\(many.text.prefix(200))")
    let all = post(
      "bulk-update", #"{"filter":{"category":["open"],"parent":"null"},"patch":{"phase":"x"}}"#)
    #expect(all.json?["updated_count"] == 5)
  }

  // MARK: Links

  @Test func `links are a cross product of which each pair is answered apart`() {
    let made = post("links", #"{"from":["a","b"],"to":["c","d"]}"#)
    #expect(pairs(made, "created") == ["a c", "a d", "b c", "b d"])
    #expect(made.json?["success"] == true && made.json?["type"] == "blocks")
    #expect(made.json?["warnings"] == [] && made.json?["errors"] == [])
    let again = post("links", #"{"from":["a","nobody"],"to":["c"]}"#)
    #expect(pairs(again, "warnings") == ["nobody task_not_found", "a c duplicate"])
    #expect(again.json?["success"] == true && again.json?["created"] == [])
    let missing = post("links", #"{"from":["a"],"to":["gone"]}"#).json?["warnings"]?.arrayValue?
      .first
    #expect(missing?["to"] == "gone" && missing?["from"] == nil, "\(missing ?? .null)")
    let circle = post("links", #"{"from":["c"],"to":["a","c"]}"#)
    #expect(circle.status == 200 && circle.json?["success"] == false)
    #expect(pairs(circle, "errors") == ["c a dependency_cycle", "c c dependency_cycle"])
    let gone = client.delete("\(project)/links", #"{"from":["a","b"],"to":["c"],"type":"blocks"}"#)
    #expect(pairs(gone, "removed") == ["a c", "b c"] && gone.json?["unblocked"] == ["c"])
    let more = client.delete("\(project)/links", #"{"from":["a"],"to":["c"]}"#)
    #expect(pairs(more, "warnings") == ["a c dependency_not_found"])
  }

  @Test func `all links or none when that is asked for`() {
    let circle = post("links", #"{"from":["a"],"to":["b","a"],"atomic":true}"#)
    #expect(circle.status == 409)
    #expect(post("links", #"{"from":["a"],"to":["b","x"],"atomic":true}"#).status == 404)
    #expect(client.get("\(graph.tasks)/a/dependencies").json?["dependents"] == [])
    #expect(post("links", #"{"from":[],"to":["b"]}"#).status == 400)
    let many = (0...1000).map { #""t\#($0)""# }.joined(separator: ",")
    #expect(post("links", #"{"from":["a"],"to":[\#(many)]}"#).status == 400)
  }

  @Test func `a link that contains is the place in the tree`() {
    let put = post("links", #"{"from":["a"],"to":["b","c"],"type":"contains"}"#)
    #expect(pairs(put, "created") == ["a b", "a c"])
    #expect(graph.get("c")?["parent"] == "a" && graph.get("c")?["sibling_order"] == 1)
    let ready = client.get("\(project)/ready").json?["tasks"]?.arrayValue
    #expect(ready?.map { $0["id"] } == ["b", "d"])
    // Each pair apart: c is inside of a, d is not.
    let circle = post("links", #"{"from":["c","d"],"to":["a"],"type":"contains"}"#)
    #expect(pairs(circle, "errors") == ["c a dependency_cycle"], "\(circle.text)")
    #expect(pairs(circle, "created") == ["d a"] && circle.json?["success"] == false)
    #expect(graph.get("a")?["parent"] == "d")
    // The order of siblings counts, too: what waits for the last one does not come behind it.
    graph.create("E", #""id":"e","blocked_by":["c"]"#)
    let wait = post("links", #"{"from":["b"],"to":["e"],"type":"contains"}"#)
    #expect(pairs(wait, "errors") == ["b e dependency_cycle"], "\(wait.text)")
    #expect(
      pairs(post("links", #"{"from":["d"],"to":["e"],"type":"contains"}"#), "created") == ["d e"])
    #expect(
      pairs(post("links", #"{"from":["a"],"to":["e"],"type":"contains"}"#), "created") == ["a e"])
    let all = post("links", #"{"from":["e","d"],"to":["b"],"type":"contains","atomic":true}"#)
    #expect(all.status == 200, "\(all.text)")
    #expect(
      post("links", #"{"from":["d"],"to":["c","d"],"type":"contains","atomic":true}"#).status == 409
    )
    #expect(graph.get("c")?["parent"] == "a" && graph.get("b")?["parent"] == "d")
    _ = post("links", #"{"from":["a"],"to":["b"],"type":"contains"}"#)
    let out = client.delete("\(project)/links", #"{"from":["a"],"to":["b"],"type":"contains"}"#)
    #expect(pairs(out, "removed") == ["a b"])
    #expect(graph.get("b")?["parent"] == nil)
  }

  // MARK: Push and ids

  @Test func `a push assigns what the agent could claim`() throws {
    let pushed = post("tasks/a/push", #"{"agent":"ada"}"#)
    #expect(pushed.status == 200 && pushed.json?["assignee"] == "ada")
    #expect(post("claims", #"{"agent":"bob","task":"a"}"#).status == 409)
    #expect(post("tasks/a/push", #"{"agent":"bob"}"#).status == 409)
    #expect(post("tasks/a/push", #"{"agent":"ada"}"#).status == 200)
    #expect(client.patch("\(graph.tasks)/a", #"{"title":"A2"}"#).json?["assignee"] == "ada")
    #expect(post("tasks/a/push", #"{"agent":"nobody"}"#).status == 404)
    graph.claim("a", for: "ada")
    let taken = post("tasks/a/push", #"{"agent":"bob","force":true}"#)
    #expect(taken.json?["assignee"] == "bob" && taken.json?["owner_agent"] == nil)
    _ = post("links", #"{"from":["b"],"to":["c"]}"#)
    let blocked = post("tasks/c/push", #"{"agent":"ada"}"#)
    #expect(blocked.status == 409 && blocked.json?["blocked_by"] == ["b"])
    graph.create("Gpu", #""id":"gpu","needed_tags":["gpu"]"#)
    #expect(post("tasks/gpu/push", #"{"agent":"ada"}"#).json?["code"] == "tag_mismatch")
    graph.end("d")
    #expect(post("tasks/d/push", #"{"agent":"ada"}"#).json?["code"] == "invalid_transition")
  }

  @Test func `a new id takes edges, tags and name along`() {
    _ = post("links", #"{"from":["a"],"to":["b"]}"#)
    _ = post("tasks/a/labels", #"{"add":["ui"]}"#)
    let named = client.put("\(graph.tasks)/a/id", #"{"id":"first"}"#)
    #expect(named.json?["id"] == "first" && named.json?["filename"] == "first")
    #expect(named.json?["tags"] == ["ui"])
    #expect(graph.get("b")?["blocked_by"] == ["first"])
    #expect(client.get("\(graph.tasks)/a").status == 404)
    #expect(client.put("\(graph.tasks)/a/id", #"{"id":"x"}"#).status == 404)
    #expect(client.put("\(graph.tasks)/first/id", #"{"id":"b"}"#).status == 409)
    #expect(client.put("\(graph.tasks)/first/id", #"{"id":"a b"}"#).status == 400)
    graph.create("Again", #""id":"a""#)
    #expect(client.post(graph.tasks, #"{"filename":"plan"}"#).status == 201)
    let plan = client.put("\(graph.tasks)/plan/id", #"{"id":"p1"}"#)
    #expect(plan.json?["id"] == "p1" && plan.json?["filename"] == "plan")
    #expect(client.get("\(graph.tasks)/p1").json?["filename"] == "plan")
  }
}
