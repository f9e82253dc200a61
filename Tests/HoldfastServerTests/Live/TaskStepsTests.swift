import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// The history of a task: its statuses and holders, and how long each lasted.
@Suite struct TaskStepsTests {
  let graph: GraphClient
  let clock = TestClock()
  let task: String

  init() throws {
    graph = try GraphClient(clock: clock)
    graph.connect("a")
    task = graph.create("t")
  }

  private func history(at location: SourceLocation = #_sourceLocation) -> JSON? {
    let answer = graph.client.get("\(graph.tasks)/\(task)/history")
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: location)
    return answer.json
  }

  /// The steps as `status worker reason`, with `…` behind the one that still is.
  private func steps(_ history: JSON?) -> [String] {
    (history?["history"]?.arrayValue ?? []).map { step in
      ["status", "worker_id", "reason"].compactMap { step[$0]?.stringValue }
        .joined(separator: " ") + (step["end_timestamp"] == nil ? "…" : "")
    }
  }

  @Test func `a new task has one open step`() {
    let history = history()
    #expect(steps(history) == ["pending…"])
    #expect(history?["history"]?.arrayValue?.first?["task_id"]?.stringValue == task)
    #expect(history?["history"]?.arrayValue?.first?["timestamp"] == "2027-01-15T08:00:00Z")
    #expect(history?["current_duration_ms"] == nil)
    #expect(history?["time_per_status_ms"] == [:])
    #expect(history?["time_per_agent_ms"] == [:])
  }

  @Test func `a claim ends a step and begins one with its agent`() {
    clock.advance(seconds: 3)
    graph.claim(task, for: "a")
    clock.advance(seconds: 5)
    let claimed = history()
    #expect(steps(claimed) == ["pending", "in_progress a…"])
    #expect(claimed?["current_duration_ms"]?.int64Value == 5000)
    graph.end(task, "complete", #"{"agent":"a"}"#)
    clock.advance(seconds: 7)
    let done = history()
    #expect(steps(done) == ["pending", "in_progress a", "completed a…"])
    #expect(done?["current_duration_ms"] == nil)
    #expect(done?["time_per_status_ms"] == ["pending": 3000, "in_progress": 5000])
    #expect(done?["time_per_agent_ms"] == ["a": 5000])
    #expect(graph.get(task)?["time_actual_ms"]?.int64Value == 5000)
  }

  @Test func `two rounds count both, a release and a failure with their reasons too`() {
    graph.claim(task, for: "a")
    clock.advance(seconds: 2)
    graph.end(task, "release", #"{"agent":"a","reason":"lunch"}"#)
    clock.advance(seconds: 9)
    graph.claim(task, for: "a")
    clock.advance(seconds: 4)
    graph.end(task, "fail", #"{"agent":"a","reason":"no disk"}"#)
    clock.advance(seconds: 100)
    let failed = history()
    #expect(
      steps(failed) == [
        "pending", "in_progress a", "pending lunch", "in_progress a", "failed a no disk…",
      ])
    #expect(failed?["time_per_agent_ms"] == ["a": 6000])
    #expect(failed?["time_per_status_ms"]?["in_progress"]?.int64Value == 6000)
    graph.end(task, "reopen", #"{"reason":"new disk"}"#)
    #expect(steps(history()).last == "pending new disk…")
    #expect(history()?["time_per_status_ms"]?["failed"]?.int64Value == 100_000)
    #expect(history()?["time_per_agent_ms"] == ["a": 6000])
  }

  @Test func `a lease that ends is in the history, and no cost or comment is`() throws {
    graph.claim(task, for: "a")
    for (path, body) in [
      ("costs", #"{"tokens_in":1}"#), ("comments", #"{"text":"x"}"#), ("output", #"{"text":"x"}"#),
    ] {
      #expect(graph.client.post("\(graph.tasks)/\(task)/\(path)", body).status < 300)
    }
    try clock.endLeases(seconds: 900, in: graph.server.store.database)
    #expect(eventually { steps(history()).last == "pending lease expired…" })
    #expect(steps(history()).count == 3)
  }

  @Test func `an unknown task has no history`() {
    #expect(graph.client.get("\(graph.tasks)/none/history").status == 404)
  }
}
