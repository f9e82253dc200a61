import HoldfastJSON
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

  @Test func `a task that blocks twice is named once`() {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    let answer = post("\(b)/dependencies", #"{"blocker":"\#(a)","type":"follows"}"#)
    #expect(answer.json?["blocked_by"] == .array([.string(a)]))
    let refused = client.post("/v1/projects/p/claims", #"{"agent":"a","task":"\#(b)"}"#)
    #expect(refused.json?["blocked_by"] == .array([.string(a)]))
  }
}
