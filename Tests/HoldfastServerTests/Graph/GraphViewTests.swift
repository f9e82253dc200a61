import HoldfastJSON
import HoldfastTesting
import Testing

/// The task graph from a little further away.
@Suite struct GraphViewTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  private let project = "/v1/projects/p"

  init() throws {
    graph = try GraphClient()
    for agent in ["ada", "bob"] { graph.connect(agent) }
  }

  /// An epic with {a} {b, c} {d}, and a task outside that waits for it.
  private func plan() {
    graph.create("Epic", #""id":"epic""#)
    for (id, mode, hours) in [
      ("a", "then", 1), ("b", "then", 2), ("c", "also", 5), ("d", "then", 1),
    ] {
      graph.create(
        id.uppercased(),
        #""id":"\#(id)","parent":"epic","join_mode":"\#(mode)","time_estimate_ms":\#(hours)"#)
    }
    graph.create("Out", #""id":"out","blocked_by":["epic"],"time_estimate_ms":3"#)
  }

  private func get(_ path: String) -> JSON? {
    let answer = client.get("\(project)/\(path)")
    #expect(answer.status == 200, "\(answer.text)")
    return answer.json
  }

  private func edges(_ answer: JSON?) -> [String] {
    answer?["edges"]?.arrayValue?.map {
      [$0["from"], $0["type"], $0["to"]].map { $0?.stringValue ?? "?" }.joined(separator: " ")
    } ?? []
  }

  private func ids(_ answer: JSON?, _ key: String) -> [String] {
    answer?[key]?.arrayValue?.map { $0["id"]?.stringValue ?? $0.stringValue ?? "?" } ?? []
  }

  @Test func `a graph has its tasks, its edges and the longest chain`() {
    plan()
    let all = get("graph")
    #expect(ids(all, "tasks") == ["a", "b", "c", "d", "epic", "out"])
    #expect(
      edges(all).sorted() == [
        "a then b", "a then c", "b then d", "c then d", "epic blocks out", "epic contains a",
        "epic contains b", "epic contains c", "epic contains d",
      ])
    #expect(ids(all, "critical_path") == ["a", "c", "d", "out"])
    #expect(all?["critical_path_ms"] == 10)
    #expect(all?["tasks"]?.arrayValue?.first?["critical"] == true)
    graph.end("a")
    let open = get("graph?open=true")
    #expect(ids(open, "tasks").sorted() == ["b", "c", "d", "epic", "out"])
    #expect(ids(open, "critical_path") == ["c", "d", "out"])
    let below = get("tasks/epic/graph")
    #expect(ids(below, "tasks") == ["epic", "a", "b", "c", "d"])
    #expect(ids(get("tasks/epic/graph?open=true"), "tasks") == ["epic", "b", "c", "d"])
  }

  @Test func `a graph is bounded and says so`() {
    plan()
    let some = get("graph?limit=2")
    #expect(ids(some, "tasks") == ["a", "b"] && some?["truncated"] == true)
    #expect(get("graph?limit=6")?["truncated"] == nil)
    #expect(get("tasks/epic/graph?limit=3")?["truncated"] == true)
    #expect(client.get("\(project)/graph?limit=5001").status == 400)
    #expect(client.get("\(project)/tasks/nobody/graph").status == 404)
    #expect(client.get("/v1/projects/empty/graph").json?["tasks"] == [])
  }

  @Test(arguments: ["mermaid", "dot"])
  func `a drawing stands in the place of values`(format: String) {
    plan()
    let drawn = get("graph?format=\(format)")
    #expect(drawn?["format"]?.stringValue == format)
    #expect(drawn?["content"]?.stringValue?.contains("epic Epic") == true)
    #expect(drawn?["tasks"] == nil && drawn?["edges"] == nil)
    #expect(client.get("\(project)/graph?format=svg").status == 400)
  }

  @Test func `neighbours are before and after, above and below`() {
    plan()
    let b = get("tasks/b/neighbours")
    #expect(ids(b, "before") == ["a"] && ids(b, "after") == ["d"])
    #expect(ids(b, "above") == ["epic"] && ids(b, "below") == [])
    let epic = get("tasks/epic/neighbours?limit=3")
    #expect(ids(epic, "after") == ["out"] && ids(epic, "below") == ["a", "b", "c"])
    #expect(epic?["truncated"] == ["below"])
    let out = get("tasks/out/neighbours")
    #expect(out?["before"]?.arrayValue?.map { $0["kind"] } == ["dependency"])
  }

  @Test func `the next thing is what one holds, else the best, else what blocks`() {
    #expect(get("next")?["kind"] == "nothing")
    plan()
    graph.create("Gpu", #""id":"gpu","needed_tags":["gpu"],"priority":"critical""#)
    let best = get("next?agent=ada")
    #expect(best?["kind"] == "ready" && best?["task"]?["id"] == "a")
    #expect(get("next")?["task"]?["id"] == "gpu")
    #expect(get("tasks/a")?["owner_agent"] == nil)
    graph.claim("a", for: "ada")
    let held = get("next?agent=ada")
    #expect(held?["kind"] == "held" && held?["task"]?["id"] == "a")
    let blocked = get("next?agent=bob")
    #expect(blocked?["kind"] == "blocked" && blocked?["task"]?["id"] == "a")
    #expect(blocked?["reason"]?.stringValue?.hasSuffix("ada holds it") == true)
    for task in ["a", "b", "c", "d", "epic", "out"] { graph.end(task) }
    let other = get("next?agent=bob")
    #expect(other?["kind"] == "blocked" && other?["task"]?["id"] == "gpu")
    #expect(client.get("\(project)/next?agent=nobody").status == 404)
  }

  @Test func `a summary counts what stands where`() {
    #expect(get("summary")?["total_tasks"] == 0)
    plan()
    graph.claim("a", for: "ada")
    let summary = get("summary")
    #expect(summary?["total_tasks"] == 6)
    #expect(summary?["by_status"] == ["in_progress": 1, "pending": 5])
    #expect(summary?["ready"] == 0 && summary?["blocked"] == 4)
    #expect(summary?["by_agent"] == ["ada": 1] && summary?["held"] == 1)
    graph.end("a")
    #expect(get("summary")?["ready"] == 2)
  }
}
