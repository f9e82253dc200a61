import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Sums over tasks.
@Suite struct StatsTests {
  let graph: GraphClient
  let clock = TestClock()
  var client: HTTPClient { graph.client }

  init() throws { graph = try GraphClient(clock: clock) }

  private func stats(_ query: String = "", at location: SourceLocation = #_sourceLocation) -> JSON?
  {
    let answer = client.get("/v1/projects/p/stats" + (query.isEmpty ? "" : "?\(query)"))
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: location)
    return answer.json
  }

  private func log(_ task: String, _ body: String, to kind: String = "costs") {
    #expect(client.post("\(graph.tasks)/\(task)/\(kind)", body).status == 200)
  }

  private let zeros: JSON = [
    "total_tasks": 0,
    "by_status": ["pending": 0, "in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0],
    "by_category": [
      "open": 0, "active": 0, "waiting": 0, "done": 0, "failed": 0, "cancelled": 0,
    ],
    "points": ["total": 0, "completed": 0, "remaining": 0],
    "time": ["estimated_ms": 0, "actual_ms": 0],
    "tokens": ["in": 0, "cached": 0, "out": 0, "thinking": 0, "image": 0, "audio": 0],
    "cost_usd": 0,
  ]

  @Test func `an empty store gives zeros, and so does an empty project`() {
    #expect(stats() == zeros)
    _ = client.post("/v1/projects/p/topics", #"{"name":"t"}"#)
    #expect(stats() == zeros)
    #expect(stats("agent=nobody&since=2020-01-01T00:00:00Z") == zeros)
  }

  @Test func `points, times and tokens of all tasks add up`() {
    let first = graph.create("one", #""points":5,"time_estimate_ms":1000"#)
    graph.create("two", #""points":3"#)
    log(first, #"{"tokens_in":1,"tokens_cached":2,"tokens_out":3,"cost_usd":0.5}"#)
    log(first, #"{"tokens_thinking":4,"tokens_image":5,"tokens_audio":6}"#)
    log(first, #"{"duration_ms":70}"#, to: "time")
    graph.end(first)
    let all = stats()
    #expect(all?["total_tasks"]?.int64Value == 2)
    #expect(all?["points"] == ["total": 8, "completed": 5, "remaining": 3])
    #expect(all?["by_status"]?["completed"]?.int64Value == 1)
    #expect(all?["by_status"]?["pending"]?.int64Value == 1)
    #expect(all?["by_category"]?["done"]?.int64Value == 1)
    #expect(all?["time"] == ["estimated_ms": 1000, "actual_ms": 70])
    #expect(
      all?["tokens"]
        == ["in": 1, "cached": 2, "out": 3, "thinking": 4, "image": 5, "audio": 6])
    #expect(all?["cost_usd"] == .number(JSONNumber(5, decimals: 1)))
  }

  @Test func `a subtree has its root in it, and no deleted task`() {
    let root = graph.create("root", #""points":2"#)
    let child = graph.create("child", #""points":3,"parent":"\#(root)""#)
    graph.create("other", #""points":10"#)
    let gone = graph.create("gone", #""points":20,"parent":"\#(child)""#)
    #expect(client.delete("\(graph.tasks)/\(gone)").status == 204)
    log(child, #"{"tokens_in":7}"#)
    #expect(stats("subtree=\(root)")?["points"]?["total"]?.int64Value == 5)
    #expect(stats("subtree=\(root)")?["total_tasks"]?.int64Value == 2)
    #expect(stats("subtree=\(child)")?["tokens"]?["in"]?.int64Value == 7)
    #expect(stats()?["points"]?["total"]?.int64Value == 15)
    #expect(client.get("/v1/projects/p/stats?subtree=none").status == 404)
  }

  @Test func `an agent's sums are of what it logged, on tasks that have to do with it`() {
    for agent in ["a", "b"] { graph.connect(agent) }
    let held = graph.create("held", #""points":1"#)
    let meant = graph.create("meant", #""points":2,"assignee":"a""#)
    let logged = graph.create("logged", #""points":4"#)
    graph.create("other", #""points":8"#)
    graph.claim(held, for: "a")
    log(logged, #"{"agent":"a","tokens_in":10,"cost_usd":0.25}"#)
    log(logged, #"{"agent":"b","tokens_in":100}"#)
    log(meant, #"{"tokens_in":1000}"#)
    let ofA = stats("agent=a")
    #expect(ofA?["total_tasks"]?.int64Value == 3)
    #expect(ofA?["points"]?["total"]?.int64Value == 7)
    #expect(ofA?["tokens"]?["in"]?.int64Value == 10)
    #expect(ofA?["cost_usd"] == .number(JSONNumber(25, decimals: 2)))
    #expect(stats("agent=b")?["tokens"]?["in"]?.int64Value == 100)
    #expect(stats()?["tokens"]?["in"]?.int64Value == 1110)
    #expect(stats("agent=a&subtree=\(logged)")?["total_tasks"]?.int64Value == 1)
  }

  @Test func `a tag is a whole word of a task`() {
    graph.create("one", #""points":1,"tags":["web","api"]"#)
    graph.create("two", #""points":2,"tags":["webby"]"#)
    #expect(stats("tag=web")?["points"]?["total"]?.int64Value == 1)
    #expect(stats("tag=api")?["points"]?["total"]?.int64Value == 1)
    #expect(stats("tag=webby")?["points"]?["total"]?.int64Value == 2)
    #expect(stats("tag=we")?["total_tasks"]?.int64Value == 0)
  }

  @Test func `a time range adds up what was logged in it`() {
    // The clock starts at 2027-01-15T08:00:00Z.
    let task = graph.create("t")
    log(task, #"{"tokens_in":1}"#)
    clock.advance(seconds: 60)
    log(task, #"{"tokens_in":10}"#)
    log(task, #"{"duration_ms":5}"#, to: "time")
    clock.advance(seconds: 60)
    log(task, #"{"tokens_in":100}"#)
    let first = "2027-01-15T08:01:00Z"
    let second = "2027-01-15T08:02:00Z"
    #expect(stats("since=\(first)")?["tokens"]?["in"]?.int64Value == 110)
    #expect(stats("until=\(first)")?["tokens"]?["in"]?.int64Value == 1)
    let between = stats("since=\(first)&until=\(second)")
    #expect(between?["tokens"]?["in"]?.int64Value == 10)
    #expect(between?["time"]?["actual_ms"]?.int64Value == 5)
    #expect(between?["total_tasks"]?.int64Value == 1)
  }

  @Test func `sums may be larger than any counter`() {
    for title in ["one", "two"] {
      log(graph.create(title), #"{"tokens_in":9223372036854775807}"#)
    }
    let answer = client.get("/v1/projects/p/stats")
    #expect(answer.text.contains(#""in":18446744073709551614"#), "\(answer.text)")
  }
}
