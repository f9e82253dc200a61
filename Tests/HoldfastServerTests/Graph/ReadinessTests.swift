import HoldfastJSON
import HoldfastTesting
import Testing

/// Which tasks can be started: edges, groups of siblings, containers.
@Suite struct ReadinessTests {
  let graph: GraphClient
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }

  init() throws { graph = try GraphClient() }

  @Test func `a task waits for its blockers and is told of by the last of them`() throws {
    let a = graph.create("a")
    let b = graph.create("b")
    let c = graph.create("c", #""blocked_by":["\#(a)","\#(b)"]"#)
    #expect(graph.get(c)?["blocked_by"]?.arrayValue?.compactMap(\.stringValue) == [a, b])
    #expect(try graph.ready([a, b, c]) == [a, b])
    #expect(graph.unblocked(graph.end(a)) == [])
    #expect(graph.get(c)?["blocked_by"]?.arrayValue?.compactMap(\.stringValue) == [b])
    #expect(graph.unblocked(graph.end(b)) == [c])
    #expect(try graph.isReady(c))
    // Opened again, it blocks again.
    graph.end(b, "reopen")
    #expect(try !graph.isReady(c))
  }

  @Test func `circles are refused and shown`() {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    let c = graph.create("c", #""blocked_by":["\#(b)"]"#)
    for (task, blocker) in [(a, b), (a, c), (a, a)] {
      let answer = client.post("\(tasks)/\(task)/dependencies", #"{"blocker":"\#(blocker)"}"#)
      #expect(answer.status == 409)
      #expect(answer.json?["code"] == "dependency_cycle")
      #expect(answer.error == "Adding this dependency would create a cycle")
      let path = answer.json?["path"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(path.first == task && path.last == blocker)
    }
    // The same edge again is no mistake, nor is one that is not there.
    #expect(client.post("\(tasks)/\(b)/dependencies", #"{"blocker":"\#(a)"}"#).status == 200)
    #expect(client.delete("\(tasks)/\(a)/dependencies/\(c)").status == 200)
  }

  @Test func `a parent and its child cannot wait for each other`() {
    let parent = graph.create("parent")
    let child = graph.create("child", #""parent":"\#(parent)""#)
    for (task, blocker) in [(child, parent), (parent, child)] {
      let answer = client.post("\(tasks)/\(task)/dependencies", #"{"blocker":"\#(blocker)"}"#)
      #expect(answer.json?["code"] == "dependency_cycle", "\(answer.text)")
    }
  }

  @Test func `the order of siblings and an edge cannot contradict each other`() {
    let parent = graph.create("parent")
    let a = graph.create("a", #""parent":"\#(parent)""#)
    let b = graph.create("b", #""parent":"\#(parent)""#)
    let c = graph.create("c", #""parent":"\#(parent)","join_mode":"also""#)
    for late in [b, c] {
      let answer = client.post("\(tasks)/\(a)/dependencies", #"{"blocker":"\#(late)"}"#)
      #expect(answer.json?["code"] == "dependency_cycle", "\(answer.text)")
    }
    #expect(client.post("\(tasks)/\(b)/dependencies", #"{"blocker":"\#(c)"}"#).status == 200)
  }

  @Test func `an edge that only says something makes nothing wait`() throws {
    let a = graph.create("a")
    let b = graph.create("b")
    for type in ["duplicate", "see-also", "relates-to"] {
      let answer = client.post(
        "\(tasks)/\(b)/dependencies", #"{"blocker":"\#(a)","type":"\#(type)"}"#)
      #expect(answer.status == 200)
      #expect(
        client.post("\(tasks)/\(a)/dependencies", #"{"blocker":"\#(b)","type":"\#(type)"}"#).status
          == 200)
    }
    #expect(try graph.ready([a, b]) == [a, b])
    let edges = client.get("\(tasks)/\(b)/dependencies").json
    #expect(edges?["blockers"]?.arrayValue?.count == 3)
    #expect(edges?["dependents"]?.arrayValue?.count == 3)
  }

  @Test func `then opens a group and also joins it`() throws {
    let parent = graph.create("parent")
    let a = graph.create("a", #""parent":"\#(parent)""#)
    let b = graph.create("b", #""parent":"\#(parent)""#)
    let c = graph.create("c", #""parent":"\#(parent)","join_mode":"also""#)
    let d = graph.create("d", #""parent":"\#(parent)""#)
    let all = [parent, a, b, c, d]
    #expect(try graph.ready(all) == [a])
    #expect(graph.unblocked(graph.end(a)) == [b, c])
    #expect(graph.unblocked(graph.end(b)) == [])
    #expect(graph.unblocked(graph.end(c)) == [d])
    #expect(graph.unblocked(graph.end(d)) == [parent])
    #expect(try graph.ready(all) == [parent])
  }

  @Test func `a container passes on what it waits for`() throws {
    let first = graph.create("first")
    let outer = graph.create("outer", #""blocked_by":["\#(first)"]"#)
    let inner = graph.create("inner", #""parent":"\#(outer)""#)
    let leaf = graph.create("leaf", #""parent":"\#(inner)""#)
    let next = graph.create("next", #""parent":"\#(inner)""#)
    #expect(try graph.ready([outer, inner, leaf, next]) == [])
    #expect(graph.unblocked(graph.end(first)) == [leaf])
    #expect(graph.unblocked(graph.end(leaf)) == [next])
    #expect(graph.unblocked(graph.end(next)) == [inner])
    #expect(graph.unblocked(graph.end(inner)) == [outer])
  }

  @Test func `a parent with open children is not completed, unless it is forced`() {
    let parent = graph.create("parent")
    graph.create("a", #""parent":"\#(parent)""#)
    graph.create("b", #""parent":"\#(parent)""#)
    let answer = client.post("\(tasks)/\(parent)/complete", "{}")
    #expect(answer.status == 409)
    #expect(answer.json?["code"] == "children_open")
    #expect(answer.error == "Cannot complete task: 2 child task(s) are not complete")
    #expect(graph.end(parent, "complete", #"{"force":true}"#)?["status"] == "completed")
  }

  @Test(arguments: ["fail", "cancel"])
  func `an edge says what becomes of the task when its blocker ends badly`(how: String) throws {
    let blocker = graph.create("blocker")
    func waiting(_ policy: String) -> String {
      graph.create(policy, #""blocked_by":[{"task":"\#(blocker)","on_failure":"\#(policy)"}]"#)
    }
    let blocked = waiting("block")
    let released = waiting("release")
    let failed = waiting("fail")
    let behind = graph.create(
      "behind", #""blocked_by":[{"task":"\#(failed)","on_failure":"fail"}]"#)
    #expect(graph.unblocked(graph.end(blocker, how)) == [released])
    #expect(try graph.ready([blocked, released, failed, behind]) == [released])
    #expect(graph.get(blocked)?["status"] == "pending")
    #expect(graph.get(failed)?["status"] == "failed")
    #expect(graph.get(failed)?["reason"]?.stringValue?.contains(blocker) == true)
    #expect(graph.get(behind)?["status"] == "failed")
  }

  @Test func `a failed sibling holds the next group until the parent lets it go`() throws {
    let parent = graph.create("parent")
    let a = graph.create("a", #""parent":"\#(parent)""#)
    let b = graph.create("b", #""parent":"\#(parent)""#)
    #expect(graph.unblocked(graph.end(a, "fail")) == [])
    #expect(try !graph.isReady(b))
    let answer = client.patch("\(tasks)/\(parent)", #"{"sibling_policy":"release"}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try graph.isReady(b))
  }

  @Test func `a deleted task blocks nothing, and again when it is back`() throws {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    let parent = graph.create("parent")
    let c = graph.create("c", #""parent":"\#(parent)""#)
    let d = graph.create("d", #""parent":"\#(parent)""#)
    #expect(client.delete("\(tasks)/\(a)").status == 204)
    #expect(client.delete("\(tasks)/\(c)").status == 204)
    #expect(try graph.ready([b, d]) == [b, d])
    #expect(client.post("\(tasks)/\(a)/restore", "").status == 200)
    #expect(client.post("\(tasks)/\(c)/restore", "").status == 200)
    #expect(try graph.ready([a, b, c, d]) == [a, c])
  }

  @Test func `a task that is put off is not ready before`() throws {
    let later = graph.create("later", #""defer_until":"2100-01-01T00:00:00Z""#)
    let past = graph.create("past", #""defer_until":"2001-01-01T00:00:00Z""#)
    #expect(try graph.ready([later, past]) == [past])
  }

  @Test func `a plan blocks and is blocked like any task`() throws {
    #expect(client.post(tasks, #"{"filename":"plan"}"#).status == 201)
    let id = graph.get("plan")?["id"]?.stringValue ?? ""
    let after = graph.create("after", #""blocked_by":["plan"]"#)
    #expect(try graph.ready([id, after]) == [id])
    let answer = client.post("\(tasks)/plan/transition", #"{"event":"mark_done"}"#)
    #expect(answer.status == 200)
    #expect(graph.unblocked(answer.json) == [after])
  }

  @Test func `unknown events and moves are refused with what is possible`() {
    let task = graph.create("t")
    graph.end(task, "cancel")
    let answer = client.post("\(tasks)/\(task)/reopen", "{}")
    #expect(answer.status == 409)
    #expect(
      answer.error == "Invalid transition from 'cancelled' to 'pending'. Allowed transitions: []")
    #expect(graph.end(task, "reopen", #"{"force":true}"#)?["status"] == "pending")
  }
}
