import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Claims: who gets which task, and who does not.
@Suite struct ClaimTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }
  private let claims = "/v1/projects/p/claims"

  init() throws {
    graph = try GraphClient()
    connect("a")
    connect("b")
  }

  private func connect(_ agent: String, _ fields: String = "") {
    let answer = client.post("/v1/agents", #"{"agent":"\#(agent)"\#(fields)}"#)
    #expect(answer.status < 300, "\(answer.text)")
  }

  private func claim(_ agent: String, _ fields: String = "") -> HTTPClient.Answer {
    client.post(claims, #"{"agent":"\#(agent)"\#(fields.isEmpty ? "" : ",\(fields)")}"#)
  }

  private func claimed(_ answer: HTTPClient.Answer) -> String {
    answer.json?["task"]?["id"]?.stringValue ?? "\(answer.status) \(answer.error)"
  }

  @Test func `a claim gives the most urgent task, then the oldest, and then none`() {
    let low = graph.create("low", #""priority":"low""#)
    let first = graph.create("first")
    let second = graph.create("second")
    let high = graph.create("high", #""priority":9"#)
    for expected in [high, first, second, low] {
      let answer = claim("a")
      #expect(answer.status == 200)
      #expect(claimed(answer) == expected)
      #expect(answer.json?["agent"] == "a")
      #expect(answer.json?["lease_expires_at"]?.stringValue != nil)
      #expect(answer.json?["task"]?["status"] == "in_progress")
      #expect(answer.json?["task"]?["owner_agent"] == "a")
      #expect(answer.json?["task"]?["started_at"]?.stringValue != nil)
      #expect(answer.json?["task"]?["fence"] == answer.json?["fence"])
    }
    #expect(claim("a").status == 204)
  }

  @Test func `an unknown agent and an unknown task are told apart, the task first`() {
    #expect(claim("nobody").json?["code"] == "agent_not_found")
    #expect(claim("nobody", #""task":"none""#).json?["code"] == "task_not_found")
    let task = graph.create("t")
    #expect(claim("nobody", #""task":"\#(task)""#).json?["code"] == "agent_not_found")
  }

  @Test func `a task is held by one agent, who may claim it again`() {
    let task = graph.create("t")
    let first = claim("a", #""task":"\#(task)""#)
    #expect(first.status == 200)
    let again = claim("a", #""task":"\#(task)""#)
    #expect(again.json?["already_held"] == true)
    #expect(again.json?["fence"] == first.json?["fence"])
    let other = claim("b", #""task":"\#(task)""#)
    #expect(other.status == 409)
    #expect(other.json?["code"] == "already_claimed")
    #expect(other.error == "Task is already claimed")
    #expect(other.json?["holder"] == "a")
    let forced = claim("b", #""task":"\#(task)","force":true"#)
    #expect(forced.status == 200)
    #expect(forced.json?["fence"] != first.json?["fence"])
    // The one it was taken from is refused, by its name and by its fence.
    for body in [#"{"agent":"a"}"#, #"{"fence":\#(first.json?["fence"]?.int64Value ?? 0)}"#] {
      let late = client.post("\(tasks)/\(task)/complete", body)
      #expect(late.status == 403)
      #expect(late.json?["code"] == "not_owner")
      #expect(late.error.hasPrefix("Task is not owned by this agent: "))
    }
    let old = first.json?["fence"]?.int64Value ?? 0
    for (method, path, fields) in [
      ("PATCH", "", #""title":"late""#), ("POST", "/costs", #""tokens_in":1"#),
      ("POST", "/time", #""duration_ms":1"#),
    ] {
      let path = "\(tasks)/\(task)\(path)"
      func send(_ agent: String, _ fence: Int64) -> HTTPClient.Answer {
        let body = #"{"agent":"\#(agent)","fence":\#(fence),\#(fields)}"#
        return client.send(method, path, body: Array(body.utf8))
      }
      let late = send("a", old)
      #expect(late.status == 403, "\(method) \(path): \(late.error)")
      let now = forced.json?["fence"]?.int64Value ?? 0
      let own = send("b", now)
      #expect(own.status == 200, "\(method) \(path): \(own.error)")
    }
  }

  @Test func `two processes of one agent do not both get a task`() {
    let task = graph.create("t")
    #expect(claim("a", #""task":"\#(task)","session":"1""#).status == 200)
    #expect(claim("a", #""task":"\#(task)","session":"1""#).json?["already_held"] == true)
    #expect(claim("a", #""task":"\#(task)","session":"2""#).json?["code"] == "already_claimed")
  }

  @Test func `an agent holds no more than it may`() {
    connect("c", #","max_claims":2"#)
    for _ in 0..<3 { graph.create("t") }
    #expect(claim("c").status == 200)
    let second = claim("c")
    let refused = claim("c")
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "claim_limit")
    #expect(refused.error == "Agent has reached claim limit")
    graph.end(claimed(second), "complete", #"{"agent":"c"}"#)
    #expect(claim("c").status == 200)
  }

  @Test func `tags say who may claim`() {
    connect("swift", #","tags":["swift","linux"]"#)
    let needed = graph.create("needed", #""needed_tags":["linux","swift"],"priority":"high""#)
    let wanted = graph.create("wanted", #""wanted_tags":["rust","linux"]"#)
    let other = graph.create("other", #""needed_tags":["go"]"#)
    #expect(claim("a").status == 204)
    let missing = claim("a", #""task":"\#(needed)""#)
    #expect(missing.status == 403)
    #expect(missing.json?["code"] == "tag_mismatch")
    #expect(missing.error == "Agent missing required tag: linux")
    #expect(claim("a", #""task":"\#(wanted)""#).error == "Agent has none of the wanted tags")
    #expect(claimed(claim("swift")) == needed)
    #expect(claimed(claim("swift")) == wanted)
    #expect(claim("swift").status == 204)
    // Even force does not give a task to one who cannot do it.
    #expect(
      claim("swift", #""task":"\#(other)","force":true"#).json?["code"] == "tag_mismatch")
  }

  @Test func `a claim may ask for tags of the task`() {
    graph.create("a", #""tags":["web"]"#)
    let both = graph.create("b", #""tags":["web","urgent"]"#)
    #expect(claimed(claim("a", #""tags":["urgent","web"]"#)) == both)
    #expect(claim("a", #""tags":["urgent"]"#).status == 204)
  }

  @Test func `a task that waits is not claimed, and the refusal says for what`() {
    let first = graph.create("first")
    let middle = graph.create("middle", #""blocked_by":["\#(first)"]"#)
    let last = graph.create("last", #""blocked_by":["\#(middle)"]"#)
    let refused = claim("a", #""task":"\#(last)""#)
    #expect(refused.status == 409)
    #expect(refused.json?["code"] == "dependency_not_satisfied")
    #expect(refused.json?["blocked_by"] == .array([.string(middle)]))
    #expect(claim("a", #""task":"\#(last)","force":true"#).status == 200)
    graph.end(first)
    #expect(claim("a", #""task":"\#(middle)""#).status == 200)
  }

  @Test func `the refusal names siblings and what ancestors wait for`() {
    let first = graph.create("first")
    let outer = graph.create("outer", #""blocked_by":["\#(first)"]"#)
    let one = graph.create("one", #""parent":"\#(outer)""#)
    let two = graph.create("two", #""parent":"\#(outer)""#)
    #expect(claim("a", #""task":"\#(one)""#).json?["blocked_by"] == .array([.string(first)]))
    #expect(claim("a", #""task":"\#(two)""#).json?["blocked_by"] == .array([.string(one)]))
  }

  @Test func `a released task can be claimed again with a higher fence`() {
    let task = graph.create("t")
    let first = claim("a")
    #expect(client.post("\(tasks)/\(task)/release", #"{"agent":"b"}"#).status == 403)
    let released = graph.end(task, "release", #"{"agent":"a","reason":"lunch"}"#)
    #expect(released?["status"] == "pending")
    #expect(released?["owner_agent"] == nil)
    #expect(released?["reason"] == "lunch")
    let second = claim("b")
    #expect(claimed(second) == task)
    #expect(
      (second.json?["fence"]?.int64Value ?? 0) > (first.json?["fence"]?.int64Value ?? .max))
    #expect(second.json?["task"]?["started_at"] == first.json?["task"]?["started_at"])
  }

  @Test func `an ended task keeps its times and gives up its holder`() {
    let task = graph.create("t")
    #expect(claim("a").status == 200)
    let done = graph.end(task, "complete", #"{"agent":"a","reason":"merged"}"#)
    #expect(done?["status"] == "completed")
    #expect(done?["completed_at"]?.stringValue != nil)
    #expect(done?["owner_agent"] == nil)
    #expect(done?["reason"] == "merged")
    let open = graph.end(task, "reopen")
    #expect(open?["status"] == "pending")
    #expect(open?["completed_at"] == nil)
    #expect(open?["started_at"] == done?["started_at"])
  }

  @Test func `a plan is claimed and keeps its status, which its own events move`() {
    #expect(client.post(tasks, #"{"filename":"plan"}"#).status == 201)
    let answer = claim("a")
    #expect(answer.json?["task"]?["filename"] == "plan")
    #expect(answer.json?["task"]?["status"] == "ready")
    #expect(claim("b").status == 204)
    #expect(client.post("\(tasks)/plan/transition", #"{"event":"mark_done"}"#).status == 200)
    #expect(graph.get("plan")?["owner_agent"] == nil)
  }

  @Test func `a task of the repository's workflow runs when it is claimed`() {
    let task = graph.create("t", #""workflow":"repository""#)
    #expect(graph.get(task)?["status"] == "ready")
    #expect(claim("a").json?["task"]?["status"] == "running")
    #expect(graph.end(task, "complete", #"{"agent":"a"}"#)?["status"] == "succeeded")
  }

  @Test func `an assignee alone gets the task`() {
    let task = graph.create("t", #""assignee":"b""#)
    #expect(claim("a").status == 204)
    #expect(claim("a", #""task":"\#(task)""#).json?["code"] == "invalid_transition")
    #expect(claimed(claim("b")) == task)
  }

  @Test func `disconnecting gives back what an agent holds`() {
    let task = graph.create("t")
    #expect(claim("a").status == 200)
    let answer = client.delete("/v1/agents/a")
    #expect(answer.json?["tasks_released"] == 1)
    #expect(graph.get(task)?["status"] == "pending")
    #expect(claimed(claim("b")) == task)
  }

  @Test func `the end of a task ends its locks, and those of a holder with nothing else to do`() {
    let task = graph.create("t")
    graph.create("other", #""priority":"low""#)
    #expect(claim("a").status == 200)
    #expect(claim("a").status == 200)
    let locks = "/v1/projects/p/locks"
    #expect(
      client.post(locks, #"{"agent":"a","paths":["bound.txt"],"task":"\#(task)"}"#).status == 200)
    #expect(client.post(locks, #"{"agent":"a","paths":["free.txt"]}"#).status == 200)
    graph.end(task, "complete", #"{"agent":"a"}"#)
    let held = client.get(locks).text
    #expect(!held.contains("bound.txt") && held.contains("free.txt"), "\(held)")
    let left = client.get("\(tasks)?status=in_progress").json?.arrayValue?.first?["id"]?.stringValue
    graph.end(left ?? "?", "fail", #"{"agent":"a"}"#)
    #expect(!client.get(locks).text.contains("free.txt"))
  }

  @Test func `one of many at once gets a task, and an agent at its limit gets no more`() {
    let task = graph.create("t")
    for number in 0..<8 { connect("n\(number)") }
    let answers = TestThread.gather(8) { number in
      claim("n\(number)", #""task":"\#(task)""#).status
    }
    #expect(answers.filter { $0 == 200 }.count == 1)
    #expect(answers.filter { $0 == 409 }.count == 7)
    for _ in 0..<30 { graph.create("more") }
    let many = TestThread.gather(20) { _ in claim("a").status }
    #expect(many.filter { $0 == 200 }.count == 5)
    #expect(many.filter { $0 == 409 }.count == 15)
  }
}
