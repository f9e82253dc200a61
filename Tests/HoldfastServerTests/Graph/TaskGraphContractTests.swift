import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Section 16 of the task graph's contract, row by row, as clients see it over HTTP.
///
/// Rows 16 and 22 are also tested with the commands, 19 and 23 with files of the other system.
@Suite struct TaskGraphContract {
  let graph: GraphClient
  let clock = TestClock()
  let folder = TemporaryFolder()
  var client: HTTPClient { graph.client }
  var tasks: String { graph.tasks }
  let project = "/v1/projects/p"

  init() throws {
    graph = try GraphClient(clock: clock, folders: [ProjectName("p"): folder.path])
  }

  // MARK: Words

  func agent(_ id: String, _ fields: String = "") {
    let answer = client.post("/v1/agents", #"{"agent":"\#(id)"\#(fields)}"#)
    #expect(answer.status == 201, "\(answer.text)")
  }

  func post(_ path: String, _ body: String) -> HTTPClient.Answer {
    client.post("\(project)/\(path)", body)
  }

  func claim(
    _ task: String, _ agent: String, _ more: String = ""
  ) -> HTTPClient.Answer {
    post("claims", #"{"agent":"\#(agent)","task":"\#(task)"\#(more)}"#)
  }

  func patch(_ task: String, _ body: String) -> HTTPClient.Answer {
    client.patch("\(tasks)/\(task)", body)
  }

  /// Whether a request was refused with that code, and these words.
  func expect(
    _ answer: HTTPClient.Answer, _ status: Int, _ code: String, _ words: String = "",
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      answer.status == status && answer.json?["code"]?.stringValue == code
        && (words.isEmpty || answer.error.contains(words)), "\(answer.status) \(answer.text)",
      sourceLocation: location)
  }

  func ok(
    _ answer: HTTPClient.Answer, at location: SourceLocation = #_sourceLocation
  ) -> JSON? {
    #expect(answer.status / 100 == 2, "\(answer.text)", sourceLocation: location)
    return answer.json
  }

  func texts(_ list: JSON?, _ key: String? = nil) -> [String] {
    (list?.arrayValue ?? []).compactMap { element in
      (key.map { element[$0] } ?? element)?.stringValue
    }
  }

  func listed(_ query: String) -> [String] {
    texts(client.get("\(tasks)?\(query)").json, "id")
  }

  func ready() -> [String] {
    texts(client.get("\(project)/ready?limit=1000").json?["tasks"], "id")
  }

  func history(_ task: String) -> JSON? { client.get("\(tasks)/\(task)/history").json }

  // MARK: Agents, tasks, claims

  @Test func `16.1 agents connect with ids of their own or given ones`() {
    let made = (0..<3).map { _ in ok(client.post("/v1/agents", "{}")) }
    #expect(Set(made.compactMap { $0?["id"]?.stringValue }).count == 3)
    #expect(made.allSatisfy { $0?["max_claims"] == 5 })
    expect(
      client.post("/v1/agents", #"{"agent":""}"#), 400, "invalid_field", "Agent ID cannot be empty")
    let long = String(repeating: "x", count: 65)
    expect(
      client.post("/v1/agents", #"{"agent":"\#(long)"}"#), 400, "invalid_field",
      "Agent ID must be at most 64 characters, got 65")
    agent("a", #","tags":["x"]"#)
    expect(
      client.post("/v1/agents", #"{"agent":"a"}"#), 409, "already_exists",
      "Agent ID 'a' already registered")
    let again = ok(client.post("/v1/agents", #"{"agent":"a","tags":["y"],"force":true}"#))
    #expect(again?["id"] == "a" && again?["tags"] == ["y"])
  }

  @Test func `16.2 who is not there is not found`() {
    expect(client.post("/v1/agents/a/heartbeat"), 404, "agent_not_found", "Agent not found")
    agent("a")
    #expect(client.post("/v1/agents/a/heartbeat").status == 200)
    #expect(ok(client.delete("/v1/agents/a"))?["unknown"] == nil)
    #expect(client.get("/v1/agents").json?["agents"] == [])
    expect(client.post("/v1/agents/a/heartbeat"), 404, "agent_not_found")
    #expect(ok(client.delete("/v1/agents/a"))?["unknown"] == true)
    #expect(client.get("\(tasks)/none").status == 404)
  }

  @Test func `16.3 what a task is made with, children in order, and the delete of a parent`() {
    let least = graph.get(graph.create("t"))
    #expect(least?["status"] == "pending" && least?["priority"] == "medium")
    #expect(least?["owner_agent"] == nil && least?["parent"] == nil)
    let full = graph.get(
      graph.create(
        "u",
        #""points":5,"time_estimate_ms":3600000,"needed_tags":["n"],"wanted_tags":["w"],"#
          + #""tags":["t"],"priority":"critical","id":"top""#))
    #expect(full?["points"] == 5 && full?["time_estimate_ms"] == 3_600_000)
    #expect(
      full?["needed_tags"] == ["n"] && full?["wanted_tags"] == ["w"] && full?["tags"] == ["t"])
    #expect(full?["priority"] == "critical" && full?["priority_value"] == 10)
    let inner = ["one", "two"].map { graph.create($0, #""parent":"top""#) }
    #expect(inner.map { graph.get($0)?["sibling_order"]?.int64Value ?? 0 } == [0, 1])
    #expect(
      texts(client.get("\(tasks)/top/tree").json?["tasks"], "title") == ["u", "one", "two"])
    expect(
      client.delete("\(tasks)/top"), 409, "has_children",
      "Task has children; use cascade=true to delete")
    #expect(client.delete("\(tasks)/top?cascade=true").status == 204)
    for task in ["top"] + inner { #expect(client.get("\(tasks)/\(task)").status == 404) }
  }

  @Test func `16.4 an update completes, and lists filter by one and by several statuses`() {
    for id in ["a", "b", "c"] { graph.create(id, #""id":"\#(id)""#) }
    #expect(ok(patch("a", #"{"status":"completed"}"#))?["completed_at"]?.stringValue != nil)
    graph.end("b", "fail")
    #expect(listed("status=completed") == ["a"])
    #expect(listed("status=completed&status=pending") == ["a", "c"])
    // The words of the later generation.
    agent("x")
    graph.create("d", #""id":"d","assignee":"x""#)
    #expect(ok(patch("c", #"{"status":"working","agent":"x"}"#))?["status"] == "in_progress")
    #expect(listed("status=working") == ["c"] && listed("status=assigned") == ["d"])
  }

  @Test func `16.5 a claim is one's own, within limits and tags, and is given back`() {
    agent("a", #","tags":["x","y"],"max_claims":2"#)
    agent("b")
    let needs = graph.create("needs", #""needed_tags":["x","y"]"#)
    let wants = graph.create("wants", #""wanted_tags":["y","z"]"#)
    let third = graph.create("third")
    let held = ok(claim(needs, "a"))?["task"]
    #expect(held?["owner_agent"] == "a" && held?["status"] == "in_progress")
    #expect(held?["claimed_at"] != nil && held?["started_at"] != nil)
    expect(claim(needs, "b"), 409, "already_claimed", "Task is already claimed")
    expect(claim(wants, "b"), 403, "tag_mismatch", "Agent has none of the wanted tags")
    #expect(ok(claim(wants, "a")) != nil)
    expect(claim(third, "a"), 409, "claim_limit", "Agent has reached claim limit")
    expect(
      post("tasks/\(needs)/release", #"{"agent":"b"}"#), 403, "not_owner",
      "Task is not owned by this agent")
    let free = ok(post("tasks/\(needs)/release", #"{"agent":"a"}"#))
    #expect(free?["owner_agent"] == nil && free?["status"] == "pending")
    expect(claim(needs, "b"), 403, "tag_mismatch", "Agent missing required tag: x")
    #expect(ok(claim(third, "b")) != nil)
    #expect(ok(claim(third, "a", #","force":true"#))?["task"]?["owner_agent"] == "a")
  }

  @Test func `16.6 an update of the status claims, releases and ends`() {
    agent("a", #","max_claims":1"#)
    agent("b", #","tags":["x"]"#)
    let task = graph.create("t")
    let tagged = graph.create("tagged", #""needed_tags":["x"]"#)
    let waiting = graph.create("waiting", #""blocked_by":["\#(task)"]"#)
    expect(patch(task, #"{"status":"in_progress"}"#), 409, "invalid_transition", "name the agent")
    expect(patch(task, #"{"status":"in_progress","agent":"c"}"#), 404, "agent_not_found")
    let held = ok(patch(task, #"{"status":"in_progress","agent":"a","title":"u"}"#))
    #expect(held?["owner_agent"] == "a" && held?["status"] == "in_progress")
    #expect(held?["title"] == "u" && held?["fence"] != nil)
    // The same status changes nothing, whoever says it.
    let same = ok(patch(task, #"{"status":"in_progress","agent":"b"}"#))
    #expect(same?["owner_agent"] == "a" && same?["revision"] == held?["revision"])
    expect(patch(task, #"{"status":"pending","agent":"b"}"#), 403, "not_owner")
    expect(patch(task, #"{"status":"completed","agent":"b"}"#), 403, "not_owner")
    expect(patch(tagged, #"{"status":"in_progress","agent":"a"}"#), 409, "claim_limit")
    let taken = ok(patch(task, #"{"status":"in_progress","agent":"b","force":true}"#))
    #expect(taken?["owner_agent"] == "b")
    expect(patch(tagged, #"{"status":"in_progress","agent":"a"}"#), 403, "tag_mismatch")
    expect(
      patch(waiting, #"{"status":"in_progress","agent":"a"}"#), 409, "dependency_not_satisfied")
    let free = ok(patch(task, #"{"status":"pending","agent":"b"}"#))
    #expect(free?["owner_agent"] == nil && free?["status"] == "pending")
    #expect(ok(patch(task, #"{"status":"in_progress","agent":"a"}"#)) != nil)
    let done = ok(patch(task, #"{"status":"completed","agent":"b","force":true}"#))
    #expect(done?["owner_agent"] == nil && done?["unblocked"] == [.string(waiting)])
    // Many at once go the same way.
    let many = ok(
      post(
        "bulk-update",
        #"{"tasks":["\#(tagged)","\#(waiting)"],"patch":{"status":"in_progress"},"agent":"a"}"#))
    #expect(texts(many?["results"], "code") == ["tag_mismatch"], "\(many ?? .null)")
    #expect(graph.get(waiting)?["owner_agent"] == "a")
    expect(patch(task, #"{"status":"in_progress","agent":"b"}"#), 409, "invalid_transition")
  }

  @Test func `16.7 a blocked task is not claimed, and names what is open`() {
    agent("a")
    let first = graph.create("first")
    let done = graph.create("done")
    graph.end(done)
    let middle = graph.create("middle", #""blocked_by":["\#(first)","\#(done)"]"#)
    let last = graph.create("last", #""blocked_by":["\#(middle)"]"#)
    for (task, blocker) in [(middle, first), (last, middle)] {
      let refused = claim(task, "a")
      expect(refused, 409, "dependency_not_satisfied")
      #expect(texts(refused.json?["blocked_by"]) == [blocker])
    }
    #expect(ok(claim(last, "a", #","force":true"#)) != nil)
    graph.end(first)
    #expect(ok(claim(middle, "a")) != nil)
  }

  @Test func `16.8 circles are refused, and lists show what can start`() {
    let a = graph.create("a")
    let b = graph.create("b", #""blocked_by":["\#(a)"]"#)
    let c = graph.create("c", #""blocked_by":["\#(b)"]"#)
    let box = graph.create("box", #""id":"box""#)
    let inner = graph.create("inner", #""parent":"box""#)
    for (task, blocker) in [(a, b), (a, c), (a, a), (inner, box)] {
      expect(
        post("tasks/\(task)/dependencies", #"{"blocker":"\#(blocker)"}"#), 409,
        "dependency_cycle", "Adding this dependency would create a cycle")
    }
    #expect(ready() == [a, inner])
    #expect(listed("blocked=true").sorted() == [b, c].sorted())
    graph.end(a)
    graph.end(inner)
    #expect(ready() == [b, box])
    graph.end("box")
    let again = graph.create("again")
    graph.create("gone", #""parent":"\#(again)","id":"gone""#)
    #expect(ready() == [b, "gone"])
    #expect(client.delete("\(tasks)/gone").status == 204)
    #expect(ready() == [b, again])
  }

  // MARK: Order, policies, many at once

  @Test func `16.20 siblings go in groups, in lists and in claims`() {
    agent("x", #","max_claims":100"#)
    func family(_ name: String, _ policy: String = "block") -> [String] {
      graph.create(name, #""id":"\#(name)","sibling_policy":"\#(policy)""#)
      return ["a", "b", "c", "d"].map { child in
        let id = "\(name)-\(child)"
        return graph.create(
          id, #""id":"\#(id)","parent":"\#(name)","join_mode":"\#(child == "c" ? "also" : "then")""#
        )
      }
    }
    func claimable(_ family: [String]) -> [String] {
      // A look by claims: each is given back.
      family.filter { task in
        let answer = claim(task, "x")
        guard answer.status == 200 else { return false }
        graph.end(task, "release", #"{"agent":"x"}"#)
        return true
      }
    }
    let one = family("one")
    let two = family("two")
    // Roots wait for nobody.
    #expect(ready() == [one[0], two[0]])
    #expect(claimable(one) == [one[0]])
    #expect(texts(claim(one[2], "x").json?["blocked_by"]) == [one[0]])
    graph.end(one[0])
    #expect(claimable(one) == [one[1], one[2]])
    #expect(texts(claim(one[3], "x").json?["blocked_by"]) == [one[1], one[2]])
    graph.end(one[2])
    graph.end(one[1], "fail")
    #expect(claimable(one) == [] && ready() == [two[0]])
    #expect(ok(patch("one", #"{"sibling_policy":"release"}"#)) != nil)
    #expect(claimable(one) == [one[3]])
  }

  @Test(arguments: [("fail", "failed"), ("cancel", "cancelled")])
  func `16.21 an edge says what a bad end of its blocker does`(how: String, ended: String) {
    let blocker = graph.create("blocker")
    func waiting(_ policy: String, _ blocker: String) -> String {
      graph.create(policy, #""blocked_by":[{"task":"\#(blocker)","on_failure":"\#(policy)"}]"#)
    }
    let blocked = waiting("block", blocker)
    let released = waiting("release", blocker)
    let failed = waiting("fail", blocker)
    let chained = waiting("fail", failed)
    let answer = graph.end(blocker, how)
    #expect(answer?["status"]?.stringValue == ended)
    #expect(graph.unblocked(answer) == [released] && ready() == [released])
    #expect(texts(answer?["failed"]) == [failed, chained])
    #expect(graph.get(blocked)?["status"] == "pending")
    #expect(texts(graph.get(blocked)?["blocked_by"]) == [blocker])
    #expect(graph.get(failed)?["reason"]?.stringValue?.contains(blocker) == true)
    #expect(graph.get(chained)?["reason"]?.stringValue?.contains(failed) == true)
  }

  @Test func `16.22 of many claims at once one wins, and limits hold`() {
    agent("x")
    for number in 0..<8 { agent("n\(number)", #","max_claims":50"#) }
    let one = graph.create("one")
    let wins = TestThread.gather(8) { claim(one, "n\($0)").status }
    #expect(wins.filter { $0 == 200 }.count == 1 && wins.filter { $0 == 409 }.count == 7)
    for _ in 0..<24 { graph.create("t") }
    let got = TestThread.gather(8) { number in
      (0..<3).map { _ in
        post("claims", #"{"agent":"n\#(number)"}"#).json?["task"]?["id"]?.stringValue ?? "none"
      }
    }
    #expect(Set(got.flatMap { $0 }).subtracting(["none"]).count == 24, "each task once")
    #expect(ready() == [])
    for _ in 0..<20 { graph.create("t") }
    let many = TestThread.gather(20) { _ in post("claims", #"{"agent":"x"}"#).status }
    #expect(many.filter { $0 == 200 }.count == 5 && many.filter { $0 == 409 }.count == 15)
    #expect(listed("owner=x").count == 5)
  }

  @Test func `16.24 a lease that ends is told, and the late holder is refused`() throws {
    for id in ["a", "b"] { agent(id) }
    let task = graph.create("t")
    let fence = graph.claim(task, for: "a")
    _ = ok(post("locks", #"{"agent":"a","paths":["x"],"task":"\#(task)"}"#))
    try clock.endLeases(seconds: 900, in: graph.server.store.database)
    #expect(eventually { graph.get(task)?["status"] == "pending" })
    let steps = history(task)?["history"]?.arrayValue ?? []
    #expect(steps.map { $0["status"] } == ["pending", "in_progress", "pending"])
    #expect(steps.last?["reason"] == "lease expired" && steps[1]["end_timestamp"] != nil)
    #expect(eventually { client.get("\(project)/locks").json?["locks"] == [] })
    let events = client.get("\(project)/lock-events").json?["events"]
    #expect(texts(events, "event") == ["claimed", "released"])
    let late = #"{"agent":"a","fence":\#(fence)}"#
    for how in ["complete", "fail", "release", "cancel", "reopen"] {
      expect(post("tasks/\(task)/\(how)", late), 403, "not_owner")
    }
    expect(patch(task, #"{"title":"late","agent":"a","fence":\#(fence)}"#), 403, "not_owner")
    expect(client.delete("\(tasks)/\(task)?agent=a&fence=\(fence)"), 403, "not_owner")
    #expect(ok(patch(task, #"{"assignee":"b"}"#))?["assignee"] == "b")
    #expect(ok(patch(task, #"{"title":"u","priority":"high"}"#))?["assignee"] == "b")
  }

  @Test func `16.25 unknown arguments are named, deleted tasks are gone, polls lose nothing`() {
    for id in ["a", "b"] { agent(id) }
    for (path, body, hint) in [
      ("claims", #"{"agnt":"a"}"#, #""agnt"; did you mean "agent"?"#),
      ("tasks", #"{"title":"t","prioritty":1}"#, #""prioritty"; did you mean "priority"?"#),
      ("tasks", #"{"title":"t","blocked_by":[{"tsk":"x"}]}"#, #""tsk"; did you mean "task"?"#),
      (
        "trees", #"{"tree":{"title":"t","chldren":[]}}"#, #""chldren"; did you mean "children"?"#
      ),
      ("trees", #"{"tre":{}}"#, #""tre"; did you mean "tree"?"#),
      ("links", #"{"frm":["a"],"to":["b"]}"#, #""frm"; did you mean "from"?"#),
      ("locks", #"{"agent":"a","path":["x"]}"#, #""path"; did you mean "paths"?"#),
      ("bulk-update", #"{"tasks":["t"],"patc":{}}"#, #""patc"; did you mean "patch"?"#),
    ] { expect(post(path, body), 400, "unknown_field", hint) }
    for path in [
      "ready?agnet=a", "next?agnet=a", "stats?agnet=a", "locks?agnet=a",
    ] {
      expect(
        client.get("\(project)/\(path)"), 400, "unknown_field", #""agnet"; did you mean "agent"?"#)
    }
    graph.create("t", #""id":"t","points":3"#)
    graph.create("waits", #""id":"waits","blocked_by":["t"]"#)
    #expect(client.delete("\(tasks)/t").status == 204)
    #expect(ready() == ["waits"] && listed("").contains("t") == false)
    #expect(graph.get("waits")?["blocked_by"]?.arrayValue?.isEmpty ?? true)
    #expect(client.get("\(project)/stats").json?["total_tasks"] == 1)
    #expect(client.get("\(project)/search?q=t").json?["tasks"] == [])
    #expect(client.get("\(project)/graph").json?["tasks"]?.arrayValue?.count == 1)
    expect(claim("t", "a"), 404, "task_not_found")
    #expect(client.post("\(tasks)/t/restore", "").status == 200)
    #expect(ready() == ["t"])
    // A poll for one file, and then one for the other.
    _ = ok(post("locks", #"{"agent":"a","paths":["x","y"]}"#))
    for file in ["y", "x"] {
      let poll = #"{"agent":"b","files":["\#(file)"]}"#
      #expect(texts(ok(post("lock-updates", poll))?["events"], "path") == [file])
      #expect(texts(ok(post("lock-updates", poll))?["events"], "path") == [])
    }
  }
}
