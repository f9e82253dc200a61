import HoldfastJSON
import HoldfastTesting
import Testing

/// Tasks of the task graph: what they are made with, and what they say of themselves.
@Suite struct GraphTaskTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }

  init() throws { graph = try GraphClient() }

  @Test func `a task of a title alone is pending, of medium priority, and called by its id`() {
    let answer = client.post(tasks, #"{"title":"Fix the login"}"#)
    #expect(answer.status == 201)
    let task = answer.json
    #expect(task?["title"] == "Fix the login")
    #expect(task?["status"] == "pending")
    #expect(task?["category"] == "open")
    #expect(task?["workflow"] == "graph")
    #expect(task?["priority"] == "medium")
    #expect(task?["priority_value"] == 5)
    #expect(task?["filename"] == task?["id"])
    #expect(task?["parent"] == nil)
    #expect(task?["owner_agent"] == nil)
    let id = task?["id"]?.stringValue ?? ""
    #expect(client.get("\(tasks)/\(id)").body == answer.body)
  }

  @Test func `all that a task is made with comes back`() {
    let answer = client.post(
      tasks,
      #"{"title":"t","id":"bd-1","priority":"critical","points":5,"time_estimate_ms":3600000,"#
        + #""tags":["b","a"],"needed_tags":["swift"],"wanted_tags":["x","y"],"phase":"build","#
        + #""due_at":"2030-01-02T03:04:05Z","sibling_policy":"release","description":"d","content":"c"}"#
    )
    #expect(answer.status == 201, "\(answer.text)")
    let task = answer.json
    for (name, value) in [
      ("id", "bd-1"), ("filename", "bd-1"), ("priority", "critical"), ("phase", "build"),
      ("due_at", "2030-01-02T03:04:05Z"), ("sibling_policy", "release"), ("description", "d"),
      ("content", "c"),
    ] { #expect(task?[name]?.stringValue == value) }
    #expect(task?["priority_value"] == 10)
    #expect(task?["points"] == 5)
    #expect(task?["time_estimate_ms"] == 3_600_000)
    #expect(task?["tags"] == ["b", "a"])
    #expect(task?["needed_tags"] == ["swift"])
    #expect(task?["wanted_tags"] == ["x", "y"])
    #expect(client.get("\(tasks)/bd-1").body == answer.body)
    #expect(client.post(tasks, #"{"title":"u","id":"bd-1"}"#).status == 409)
  }

  @Test(arguments: [
    (#""low""#, "low", 2), (#""high""#, "high", 8), ("0", "low", 0), ("3", "low", 3),
    ("4", "medium", 4), ("7", "high", 7), ("9", "critical", 9), ("10", "critical", 10),
  ])
  func `a priority is a name or a number`(given: String, name: String, value: Int64) {
    let id = graph.create("t", #""priority":\#(given)"#)
    #expect(graph.get(id)?["priority"]?.stringValue == name)
    #expect(graph.get(id)?["priority_value"]?.int64Value ?? 0 == value)
  }

  @Test(arguments: [
    #"{"title":"t","priority":11}"#, #"{"title":"t","priority":-1}"#,
    #"{"title":"t","priority":"urgent"}"#, #"{"title":"t","priority":2.5}"#,
    #"{"title":"t","points":-1}"#, #"{"title":"t","tags":[""]}"#,
    #"{"title":"t","tags":["a\u0001"]}"#,
    #"{"title":"t","join_mode":"later"}"#, #"{"title":"t","workflow":"none"}"#,
    #"{"title":"t","id":"a b"}"#, #"{"title":"t","id":"a/b"}"#,
    #"{"title":"t","blocked_by":[{"task":"x","on":"fail"}]}"#,
  ])
  func `a field that cannot be is refused and nothing is made`(body: String) {
    let answer = client.post(tasks, body)
    #expect(answer.status == 400, "\(answer.text)")
    #expect(client.get(tasks).text == "[]\n")
  }

  @Test func `an unknown parent or blocker makes nothing`() {
    for field in [#""parent":"nobody""#, #""blocked_by":["nobody"]"#] {
      let answer = client.post(tasks, #"{"title":"t",\#(field)}"#)
      #expect(answer.status == 404)
      #expect(answer.json?["code"] == "task_not_found")
    }
    #expect(client.get(tasks).text == "[]\n")
  }

  @Test func `children have their order`() {
    let parent = graph.create("parent")
    let first = graph.create("a", #""parent":"\#(parent)""#)
    let second = graph.create("b", #""parent":"\#(parent)""#)
    #expect(graph.get(first)?["parent"]?.stringValue == parent)
    #expect(graph.get(first)?["sibling_order"] == nil)
    #expect(graph.get(second)?["sibling_order"] == 1)
  }

  @Test func `a plain plan says nothing of the graph`() {
    let answer = client.post(tasks, #"{"filename":"plan"}"#)
    #expect(answer.status == 201)
    for name in ["title", "workflow", "category", "priority", "priority_value", "fence"] {
      #expect(answer.json?[name] == nil)
    }
  }

  @Test func `a tree is at most a hundred levels deep`() {
    var parent = graph.create("level 1")
    for level in 2...100 { parent = graph.create("level \(level)", #""parent":"\#(parent)""#) }
    let answer = client.post(tasks, #"{"title":"level 101","parent":"\#(parent)"}"#)
    #expect(answer.status == 400)
    #expect(answer.error.contains("100 levels"))
  }
}

/// Trees: made in one step, deleted and restored as one, moved.
@Suite struct GraphTreeTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }
  private let trees = "/v1/projects/p/trees"

  init() throws { graph = try GraphClient() }

  private func tree(_ body: String) -> [String] {
    let answer = client.post(trees, body)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json?["root_task_id"] == answer.json?["all_ids"]?.arrayValue?.first)
    return answer.json?["all_ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  private func shown(_ task: String) -> [String] {
    client.get("\(tasks)/\(task)/tree").json?["tasks"]?.arrayValue?.map {
      String(repeating: " ", count: Int($0["depth"]?.int64Value ?? 0))
        + ($0["title"]?.stringValue ?? "?")
    } ?? []
  }

  @Test func `a tree is made in one step, in the order in which it is written`() throws {
    let ids = tree(
      #"{"tree":{"title":"root","children":[{"title":"a","children":[{"title":"a1"},"#
        + #"{"title":"a2","join_mode":"also","priority":"high"}]},{"title":"b","id":"bee"}]}}"#)
    #expect(ids.count == 5 && ids.last == "bee")
    #expect(shown(ids[0]) == ["root", " a", "  a1", "  a2", " b"])
    #expect(try graph.ready(Array(ids.dropLast())) == [ids[2], ids[3]])
    #expect(graph.get(ids[3])?["priority"] == "high")
    let inner = tree(#"{"parent":"bee","tree":{"title":"c","blocked_by":["\#(ids[2])"]}}"#)
    #expect(graph.get(inner[0])?["parent"] == "bee")
    #expect(graph.get(inner[0])?["blocked_by"] == .array([.string(ids[2])]))
  }

  @Test(arguments: [
    #"{"tree":{"title":"t","children":[{"title":""}]}}"#, #"{"tree":{"children":[]}}"#,
    #"{"tree":{"title":"t","children":[{"title":"u","colour":"red"}]}}"#,
    #"{"tree":{"title":"t","parent":"x"}}"#, #"{"tree":"t"}"#,
  ])
  func `a wrong tree makes nothing`(body: String) {
    #expect(client.post(trees, body).status == 400)
    #expect(client.get(tasks).text == "[]\n")
  }

  @Test func `a tree that is too large or too deep makes nothing`() {
    let wide = (0..<10_000).map { _ in #"{"title":"c"}"# }.joined(separator: ",")
    let answer = client.post(trees, #"{"tree":{"title":"t","children":[\#(wide)]}}"#)
    #expect(answer.status == 400)
    #expect(answer.error.contains("10001"))
    var deep = #"{"title":"100"}"#
    for level in 0..<99 { deep = #"{"title":"\#(level)","children":[\#(deep)]}"# }
    #expect(client.post(trees, #"{"tree":\#(deep)}"#).status == 200)
    let deeper = client.post(
      trees, #"{"tree":{"title":"top","children":[\#(deep)]}}"#)
    #expect(deeper.status == 400)
    #expect(deeper.error.contains("100 levels"))
  }

  @Test func `an unknown blocker deep in a tree makes none of it`() {
    let answer = client.post(
      trees, #"{"tree":{"title":"t","children":[{"title":"u","blocked_by":["nobody"]}]}}"#)
    #expect(answer.status == 404)
    #expect(client.get(tasks).text == "[]\n")
  }

  @Test func `a task with children is deleted with them, and comes back with them`() throws {
    let ids = tree(
      #"{"tree":{"title":"root","children":[{"title":"a","children":[{"title":"a1"}]},"#
        + #"{"title":"b"}]}}"#)
    let refused = client.delete("\(tasks)/\(ids[0])")
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "has_children")
    #expect(refused.error == "Task has children; use cascade=true to delete")
    #expect(client.delete("\(tasks)/\(ids[3])").status == 204)
    #expect(client.delete("\(tasks)/\(ids[0])?cascade=true").status == 204)
    for id in ids { #expect(client.get("\(tasks)/\(id)").status == 404) }
    #expect(client.post("\(tasks)/\(ids[1])/restore", "").status == 409)
    #expect(client.post("\(tasks)/\(ids[0])/restore", "").status == 200)
    // What was deleted before stays deleted.
    #expect(shown(ids[0]) == ["root", " a", "  a1"])
    #expect(try graph.ready(ids) == [ids[2]])
    #expect(client.post("\(tasks)/\(ids[3])/restore", "").status == 200)
    #expect(shown(ids[0]) == ["root", " a", "  a1", " b"])
  }

  @Test func `a moved task waits where it stands now`() throws {
    let ids = tree(
      #"{"tree":{"title":"root","children":[{"title":"a"},{"title":"b"},{"title":"c"}]}}"#)
    #expect(try graph.ready(ids) == [ids[1]])
    #expect(client.patch("\(tasks)/\(ids[3])", #"{"sibling_order":-1}"#).status == 200)
    #expect(shown(ids[0]) == ["root", " c", " a", " b"])
    #expect(try graph.ready(ids) == [ids[3]])
    #expect(client.patch("\(tasks)/\(ids[1])", #"{"join_mode":"also"}"#).status == 200)
    #expect(try graph.ready(ids) == [ids[1], ids[3]])
    #expect(client.patch("\(tasks)/\(ids[2])", #"{"parent":null}"#).status == 200)
    #expect(try graph.ready(ids) == [ids[1], ids[2], ids[3]])
    // Not below itself.
    let answer = client.patch("\(tasks)/\(ids[0])", #"{"parent":"\#(ids[1])"}"#)
    #expect(answer.json?["code"] == "dependency_cycle", "\(answer.text)")
    #expect(shown(ids[0]) == ["root", " c", " a"])
  }
}
