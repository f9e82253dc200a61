import HoldfastJSON
import HoldfastTesting
import Testing

/// The tools of the task graph's first generation: each one with all of its answer.
@Suite struct TaskGraphToolsTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let transports = ToolsClient.Transport.allCases
  /// All columns of a task in their order.
  static let columns = [
    "id", "parent_id", "title", "description", "status", "priority", "join_mode", "sibling_order",
    "owner_agent", "claimed_at", "needed_tags", "wanted_tags", "points", "time_estimate_ms",
    "time_actual_ms", "started_at", "completed_at", "current_thought", "tokens_in",
    "tokens_cached", "tokens_out", "tokens_thinking", "tokens_image", "tokens_audio", "cost_usd",
    "user_metrics", "created_at", "updated_at",
  ]

  @Test func `the set has the tools of the first generation and no others`() throws {
    let client = try ToolsClient(home, "task-graph")
    let list = try client.request("tools/list")["result"]?["tools"]?.arrayValue ?? []
    #expect(
      list.compactMap { $0["name"]?.stringValue } == [
        "connect", "disconnect", "list_agents", "create", "create_tree", "get", "list_tasks",
        "update", "delete", "thinking", "log_time", "log_cost", "block", "unblock", "claim",
        "release", "complete", "claim_file", "release_file", "list_files", "claim_updates",
        "attach", "attachments", "detach",
      ])
    let required = Dictionary(
      uniqueKeysWithValues: list.map { tool in
        (
          tool["name"]?.stringValue ?? "",
          tool["inputSchema"]?["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        )
      })
    // Who calls may be configured, so no schema demands it.
    #expect(required["create"] == ["title"])
    #expect(required["log_time"] == ["task", "duration_ms"])
    #expect(required["block"] == ["blocker", "blocked"])
    #expect(required["attach"] == ["task", "name"])
    #expect(required["detach"] == ["task", "index"])
    #expect(required["claim_file"] == ["file"])
    #expect(required["disconnect"] == ["agent"])
    #expect(try client.request("prompts/list")["result"]?["prompts"] == [])
  }

  @Test(arguments: transports)
  func `agents come and go`(_ transport: ToolsClient.Transport) throws {
    let client = try ToolsClient(home, "task-graph", over: transport)
    let ann = try client.call("connect", ["agent": "ann", "name": "Ann", "tags": ["swift"]])
    #expect(
      ann.timeless
        == [
          "agent_id": "ann", "name": "Ann", "tags": ["swift"], "max_claims": 5,
          "registered_at": "time",
        ])
    let made = try client.call("connect")
    #expect(made.keys == ["agent_id", "name", "tags", "max_claims", "registered_at"])
    #expect(made["name"] == .null)
    #expect(made["max_claims"] == 5)
    #expect(made["agent_id"]?.stringValue?.isEmpty == false)

    let task = try client.task("held")
    try client.call("claim", ["agent": "ann", "task": task])
    try client.call("claim_file", ["agent": "ann", "file": "a.swift"])
    try client.call("thinking", ["agent": "ann", "thought": "hm"])
    let agents = try client.call("list_agents")
    #expect(agents.keys == ["agents", "has_more"])
    #expect(
      agents.timeless["agents"]?.arrayValue?.last
        == [
          "id": "ann", "name": "Ann", "tags": ["swift"], "max_claims": 5, "claim_count": 1,
          "current_thought": "hm", "registered_at": "time", "last_heartbeat": "time",
        ])
    let text = try client.call("list_agents", ["format": "markdown"])
    #expect(text.keys == ["format", "content"])
    #expect(text["content"]?.stringValue?.contains("`ann` Ann: 1 of 5 claims") == true)

    #expect(
      try client.call("disconnect", ["worker_id": "ann"])
        == ["success": true, "tasks_released": 1, "files_released": 1])
    #expect(
      try client.call("disconnect", ["agent": "nobody"])
        == ["success": true, "tasks_released": 0, "files_released": 0])
    #expect(try client.call("get", ["task": task])["status"] == "pending")
  }

  @Test(arguments: transports)
  func `a task has all of its columns`(_ transport: ToolsClient.Transport) throws {
    let client = try ToolsClient(home, "task-graph", over: transport)
    let least = try client.call("create", ["title": "least"])
    #expect(
      least.timeless
        == [
          "task_id": least["task_id"] ?? .null, "parent_id": nil, "title": "least",
          "status": "pending", "priority": "medium", "created_at": "time", "priority_value": 5,
        ])
    let bare = try client.call("get", ["task": least["task_id"] ?? .null])
    #expect(
      bare.timeless
        == [
          "id": least["task_id"] ?? .null, "parent_id": nil, "title": "least", "description": nil,
          "status": "pending", "priority": "medium", "join_mode": "then", "sibling_order": 0,
          "owner_agent": nil, "claimed_at": nil, "needed_tags": [], "wanted_tags": [],
          "points": nil, "time_estimate_ms": nil, "time_actual_ms": nil, "started_at": nil,
          "completed_at": nil, "current_thought": nil, "tokens_in": 0, "tokens_cached": 0,
          "tokens_out": 0, "tokens_thinking": 0, "tokens_image": 0, "tokens_audio": 0,
          "cost_usd": 0, "user_metrics": nil, "created_at": "time", "updated_at": "time",
          "blocked_by": [], "priority_value": 5,
        ])
    #expect(Array(bare.keys.prefix(Self.columns.count)) == Self.columns)

    let full = try client.call(
      "create",
      [
        "title": "full", "description": "All of it", "parent": least["task_id"] ?? .null,
        "priority": 9, "points": 5, "time_estimate_ms": 3_600_000, "needed_tags": ["swift"],
        "wanted_tags": ["ui", "db"], "blocked_by": [], "id": "mine", "join_mode": "also",
        "tags": ["x"],
      ])
    #expect(
      full.timeless
        == [
          "task_id": "mine", "parent_id": least["task_id"] ?? .null, "title": "full",
          "status": "pending", "priority": "critical", "created_at": "time", "priority_value": 9,
        ])
    let row = try client.call("get", ["task": "mine"])
    #expect(row["description"] == "All of it")
    #expect(row["points"] == 5)
    #expect(row["time_estimate_ms"] == 3_600_000)
    #expect(row["needed_tags"] == ["swift"])
    #expect(row["wanted_tags"] == ["ui", "db"])
    #expect(row["join_mode"] == "also")
    #expect(row["tags"] == ["x"])

    let whole = try client.call("get", ["task": least["task_id"] ?? .null, "children": true])
    #expect(whole["children"]?.arrayValue?.map { $0["id"] } == ["mine"])
    #expect(whole["children"]?.arrayValue?.first?["children"] == [])
    let text = try client.call(
      "get", ["task": least["task_id"] ?? .null, "children": true, "format": "markdown"])
    #expect(text["format"] == "markdown")
    #expect(
      text["content"]?.stringValue?.contains("- `mine` [pending] full (critical)") == true)
  }

  @Test func `a tree is created whole and answered in preorder`() throws {
    let client = try ToolsClient(home, "task-graph")
    let tree: JSON = [
      "title": "root", "id": "r",
      "children": [
        ["title": "a", "id": "a", "children": [["title": "b", "id": "b", "join_mode": "also"]]],
        ["title": "c", "id": "c", "priority": "low", "points": 2],
      ],
    ]
    #expect(
      try client.call("create_tree", ["tree": tree])
        == ["root_task_id": "r", "all_ids": ["r", "a", "b", "c"]])
    #expect(
      try client.call("create_tree", ["tree": ["title": "d", "id": "d"], "parent": "r"])
        == ["root_task_id": "d", "all_ids": ["d"]])
    let whole = try client.call("get", ["task": "r", "children": true])
    #expect(whole["children"]?.arrayValue?.map { $0["id"] } == ["a", "c", "d"])
    #expect(whole["children"]?.arrayValue?.map { $0["sibling_order"] } == [0, 1, 2])
    #expect(
      try client.refused(
        "create_tree", ["tree": ["title": "e", "id": "e", "children": [["titel": "f"]]]])["code"]
        == "UNKNOWN_ARGUMENT")
    #expect(try client.refused("get", ["task": "e"])["code"] == "TASK_NOT_FOUND")
  }

  @Test(arguments: transports)
  func `work from claim to end`(_ transport: ToolsClient.Transport) throws {
    let client = try ToolsClient(home, "task-graph", over: transport)
    try client.call("connect", ["agent": "ann"])
    let (a, b) = (try client.task("a"), try client.task("b"))
    #expect(try client.call("block", ["blocker": a, "blocked": b]) == ["success": true])
    #expect(try client.call("block", ["blocker": a, "blocked": b]) == ["success": true])

    let claim = try client.call("claim", ["agent_id": "ann", "task": a])
    #expect(
      claim.timeless
        == [
          "success": true,
          "task": [
            "id": a, "title": "a", "status": "in_progress", "owner_agent": "ann",
            "claimed_at": "time",
          ], "fence": claim["fence"] ?? .null, "lease_expires_at": "time",
        ])
    #expect(
      try client.call("claim", ["agent": "ann", "task": a])["already_held"] == true)
    #expect(
      try client.call("thinking", ["agent": "ann", "thought": "so far", "tasks": [a, b]])
        == ["success": true, "updated_count": 1])
    #expect(try client.call("get", ["task": a])["current_thought"] == "so far")
    #expect(
      try client.call("thinking", ["agent": "ann"]) == ["success": true, "updated_count": 1])
    #expect(try client.call("get", ["task": a])["current_thought"] == .null)
    #expect(
      try client.call("log_time", ["agent": "ann", "task": a, "duration_ms": 1000])
        == ["success": true, "time_actual_ms": 1000])
    let quarter = try JSONReader.read(Array("0.25".utf8))
    #expect(
      try client.call(
        "log_cost",
        [
          "agent": "ann", "task": a, "tokens_in": 100, "tokens_out": 7, "cost_usd": quarter,
          "user_metrics": ["loc": 3],
        ])
        == [
          "success": true, "tokens_in": 100, "tokens_cached": 0, "tokens_out": 7,
          "tokens_thinking": 0, "tokens_image": 0, "tokens_audio": 0, "cost_usd": quarter,
          "user_metrics": ["loc": 3],
        ])
    let held = try client.call("get", ["task": a])
    #expect(held["user_metrics"] == ["loc": 3])
    #expect(held["metrics"] == [100, 7, 0, 0, 0, 0, 0, 0])
    #expect(held["worker_id"] == "ann")
    #expect(held["fence"] == claim["fence"])

    let done = try client.call(
      "complete", ["agent": "ann", "task": a, "fence": claim["fence"] ?? .null])
    #expect(
      done.timeless
        == [
          "success": true,
          "task": ["id": a, "title": "a", "status": "completed", "completed_at": "time"],
          "unblocked": [b],
        ])
    try client.call("claim", ["agent": "ann"])
    #expect(
      try client.call("release", ["agent": "ann", "task": b]) == ["success": true])
    try client.call("claim", ["agent": "ann", "task": b])
    #expect(
      try client.call("release", ["agent": "ann", "task": b, "state": "failed"])
        == ["success": true])
    #expect(try client.call("get", ["task": b])["status"] == "failed")
    #expect(try client.call("claim", ["agent": "ann"]) == ["success": true, "task": nil])
    #expect(try client.call("unblock", ["blocker": a, "blocked": b]) == ["success": true])
    #expect(try client.call("unblock", ["blocker": a, "blocked": b]) == ["success": true])
  }

  @Test func `an update answers the whole task`() throws {
    let client = try ToolsClient(home, "task-graph")
    try client.call("connect", ["agent": "ann"])
    let task = try client.task("a")
    let changed = try client.call(
      "update",
      [
        "agent": "ann", "task": task, "title": "b", "description": "about", "priority": "high",
        "points": 3,
      ])
    #expect(Array(changed.keys.prefix(Self.columns.count)) == Self.columns)
    #expect(changed["title"] == "b")
    #expect(changed["priority"] == "high")
    #expect(changed["owner_agent"] == .null)
    let cleared = try client.call(
      "update", ["agent": "ann", "task": task, "description": nil, "points": nil])
    #expect(cleared["description"] == .null)
    #expect(cleared["points"] == .null)
    #expect(cleared["title"] == "b")
    #expect(cleared.time("updated_at") >= changed.time("updated_at"))

    let working = try client.call("update", ["agent": "ann", "task": task, "status": "working"])
    #expect(working["status"] == "in_progress")
    #expect(working["owner_agent"] == "ann")
    #expect(working.time("claimed_at") > 1_600_000_000_000)
    let same = try client.call(
      "update", ["agent": "ann", "task": task, "state": "in_progress"])
    #expect(same["claimed_at"] == working["claimed_at"])
    let next = try client.task("next", ["blocked_by": [task]])
    let ended = try client.call("update", ["agent": "ann", "task": task, "state": "completed"])
    #expect(ended["status"] == "completed")
    #expect(ended["owner_agent"] == .null)
    #expect(ended.time("completed_at") > 1_600_000_000_000)
    #expect(ended["unblocked"] == [next])
    let open = try client.call("update", ["agent": "ann", "task": task, "state": "pending"])
    #expect(open["completed_at"] == .null)
    #expect(open["started_at"] == working["started_at"])
  }

  @Test func `files are locked, listed and followed`() throws {
    let client = try ToolsClient(home, "task-graph")
    for agent in ["ann", "bob"] as [JSON] { try client.call("connect", ["agent": agent]) }
    let first = try client.call(
      "claim_file", ["agent": "ann", "file": "./a.swift", "reason": "fix"])
    #expect(first == ["success": true, "acquired": true, "fence": first["fence"] ?? .null])
    #expect(
      try client.call("claim_file", ["agent": "bob", "file": "a.swift"])
        == [
          "success": true, "warning": "File already locked by agent ann", "locked_by": "ann",
          "acquired": false,
        ])
    #expect(try client.call("claim_file", ["agent": "ann", "file": "a.swift"])["warning"] == nil)
    try client.call("claim_file", ["agent": "bob", "file": "b.swift"])
    let all = try client.call("list_files")
    #expect(all.keys == ["locks", "details", "has_more"])
    #expect(all["locks"] == ["a.swift": "ann", "b.swift": "bob"])
    #expect(
      all["details"]?.arrayValue?.first?.keys
        == ["file_path", "agent_id", "locked_at", "reason", "fence"])
    #expect(try client.call("list_files", ["files": []])["locks"] == [:])
    #expect(try client.call("list_files", ["agent": "bob"])["locks"] == ["b.swift": "bob"])
    #expect(
      try client.call("list_files", ["files": ["a.swift", "b.swift"], "agent": "ann"])["locks"]
        == ["a.swift": "ann"])

    let news = try client.call("claim_updates", ["agent": "bob"])
    #expect(
      news.timeless
        == [
          "new_claims": [
            ["file": "a.swift", "agent": "ann", "reason": "fix", "claimed_at": "time"],
            ["file": "b.swift", "agent": "bob", "reason": nil, "claimed_at": "time"],
          ], "dropped_claims": [], "sequence": news["sequence"] ?? .null,
        ])
    #expect(
      try client.call("release_file", ["agent": "bob", "file": "a.swift"]) == ["success": false])
    #expect(
      try client.call("release_file", ["agent": "ann", "file": "a.swift", "reason": "done"])
        == ["success": true])
    let dropped = try client.call("claim_updates", ["agent": "bob", "files": ["a.swift"]])
    #expect(
      dropped.timeless["dropped_claims"]
        == [["file": "a.swift", "agent": "ann", "reason": "done", "dropped_at": "time"]])
    let again = try client.call(
      "claim_updates", ["agent": "bob", "since": news["sequence"] ?? .null])
    #expect(again["dropped_claims"]?.arrayValue?.count == 1)
    #expect(again["new_claims"] == [])
  }

  @Test func `attachments come whole`() throws {
    guard home.isOnFile else { return }
    let client = try ToolsClient(home, "task-graph")
    let task = try client.task("a")
    #expect(
      try client.call("attach", ["task": task, "name": "note", "content": "hi"])
        == ["task_id": task, "order_index": 0])
    #expect(
      try client.call(
        "attach",
        ["task": task, "name": "raw", "content": ["base64": "/wA="], "mime": "image/png"])
        == ["task_id": task, "order_index": 1])
    try writeFile(home.folder.file("spec.md"), "spec")
    #expect(
      try client.call("attach", ["task": task, "name": "spec", "file": "spec.md"])
        == ["task_id": task, "order_index": 2, "file_path": "spec.md"])
    let stored = try client.call(
      "attach", ["task": task, "name": "log", "content": "long", "store_as_file": true])
    #expect(stored.keys == ["task_id", "order_index", "file_path"])
    let path = try #require(stored["file_path"]?.stringValue)
    #expect(path.hasPrefix(".task-graph/media/"))

    let list = try client.call("attachments", ["task": task])
    #expect(list.keys == ["attachments", "has_more"])
    #expect(
      list.timeless["attachments"]?.arrayValue?.first
        == [
          "task_id": task, "order_index": 0, "name": "note", "mime_type": "text/plain",
          "created_at": "time",
        ])
    let whole = try client.call("attachments", ["task": task, "content": true])
    #expect(
      whole["attachments"]?.arrayValue?.map { $0["content"] } == ["hi", "/wA=", "spec", "long"])
    #expect(
      whole["attachments"]?.arrayValue?.map { $0["file_path"] }
        == [nil, nil, "spec.md", .string(path)])
    #expect(
      try client.call("detach", ["task": task, "index": 3])
        == ["success": true, "file_deleted": true])
    #expect(
      try client.call("detach", ["task": task, "index": 2])
        == ["success": true, "file_deleted": false])
    #expect(
      try client.call("detach", ["task": task, "index": 9])
        == ["success": false, "file_deleted": false])
    #expect(fileExists(home.folder.file("spec.md")))
    #expect(!fileExists(home.folder.file(path)))
  }

  @Test func `a task that is not there is deleted already`() throws {
    let client = try ToolsClient(home, "task-graph")
    #expect(try client.call("delete", ["task": "no-such"]) == ["success": true])
    let a = try client.task("a")
    let b = try client.task("b", ["blocked_by": [a]])
    #expect(try client.call("delete", ["task": a]) == ["success": true, "unblocked": [b]])
    #expect(try client.call("delete", ["task": a]) == ["success": true])
    #expect(try client.call("delete", ["task": b, "hard": true]) == ["success": true])
  }
}

extension ToolsClient {
  /// A new task of the graph; gives its id.
  @discardableResult
  func task(_ title: String, _ more: JSON = [:]) throws -> JSON {
    var fields = more.objectValue ?? JSONObject()
    fields.set("title", .string(title))
    return try call("create", .object(fields))["task_id"] ?? .null
  }

  /// The refusal of a tool of the task graph, whose two messages must be the same.
  func refused(_ tool: String, _ arguments: JSON = [:]) throws -> JSON {
    let text = try refusal(of: tool, arguments)
    let refusal = try JSONReader.read(Array(text.utf8))
    #expect(refusal["error"] == refusal["message"])
    return refusal
  }
}

extension JSON {
  /// This value with a word in the place of each time in milliseconds.
  var timeless: JSON {
    switch self {
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { member in
            let isTime = member.key.hasSuffix("_at") || member.key == "last_heartbeat"
            let time = member.value.int64Value ?? 0
            return (
              member.key, isTime && time > 1_600_000_000_000 ? "time" : member.value.timeless
            )
          }))
    case .array(let elements): .array(elements.map(\.timeless))
    default: self
    }
  }

  func time(_ key: String) -> Int64 { self[key]?.int64Value ?? 0 }
}
