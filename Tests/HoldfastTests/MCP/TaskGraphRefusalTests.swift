import HoldfastJSON
import HoldfastTesting
import Testing

/// What the tools of the task graph refuse: the codes and texts of the contract.
@Suite struct TaskGraphRefusalTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private func client(_ transport: ToolsClient.Transport = .stdio) throws -> ToolsClient {
    let client = try ToolsClient(home, "task-graph", over: transport)
    for agent in ["ann", "bob"] as [JSON] { try client.call("connect", ["agent": agent]) }
    return client
  }

  @Test(arguments: ToolsClient.Transport.allCases)
  func `each refusal has its code and its text`(_ transport: ToolsClient.Transport) throws {
    let client = try client(transport)
    let long = String(repeating: "x", count: 65)
    let a = try client.task("a", ["id": "a"])
    try client.task("b", ["id": "b", "blocked_by": [a]])
    try client.task("child", ["id": "child", "parent": a])
    try client.task("tagged", ["id": "tagged", "needed_tags": ["gpu"]])
    try client.task("wanted", ["id": "wanted", "wanted_tags": ["x", "y"]])
    try client.task("held", ["id": "held"])
    try client.call("claim", ["agent": "bob", "task": "held"])
    let rows: [(String, JSON, String, String)] = [
      ("connect", ["agent": ""], "INVALID_FIELD_VALUE", "Agent ID cannot be empty"),
      (
        "connect", ["agent": .string(long)], "INVALID_FIELD_VALUE",
        "Agent ID must be at most 64 characters, got 65"
      ),
      (
        "connect", ["agent": "ann"], "ALREADY_EXISTS",
        "Agent ID 'ann' already registered. Use force=true to reconnect."
      ),
      ("create", [:], "MISSING_REQUIRED_FIELD", "title is required"),
      ("create", ["title": "x", "parent": "no"], "TASK_NOT_FOUND", "Task not found"),
      ("create", ["title": "x", "blocked_by": ["no"]], "TASK_NOT_FOUND", "Task not found"),
      (
        "create", ["title": "x", "priority": "urgent"], "INVALID_FIELD_VALUE",
        "priority must be low, medium, high, critical, or a whole number from 0 to 10, not \"urgent\""
      ),
      (
        "create", ["title": "x", "id": "a"], "ALREADY_EXISTS",
        "task a already exists: choose another id, or leave it out"
      ),
      ("get", ["task": "no"], "TASK_NOT_FOUND", "Task not found"),
      ("get", [:], "MISSING_REQUIRED_FIELD", "task is required"),
      (
        "get", ["task": "a", "format": "yaml"], "INVALID_FIELD_VALUE",
        "format must be json or markdown, not \"yaml\""
      ),
      (
        "list_tasks", ["status": "pendign"], "INVALID_STATE",
        "Invalid state 'pendign'. Valid states: [pending, in_progress, completed, failed, cancelled]"
      ),
      ("list_tasks", ["agent": "no"], "AGENT_NOT_FOUND", "Agent not found"),
      (
        "list_tasks", ["limit": 1001], "INVALID_FIELD_VALUE",
        "limit must be a whole number from 1 to 1000, not 1001"
      ),
      (
        "list_tasks", ["onwer": "ann"], "UNKNOWN_ARGUMENT",
        "Unknown argument \"onwer\"; did you mean \"owner\"?"
      ),
      (
        "update", ["agent": "ann", "task": "a", "state": "done"], "INVALID_STATE",
        "Invalid state 'done'. Valid states: [pending, in_progress, completed, failed, cancelled]"
      ),
      (
        "update", ["agent": "ann", "task": "held", "state": "completed"], "NOT_OWNER",
        "Task is not owned by this agent"
      ),
      (
        "update", ["agent": "ann", "task": "a", "state": "completed"], "CHILDREN_OPEN",
        "Cannot complete task: 1 child task(s) are not complete"
      ),
      ("update", ["agent": "no", "task": "a", "title": "x"], "AGENT_NOT_FOUND", "Agent not found"),
      ("update", ["task": "a"], "MISSING_REQUIRED_FIELD", "agent is required"),
      ("claim", ["agent": "ann", "task": "no"], "TASK_NOT_FOUND", "Task not found"),
      ("claim", ["agent": "no", "task": "a"], "AGENT_NOT_FOUND", "Agent not found"),
      ("claim", ["agent": "ann", "task": "held"], "ALREADY_CLAIMED", "Task is already claimed"),
      (
        "claim", ["agent": "ann", "task": "tagged"], "TAG_MISMATCH",
        "Agent missing required tag: gpu"
      ),
      (
        "claim", ["agent": "ann", "task": "wanted"], "TAG_MISMATCH",
        "Agent has none of the wanted tags"
      ),
      (
        "release", ["agent": "ann", "task": "held"], "NOT_OWNER", "Task is not owned by this agent"
      ),
      (
        "release", ["agent": "ann", "task": "held", "state": "completed"], "INVALID_FIELD_VALUE",
        "state must be pending, failed or cancelled, not \"completed\""
      ),
      (
        "complete", ["agent": "ann", "task": "held"], "NOT_OWNER",
        "Task is not owned by this agent"
      ),
      (
        "complete", ["agent": "bob", "task": "held", "fence": 1], "NOT_OWNER",
        "Task is not owned by this agent"
      ),
      (
        "delete", ["task": "a"], "HAS_CHILDREN", "Task has children; use cascade=true to delete"
      ),
      (
        "delete", ["task": "held", "agent": "ann"], "NOT_OWNER",
        "Task is claimed by worker 'bob'. Use force=true to override."
      ),
      (
        "block", ["blocker": "b", "blocked": "a"], "DEPENDENCY_CYCLE",
        "Adding this dependency would create a cycle"
      ),
      (
        "block", ["blocker": "a", "blocked": "a"], "DEPENDENCY_CYCLE",
        "Adding this dependency would create a cycle"
      ),
      (
        "block", ["blocker": "a", "blocked": "child"], "DEPENDENCY_CYCLE",
        "Adding this dependency would create a cycle"
      ),
      ("block", ["blocker": "no", "blocked": "a"], "TASK_NOT_FOUND", "Task not found"),
      ("block", ["blocker": "a"], "MISSING_REQUIRED_FIELD", "blocked is required"),
      (
        "log_time", ["agent": "ann", "task": "a", "duration_ms": -1], "INVALID_FIELD_VALUE",
        "duration_ms must be a whole number from 0 to 2305843009213693951, not -1"
      ),
      (
        "log_time", ["agent": "ann", "task": "no", "duration_ms": 1], "TASK_NOT_FOUND",
        "Task not found"
      ),
      (
        "log_cost", ["agent": "ann", "task": "a", "tokens_in": "7"], "INVALID_FIELD_VALUE",
        "tokens_in must be a whole number, not a string"
      ),
      (
        "attach", ["task": "a", "name": "x"], "INVALID_FIELD_VALUE",
        "Either 'content' or 'file' must be provided"
      ),
      ("attach", ["task": "no", "name": "x", "content": "y"], "TASK_NOT_FOUND", "Task not found"),
      ("attachments", ["task": "no"], "TASK_NOT_FOUND", "Task not found"),
    ]
    for (tool, arguments, code, message) in rows {
      let refusal = try client.refused(tool, arguments)
      #expect(refusal["code"] == .string(code), "\(tool) \(arguments.renderedText())")
      #expect(
        refusal["message"] == .string(message), "\(tool) \(arguments.renderedText())")
    }
  }

  @Test func `a refusal says what helps`() throws {
    let client = try client()
    let a = try client.task("a")
    let b = try client.task("b", ["blocked_by": [a]])
    let waits = try client.refused("claim", ["agent": "ann", "task": b])
    #expect(waits["code"] == "DEPENDENCY_NOT_SATISFIED")
    #expect(waits["blocked_by"] == [a])
    #expect(waits["suggestion"] == "call list_tasks with ready for other work")
    let unknown = try client.refused("get", ["taks": a])
    #expect(unknown["field"] == "taks")
    #expect(unknown["suggestion"] == "task")
    let state = try client.refused("update", ["agent": "ann", "task": a, "state": "complete"])
    #expect(state["field"] == "state")
    #expect(state["suggestion"] == "completed")
    #expect(try client.refused("connect", ["max_claims": 0])["field"] == "max_claims")
    let cycle = try client.refused("block", ["blocker": b, "blocked": a])
    #expect(cycle["details"]?["path"]?.arrayValue?.isEmpty == false)
    try client.call("claim", ["agent": "bob", "task": a])
    let owner = try client.refused("release", ["agent": "ann", "task": a])
    #expect(
      owner["details"]?["reason"] == "Task is not owned by this agent: bob holds it")
    // The text and the structured form are the same, and the call failed.
    let result = try client.result(of: "get", ["task": "no"])
    #expect(result["isError"] == true)
    #expect(result["structuredContent"]?["code"] == "TASK_NOT_FOUND")
  }

  @Test func `what fails changes nothing`() throws {
    let client = try client()
    for arguments: JSON in [
      ["title": "x", "parent": "no"], ["title": "x", "blocked_by": ["no"]],
      ["title": "x", "points": -1],
    ] {
      _ = try client.refused("create", arguments)
    }
    #expect(try client.call("list_tasks")["tasks"] == [])
  }

  @Test func `a locked file is a refusal for who wants it alone`() throws {
    let client = try client()
    try client.call("claim_file", ["agent": "ann", "file": "a"])
    let refusal = try client.refused(
      "claim_file", ["agent": "bob", "file": "a", "exclusive": true])
    #expect(refusal["code"] == "LOCK_CONFLICT")
    #expect(refusal["locked_by"] == "ann")
    #expect(
      try client.refused("claim_file", ["agent": "bob", "file": "../a"])["code"] == "INVALID_PATH")
    #expect(
      try client.refused("claim_updates", ["agent": "no"])["code"] == "AGENT_NOT_FOUND")
  }

  @Test func `an agent over its limit gets no more`() throws {
    let client = try client()
    try client.call("connect", ["agent": "one", "max_claims": 1])
    let (a, b) = (try client.task("a"), try client.task("b"))
    try client.call("claim", ["agent": "one", "task": a])
    let refusal = try client.refused("claim", ["agent": "one", "task": b, "force": true])
    #expect(refusal["code"] == "CLAIM_LIMIT")
    #expect(refusal["message"] == "Agent has reached claim limit")
    try client.call("complete", ["agent": "one", "task": a])
    let ended = try client.refused("claim", ["agent": "one", "task": a])
    #expect(ended["code"] == "INVALID_TRANSITION")
    #expect(
      ended["message"]
        == "Invalid transition from 'completed' to 'in_progress'. Allowed transitions: ['pending']")
  }
}
