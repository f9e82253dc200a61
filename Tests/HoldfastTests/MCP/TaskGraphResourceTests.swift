import HoldfastJSON
import HoldfastTesting
import Testing

/// The resources of the task graph, under its addresses.
@Suite struct TaskGraphResourceTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let fixed = [
    "tasks://all", "tasks://ready", "tasks://blocked", "tasks://claimed", "files://locks",
    "agents://all", "plan://acp", "stats://summary",
  ]

  @Test(arguments: ToolsClient.Transport.allCases)
  func `each is read in the contract's form`(_ transport: ToolsClient.Transport) throws {
    let client = try ToolsClient(home, "task-graph", over: transport)
    try client.call("connect", ["agent": "ann"])
    try client.task(
      "a", ["id": "a", "points": 3, "description": "first", "needed_tags": ["swift"]])
    try client.task("b", ["id": "b", "points": 5, "blocked_by": ["a"], "priority": "high"])
    try client.task("c", ["id": "c"])
    try client.task("d", ["id": "d", "parent": "c"])
    try client.call("claim", ["agent": "ann", "task": "d"])
    try client.call("thinking", ["agent": "ann", "thought": "hm"])
    try client.call("claim_file", ["agent": "ann", "file": "x.swift"])

    let all = try client.read("tasks://all")
    #expect(all.keys == ["tasks", "dependencies", "has_more"])
    #expect(all["tasks"]?.arrayValue?.map { $0["id"] } == ["d", "c", "b", "a"])
    #expect(all["dependencies"] == [["from": "a", "to": "b"]])
    #expect(
      try client.read("tasks://ready")["tasks"]
        == [
          [
            "id": "a", "title": "a", "description": "first", "priority": "medium", "points": 3,
            "needed_tags": ["swift"], "wanted_tags": [],
          ]
        ])
    #expect(
      try client.read("tasks://blocked")["tasks"]
        == [
          [
            "id": "b", "title": "b", "priority": "high", "blocked_by": ["a"],
            "blocked_reason": "dependency",
          ]
        ])
    let held: JSON = [
      [
        "id": "d", "title": "d", "status": "in_progress", "priority": "medium",
        "owner_agent": "ann", "claimed_at": "time", "current_thought": "hm",
      ]
    ]
    #expect(try client.read("tasks://claimed").timeless["tasks"] == held)
    #expect(try client.read("tasks://agent/ann").timeless["tasks"] == held)
    #expect(try client.read("tasks://agent/bob")["tasks"] == [])
    let tree = try client.read("tasks://tree/c")
    #expect(tree["id"] == "c")
    #expect(tree["children"]?.arrayValue?.map { $0["id"] } == ["d"])
    #expect(
      try client.read("files://locks").timeless["locks"]
        == [["file_path": "x.swift", "agent_id": "ann", "locked_at": "time"]])
    #expect(
      try client.read("agents://all")["agents"]?.arrayValue?.first?.keys
        == [
          "id", "name", "tags", "max_claims", "claim_count", "current_thought", "registered_at",
          "last_heartbeat",
        ])
    let plan = try client.read("plan://acp")
    #expect(plan["version"] == "1.0")
    #expect(
      plan["tasks"]?.arrayValue?.first?.keys
        == [
          "id", "title", "description", "status", "priority", "blockedBy", "assignee", "metadata",
        ])
    #expect(
      plan["tasks"]?.arrayValue?.map { $0["status"] }
        == ["in_progress", "todo", "todo", "todo"])
    #expect(plan["tasks"]?.arrayValue?[2]["blockedBy"] == ["a"])
    #expect(plan["tasks"]?.arrayValue?[0]["assignee"] == "ann")
    #expect(
      try client.read("stats://summary")
        == [
          "total_tasks": 4,
          "by_status": [
            "pending": 3, "in_progress": 1, "completed": 0, "failed": 0, "cancelled": 0,
          ], "points": ["total": 8, "completed": 0, "remaining": 8],
          "time": ["estimated_ms": 0, "actual_ms": 0],
          "tokens": ["in": 0, "cached": 0, "out": 0, "thinking": 0, "image": 0, "audio": 0],
          "cost_usd": 0,
        ])
  }

  @Test func `an empty store answers zeros and empty lists`() throws {
    let client = try ToolsClient(home, "task-graph")
    #expect(try client.read("stats://summary")["total_tasks"] == 0)
    #expect(
      try client.read("stats://summary")["by_status"]
        == ["pending": 0, "in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0])
    #expect(
      try client.read("tasks://all") == ["tasks": [], "dependencies": [], "has_more": false])
    #expect(try client.read("plan://acp")["tasks"] == [])
  }

  @Test func `they are listed as resources and as templates`() throws {
    let client = try ToolsClient(home, "task-graph")
    let list = try client.request("resources/list")["result"]?["resources"]?.arrayValue ?? []
    #expect(list.compactMap { $0["uri"]?.stringValue } == Self.fixed)
    let templates =
      try client.request("resources/templates/list")["result"]?["resourceTemplates"]?.arrayValue
      ?? []
    #expect(
      templates.compactMap { $0["uriTemplate"]?.stringValue } == Self.fixed + [
        "tasks://agent/{id}", "tasks://tree/{id}",
      ])
  }

  @Test(arguments: ["tasks://no", "tasks://a/b/c", "no://thing", "tasks", "task://p/a"])
  func `an address at which nothing is is unknown`(_ uri: String) throws {
    let client = try ToolsClient(home, "task-graph")
    let error = try client.request("resources/read", ["uri": .string(uri)])["error"]
    #expect(error?["message"] == .string("Unknown resource: \(uri)"))
    #expect(error?["code"] == -32002)
  }

  @Test func `a tree of a task that is not there is not found`() throws {
    let client = try ToolsClient(home, "task-graph")
    let error = try client.request("resources/read", ["uri": "tasks://tree/no"])["error"]
    #expect(error?["message"] == "Task not found")
    #expect(error?["code"] == -32002)
  }
}

extension ToolsClient {
  /// What is at an address.
  fileprivate func read(_ uri: String) throws -> JSON {
    let answer = try request("resources/read", ["uri": .string(uri)])
    guard let content = answer["result"]?["contents"]?.arrayValue?.first,
      let text = content["text"]?.stringValue
    else { throw TestFailure(answer.renderedText()) }
    #expect(content["mimeType"] == "application/json")
    return try JSONReader.read(Array(text.utf8))
  }
}
