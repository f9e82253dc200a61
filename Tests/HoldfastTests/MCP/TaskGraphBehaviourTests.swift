import HoldfastJSON
import HoldfastTesting
import Testing

/// What the contract of the task graph says that its tools do, in its order.
@Suite struct TaskGraphBehaviourTests {
  private let home: TestHome
  private let client: ToolsClient

  init() throws {
    home = try TestHome(on: .wanted)
    client = try ToolsClient(home, "task-graph")
    for agent in ["ann", "bob"] as [JSON] { try client.call("connect", ["agent": agent]) }
  }

  private func ids(_ arguments: JSON = [:]) throws -> [JSON] {
    (try client.call("list_tasks", arguments)["tasks"]?.arrayValue ?? []).map { $0["id"] ?? nil }
  }

  private func status(_ task: JSON) throws -> JSON? {
    try client.call("get", ["task": task])["status"]
  }

  @Test func `connecting again keeps the id and rewrites name and tags`() throws {
    let (one, two) = (try client.call("connect"), try client.call("connect"))
    #expect(one["agent_id"] != two["agent_id"])
    let again = try client.call(
      "connect", ["agent": "ann", "force": true, "tags": ["gpu"], "name": "A"])
    #expect(again["agent_id"] == "ann")
    #expect(again["tags"] == ["gpu"])
    #expect(again["name"] == "A")
  }

  @Test func `a parent goes with its children or not at all`() throws {
    try client.task("p", ["id": "p"])
    try client.task("x", ["id": "x", "parent": "p"])
    try client.task("y", ["id": "y", "parent": "p"])
    let whole = try client.call("get", ["task": "p", "children": true])
    #expect(whole["children"]?.arrayValue?.map { $0["sibling_order"] } == [0, 1])
    #expect(whole["children"]?.arrayValue?.map { $0["parent_id"] } == ["p", "p"])
    #expect(try client.refused("delete", ["task": "p"])["code"] == "HAS_CHILDREN")
    #expect(try client.call("delete", ["task": "p", "cascade": true]) == ["success": true])
    #expect(try ids() == [])
    #expect(try client.refused("get", ["task": "x"])["code"] == "TASK_NOT_FOUND")
  }

  @Test func `lists filter by one status and by several, and all filters hold`() throws {
    for id in ["a", "b", "c", "d"] as [JSON] { try client.task("t", ["id": id]) }
    try client.call("update", ["agent": "ann", "task": "a", "state": "completed"])
    try client.call("update", ["agent": "ann", "task": "b", "state": "cancelled"])
    try client.call("claim", ["agent": "ann", "task": "c"])
    #expect(try ids() == ["d", "c", "b", "a"])
    #expect(try ids(["status": "completed"]) == ["a"])
    #expect(try ids(["status": ["completed", "cancelled"]]) == ["b", "a"])
    #expect(try ids(["state": "working"]) == ["c"])
    #expect(try ids(["owner": "ann"]) == ["c"])
    #expect(try ids(["owner": "ann", "status": "pending"]) == [])
    #expect(try ids(["parent": "null", "status": "pending"]) == ["d"])
    #expect(try ids(["ready": true, "status": "completed"]) == [])
    try client.task("for bob", ["id": "e"])
    try client.call("update", ["agent": "ann", "task": "e", "assignee": "bob"])
    #expect(try ids(["status": "assigned"]) == ["e"])
    #expect(try ids(["status": "pending"]) == ["e", "d"])
  }

  @Test func `ready tasks come by priority, then age`() throws {
    for (id, priority) in [("a", "low"), ("b", "high"), ("c", "high"), ("d", "critical")] {
      try client.task("t", ["id": .string(id), "priority": .string(priority)])
    }
    try client.task("gpu", ["id": "e", "needed_tags": ["gpu"], "priority": "critical"])
    #expect(try ids(["ready": true]) == ["d", "e", "b", "c", "a"])
    #expect(try ids(["ready": true, "agent": "ann"]) == ["d", "b", "c", "a"])
    try client.call("connect", ["agent": "cyd", "tags": ["gpu"]])
    #expect(try ids(["ready": true, "agent": "cyd"]) == ["d", "e", "b", "c", "a"])
    #expect(try ids(["agent": "ann"]) == ["d", "c", "b", "a"])
  }

  @Test func `a claim has all checks, and force some`() throws {
    try client.task("gpu", ["id": "gpu", "needed_tags": ["gpu", "big"]])
    try client.call("connect", ["agent": "ann", "force": true, "tags": ["gpu"]])
    #expect(
      try client.refused("claim", ["agent": "ann", "task": "gpu"])["message"]
        == "Agent missing required tag: big")
    #expect(
      try client.refused("claim", ["agent": "ann", "task": "gpu", "force": true])["code"]
        == "TAG_MISMATCH")
    try client.call("connect", ["agent": "ann", "force": true, "tags": ["gpu", "big"]])
    let claim = try client.call("claim", ["agent": "ann", "task": "gpu"])
    try client.call("connect", ["agent": "bob", "force": true, "tags": ["gpu", "big"]])
    #expect(
      try client.call("claim", ["agent": "bob", "task": "gpu", "force": true])["task"]?[
        "owner_agent"] == "bob")
    // Who was displaced holds it no more.
    #expect(
      try client.refused(
        "complete", ["agent": "ann", "task": "gpu", "fence": claim["fence"] ?? .null])["code"]
        == "NOT_OWNER")
    try client.call("release", ["agent": "bob", "task": "gpu"])
    #expect(try client.call("get", ["task": "gpu"])["owner_agent"] == .null)
    // Two processes of one agent do not both win.
    try client.call("claim", ["agent": "ann", "task": "gpu", "session": "one"])
    #expect(
      try client.refused("claim", ["agent": "ann", "task": "gpu", "session": "two"])["code"]
        == "ALREADY_CLAIMED")
  }

  @Test func `an update claims, releases and ends`() throws {
    let task = try client.task("a", ["needed_tags": ["gpu"]])
    #expect(
      try client.refused("update", ["agent": "ann", "task": task, "state": "in_progress"])["code"]
        == "TAG_MISMATCH")
    try client.call("connect", ["agent": "ann", "force": true, "tags": ["gpu"]])
    let claimed = try client.call(
      "update", ["agent": "ann", "task": task, "state": "in_progress"])
    #expect(claimed["owner_agent"] == "ann")
    #expect(
      try client.call("update", ["agent": "bob", "task": task, "title": "b"])["owner_agent"]
        == "ann")
    #expect(
      try client.refused("update", ["agent": "bob", "task": task, "state": "pending"])["code"]
        == "NOT_OWNER")
    let released = try client.call("update", ["agent": "ann", "task": task, "state": "pending"])
    #expect(released["owner_agent"] == .null)
    #expect(released["status"] == "pending")
    try client.call("claim", ["agent": "ann", "task": task])
    #expect(
      try client.call(
        "update", ["agent": "bob", "task": task, "state": "completed", "force": true])["status"]
        == "completed")
    try client.call("update", ["agent": "bob", "task": task, "state": "completed"])
    try client.call("update", ["agent": "bob", "task": task, "state": "pending"])
    try client.call("update", ["agent": "bob", "task": task, "state": "cancelled"])
    #expect(
      try client.refused("update", ["agent": "bob", "task": task, "state": "pending"])["message"]
        == "Invalid transition from 'cancelled' to 'pending'. Allowed transitions: []")
    #expect(
      try client.call("update", ["agent": "bob", "task": task, "state": "pending", "force": true])[
        "status"] == "pending")
  }

  @Test func `a chain of blockers is followed to its open end`() throws {
    try client.task("a", ["id": "a"])
    try client.task("b", ["id": "b", "blocked_by": ["a"]])
    try client.task("c", ["id": "c", "blocked_by": ["b"]])
    #expect(try ids(["ready": true]) == ["a"])
    let blocked = try client.call("list_tasks", ["blocked": true])["tasks"]?.arrayValue ?? []
    #expect(blocked.map { $0["id"] } == ["c", "b"])
    #expect(blocked.map { $0["blocked_by"] } == [["b"], ["a"]])
    #expect(blocked.map { $0["blocked_reason"] } == ["dependency", "dependency"])
    #expect(try client.refused("claim", ["agent": "ann", "task": "c"])["blocked_by"] == ["b"])
    #expect(
      try client.refused("block", ["blocker": "c", "blocked": "a"])["code"] == "DEPENDENCY_CYCLE")
    try client.call("claim", ["agent": "bob", "task": "c", "force": true])
    try client.call("claim", ["agent": "ann", "task": "a"])
    #expect(try client.call("complete", ["agent": "ann", "task": "a"])["unblocked"] == ["b"])
    #expect(try ids(["ready": true]) == ["b"])
    #expect(try client.call("get", ["task": "b"])["blocked_by"] == [])
  }

  @Test func `a container is ready when nothing in it is open`() throws {
    try client.task("p", ["id": "p"])
    try client.task("x", ["id": "x", "parent": "p"])
    #expect(try ids(["ready": true]) == ["x"])
    try client.call("delete", ["task": "x"])
    #expect(try ids(["ready": true]) == ["p"])
  }

  @Test func `siblings wait in groups, and trees do not`() throws {
    let tree: JSON = [
      "title": "p", "id": "p",
      "children": [
        ["title": "A", "id": "A"], ["title": "B", "id": "B"],
        ["title": "C", "id": "C", "join_mode": "also"], ["title": "D", "id": "D"],
      ],
    ]
    try client.call("create_tree", ["tree": tree])
    try client.task("other", ["id": "o"])
    #expect(try ids(["ready": true]) == ["A", "o"])
    let waiting = try client.call("get", ["task": "C"])
    #expect(waiting["blocked_reason"] == "sequence")
    #expect(try client.refused("claim", ["agent": "ann", "task": "C"])["blocked_by"] == ["A"])
    try client.call("claim", ["agent": "ann", "task": "A"])
    #expect(try client.call("complete", ["agent": "ann", "task": "A"])["unblocked"] == ["B", "C"])
    try client.call("claim", ["agent": "ann", "task": "B"])
    try client.call("release", ["agent": "ann", "task": "B", "state": "failed"])
    try client.call("claim", ["agent": "ann", "task": "C"])
    try client.call("complete", ["agent": "ann", "task": "C"])
    #expect(try client.refused("claim", ["agent": "ann", "task": "D"])["blocked_by"] == ["B"])
    #expect(
      try client.call(
        "update", ["agent": "ann", "task": "p", "sibling_policy": "release"])["status"]
        == "pending")
    #expect(try client.call("claim", ["agent": "ann", "task": "D"])["success"] == true)
  }

  @Test(arguments: ["failed", "cancelled"])
  func `an edge says what a bad end means`(_ end: String) throws {
    try client.task("a", ["id": "a"])
    for (id, policy) in [("block", "block"), ("release", "release"), ("fail", "fail")] {
      try client.task("t", ["id": .string(id)])
      try client.call(
        "block", ["blocker": "a", "blocked": .string(id), "on_failure": .string(policy)])
    }
    try client.task("t", ["id": "entry", "blocked_by": [["task": "a", "on_failure": "release"]]])
    try client.call("claim", ["agent": "ann", "task": "a"])
    let ended = try client.call(
      "release", ["agent": "ann", "task": "a", "state": .string(end)])
    #expect(ended["unblocked"] == ["release", "entry"])
    #expect(ended["failed"] == ["fail"])
    #expect(try status("block") == "pending")
    #expect(try ids(["blocked": true]) == ["block"])
    #expect(try status("fail") == "failed")
  }

  @Test func `a reader of locks misses nothing`() throws {
    let start = try client.call("claim_updates", ["agent": "bob"])["sequence"] ?? .null
    try client.call("claim_file", ["agent": "ann", "file": "a", "reason": "one"])
    try client.call("connect", ["agent": "late"])
    try client.call("claim_file", ["agent": "ann", "file": "b"])
    try client.call("release_file", ["agent": "ann", "file": "b"])
    try client.call("release_file", ["agent": "ann", "file": "a"])
    let all = try client.call("claim_updates", ["agent": "bob"])
    #expect(all["new_claims"]?.arrayValue?.map { $0["file"] } == ["a", "b"])
    #expect(all["dropped_claims"]?.arrayValue?.map { $0["file"] } == ["b", "a"])
    #expect(try client.call("claim_updates", ["agent": "bob"])["new_claims"] == [])
    let late = try client.call("claim_updates", ["agent": "late"])
    #expect(late["new_claims"]?.arrayValue?.map { $0["file"] } == ["b"])
    #expect(late["dropped_claims"]?.arrayValue?.map { $0["file"] } == ["b", "a"])
    // A poll of one file takes nothing from one of all.
    try client.call("claim_file", ["agent": "ann", "file": "c"])
    try client.call("claim_updates", ["agent": "bob", "files": ["x"]])
    #expect(
      try client.call("claim_updates", ["agent": "bob"])["new_claims"]?.arrayValue?.map {
        $0["file"]
      } == ["c"])
    // Whoever leaves gives back what it had locked.
    try client.call("disconnect", ["agent": "ann"])
    #expect(
      try client.call("claim_updates", ["agent": "bob"])["dropped_claims"]?.arrayValue?.map {
        $0["file"]
      } == ["c"])
    // Who keeps its own place hears from there on.
    #expect(
      try client.call("claim_updates", ["agent": "bob", "since": start])["new_claims"]?
        .arrayValue?.count == 3)
  }

  @Test func `costs and times add up`() throws {
    let task = try client.task("a")
    for (milliseconds, total) in [(1000, 1000), (2000, 3000)] as [(JSON, JSON)] {
      #expect(
        try client.call(
          "log_time", ["agent": "ann", "task": task, "duration_ms": milliseconds])[
            "time_actual_ms"] == total)
    }
    try client.call(
      "log_cost", ["agent": "ann", "task": task, "tokens_in": 100, "tokens_out": 50])
    let cost = try JSONReader.read(Array("0.003".utf8))
    let totals = try client.call(
      "log_cost",
      ["agent": "ann", "task": task, "tokens_in": 200, "tokens_out": 100, "cost_usd": cost])
    #expect(totals["tokens_in"] == 300)
    #expect(totals["tokens_out"] == 150)
    #expect(totals["cost_usd"] == cost)
    let row = try client.call("get", ["task": task])
    #expect(row["time_actual_ms"] == 3000)
    #expect(row["tokens_in"] == 300)
    #expect(row["cost_usd"] == cost)
  }

  @Test func `pages cover everything once`() throws {
    for number in 0..<25 { try client.task("t\(number)", ["id": .string("t\(number)")]) }
    let newest = (0..<25).reversed().map { JSON.string("t\($0)") }
    let lists: [(JSON, [JSON])] = [
      ([:], newest), (["ready": true], newest.reversed()), (["parent": "null"], newest),
      (["status": "pending"], newest),
    ]
    for (more, wanted) in lists {
      var found: [JSON] = []
      var cursor: JSON?
      repeat {
        var arguments = more.objectValue ?? JSONObject()
        arguments.set("limit", 7)
        if let cursor { arguments.set("cursor", cursor) }
        let page = try client.call("list_tasks", .object(arguments))
        found += page["tasks"]?.arrayValue?.map { $0["id"] ?? nil } ?? []
        cursor = page["next_cursor"]
        #expect(page["has_more"] == .bool(cursor != nil))
      } while cursor != nil
      #expect(found == wanted, "\(more.renderedText())")
      func page(_ offset: JSON, _ limit: JSON?) throws -> [JSON] {
        var arguments = more.objectValue ?? JSONObject()
        arguments.set("offset", offset)
        if let limit { arguments.set("limit", limit) }
        return try ids(.object(arguments))
      }
      #expect(try page(20, nil) == Array(wanted.suffix(5)))
      #expect(try page(3, 2) == Array(wanted[3..<5]))
      #expect(try page(25, nil) == [])
    }
    #expect(try client.call("list_tasks", ["limit": 25])["has_more"] == false)
    #expect(try client.call("list_tasks", ["limit": 24])["has_more"] == true)
  }

  @Test func `of many who claim one task one gets it`() async throws {
    let task = try client.task("a")
    let others = try (0..<4).map { number in
      let other = try ToolsClient(home, "task-graph")
      try other.call("connect", ["agent": .string("agent\(number)")])
      return other
    }
    let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
      for (number, other) in others.enumerated() {
        group.addTask {
          try other.result(
            of: "claim", ["agent": .string("agent\(number)"), "task": task])["isError"] == nil
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(wins == 1)
  }

  @Test func `plans of the task store are tasks here, and the other way round`() throws {
    let store = try ToolsClient(home, "task-store")
    try store.call("task_create", ["name": "plan", "description": "A plan", "content": "# Plan"])
    let row = try #require(try client.call("list_tasks")["tasks"]?.arrayValue?.first)
    #expect(row["title"] == "plan")
    #expect(row["status"] == "pending")
    #expect(try ids(["status": "pending"]) == [row["id"] ?? nil])
    let claim = try client.call("claim", ["agent": "ann", "task": row["id"] ?? nil])
    #expect(claim["task"]?["title"] == "plan")
    try client.task("graph", ["id": "g"])
    #expect(try store.call("task_list")["total"] == 2)
  }
}
