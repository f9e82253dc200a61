import HoldfastJSON
import HoldfastTesting
import Testing

/// The tools of the task store, as its clients call them.
@Suite struct TaskStoreToolsTests {
  private let home: TestHome

  init() throws { home = try TestHome(on: .wanted) }

  private static let transports = ToolsClient.Transport.allCases

  @Test func `the set has the contract's tools first, under their names`() throws {
    let client = try ToolsClient(home, "task-store")
    let list = try client.request("tools/list")["result"]?["tools"]?.arrayValue ?? []
    let names = list.compactMap { $0["name"]?.stringValue }
    #expect(
      names.prefix(10) == [
        "task_list", "task_show", "task_create", "task_update_content", "task_delete",
        "task_transition", "task_link_linear", "task_unlink_linear", "signal_create", "live_status",
      ])
    #expect(
      names.dropFirst(10) == [
        "subtask_list", "subtasks_replace", "subtask_status_set", "goal_set", "pr_url_set",
        "pr_state_set", "pr_review_record", "pr_review_list", "phase_time_set", "topic_list",
        "topic_create", "topic_assign", "task_rename", "signal_list", "signal_claim",
        "signal_processed",
      ])
    let arguments = list.map { ($0["inputSchema"]?["properties"] ?? [:]).keys }
    #expect(arguments[0] == ["status", "limit", "cursor", "project"])
    #expect(arguments[1] == ["filename", "project"])
    #expect(
      arguments[2] == ["name", "description", "branch", "topic", "content", "project"])
    #expect(arguments[8] == ["signal_type", "plan_file", "payload", "project"])
    #expect(list[2]["inputSchema"]?["required"] == ["name"])
    #expect(list[8]["inputSchema"]?["required"] == ["signal_type", "plan_file"])
    // What is written for the core tools names none that this set does not have.
    #expect(try client.request("prompts/list")["result"]?["prompts"] == [])
    let shaken = try client.request("initialize", ["protocolVersion": "2025-06-18"])
    #expect(shaken["result"]?["instructions"]?.stringValue?.contains("orient") == false)
  }

  @Test(arguments: transports)
  func `a plan from its making to its end`(_ transport: ToolsClient.Transport) throws {
    let client = try ToolsClient(home, "task-store", over: transport)
    #expect(
      try client.call(
        "task_create",
        ["name": " plan.md ", "description": "A plan", "topic": "shop", "content": "# Plan\\nGo"])
        == ["filename": "plan", "status": "ready", "created": true])
    #expect(try client.call("task_create", ["name": "b", "branch": "x"])["filename"] == "b")

    let list = try client.call("task_list")
    #expect(list.keys == ["tasks", "total"])
    #expect(list["total"] == 2)
    let tasks = try #require(list["tasks"]?.arrayValue)
    #expect(tasks[0].keys == ["filename", "status", "branch", "created_at"])
    #expect(
      tasks[1].keys == ["filename", "status", "description", "branch", "topic", "created_at"])
    #expect(tasks[0]["branch"] == "x")
    #expect(tasks[1]["branch"] == "plan/plan")
    #expect(tasks[1]["created_at"]?.stringValue?.hasSuffix("Z") == true)

    #expect(
      try client.call(
        "task_update_content", ["filename": "plan.md", "content": "**Goal:** win\nliteral \\n"])
        == [
          "filename": "plan", "updated": true,
          "warning": "no wave headers (\"## Wave N\") found; subtasks were left as they are",
        ])
    let shown = try client.result(of: "task_show", ["filename": "plan"])
    #expect(ToolsClient.text(of: shown) == "**Goal:** win\nliteral \\n")
    #expect(shown.keys == ["content"])

    #expect(
      try client.call("task_transition", ["filename": "plan", "event": "plan-start"])
        == ["filename": "plan", "status": "planning"])
    #expect(
      try client.call("task_list", ["status": "planning"])["tasks"]?.arrayValue?.count == 1)
    #expect(try client.call("task_list", ["status": "nobody"]) == ["tasks": [], "total": 0])
    #expect(
      try client.call(
        "task_transition", ["filename": "plan", "event": "implement_finished", "force": true])
        == ["filename": "plan", "status": "reviewing", "forced": true])
    #expect(
      try client.call("task_delete", ["filename": "plan"])
        == ["filename": "plan", "deleted": true])
    #expect(try client.call("task_list")["total"] == 1)
  }

  @Test(arguments: transports)
  func `refusals are the tool's name and what is wrong`(
    _ transport: ToolsClient.Transport
  ) throws {
    let client = try ToolsClient(home, "task-store", over: transport)
    try client.call("task_create", ["name": "a"])
    let rows: [(String, JSON, String)] = [
      ("task_show", ["filename": "no.md"], "task_show: task not found: no"),
      ("task_show", ["filename": "a.md"], "task_show: no content stored for a"),
      ("task_show", [:], "task_show: filename is required"),
      ("task_create", ["name": "a.md"], "task_create: plan already exists: p/a"),
      ("task_create", [:], "task_create: name is required"),
      ("task_create", ["name": 7], "task_create: name must be a string, not a number"),
      ("task_update_content", ["filename": "a"], "task_update_content: content is required"),
      (
        "task_update_content", ["filename": "no", "content": "x"],
        "task_update_content: task not found: no"
      ),
      ("task_delete", ["filename": "no"], "task_delete: task not found: no"),
      (
        "task_transition", ["filename": "a", "event": "implement_finished"],
        "task_transition: invalid transition: \"ready\" + \"implement_finished\"; possible now: "
          + "plan_start, mark_done, cancel"
      ),
      (
        "task_transition", ["filename": "a", "event": "implement-start"],
        "task_transition: task is not yet planned: run plan_start first, write the plan as the task's "
          + "content, and send planner_finished before implement_start"
      ),
      ("task_transition", ["filename": "a"], "task_transition: event is required"),
      (
        "signal_create", ["signal_type": "plan_start"], "signal_create: plan_file is required"
      ),
      (
        "task_list", ["statsu": "ready"],
        "task_list: Unknown argument \"statsu\"; did you mean \"status\"?"
      ),
      (
        "task_list", ["limit": 1001],
        "task_list: limit must be a whole number from 1 to 1000, not 1001"
      ),
    ]
    for (tool, arguments, text) in rows {
      #expect(try client.refusal(of: tool, arguments) == text)
    }
    let unknown = try client.refusal(of: "task_transition", ["filename": "a", "event": "go"])
    #expect(unknown.hasPrefix("task_transition: unknown event: go; events: plan_start, "))
    let type = try client.refusal(
      of: "signal_create", ["signal_type": "x", "plan_file": "a"])
    #expect(type.hasPrefix("signal_create: unknown signal type \"x\"; valid types: plan_start, "))
    let structured = try client.result(of: "task_show", ["filename": "no"])["structuredContent"]
    #expect(structured?["code"] == "task_not_found")
  }

  @Test(arguments: transports)
  func `a project may be left out where there is one alone`(
    _ transport: ToolsClient.Transport
  ) throws {
    // The folder of a process has a project of its own.
    guard transport == .http else { return }
    let sentence = "project argument is required when multiple projects are configured"
    let client = try ToolsClient(home, "task-store", over: transport, project: nil)
    #expect(try client.refusal(of: "task_list") == "task_list: \(sentence)")
    try client.call("task_create", ["name": "a", "project": "shop"])
    #expect(try client.call("task_list")["total"] == 1)
    try client.call("task_create", ["name": "b"])
    #expect(try client.call("task_list", ["project": "shop"])["total"] == 2)
    try client.call("task_create", ["name": "a", "project": "other"])
    #expect(try client.refusal(of: "task_list") == "task_list: \(sentence)")
    #expect(try client.refusal(of: "live_status") == "live_status: \(sentence)")
    #expect(try client.call("task_list", ["project": "other"])["total"] == 1)
  }

  @Test func `without a project argument the folder's counts`() throws {
    let client = try ToolsClient(home, "task-store", project: "shop")
    try client.call("task_create", ["name": "a"])
    #expect(try client.call("task_list", ["project": "shop"])["total"] == 1)
  }

  @Test func `a long list comes whole, or page by page`() throws {
    let client = try ToolsClient(home, "task-store")
    for number in 100..<205 { try client.call("task_create", ["name": .string("t\(number)")]) }
    let all = try client.call("task_list")
    #expect(all.keys == ["tasks", "total"])
    #expect(all["tasks"]?.arrayValue?.count == 105)
    let first = try client.call("task_list", ["limit": 100])
    #expect(first.keys == ["tasks", "total", "has_more", "next_cursor"])
    #expect(first["tasks"]?.arrayValue?.count == 100)
    #expect(first["total"] == 105)
    let rest = try client.call(
      "task_list", ["cursor": first["next_cursor"] ?? .null, "status": "ready"])
    #expect(rest["tasks"]?.arrayValue?.count == 5)
    #expect(rest.keys == ["tasks", "total"])
    #expect(rest["total"] == 105)
    #expect(try client.call("task_list", ["limit": 1000])["tasks"]?.arrayValue?.count == 105)
    #expect(try client.call("task_list", ["limit": 105])["has_more"] == nil)
  }

  @Test func `literal line ends are line ends where there are no others`() throws {
    let client = try ToolsClient(home, "task-store")
    let rows: [(String, String)] = [
      (#"# A\nsay "hi" in C:\temp\u0041"#, "# A\nsay \"hi\" in C:\\temp\\u0041"),
      (#"a\r\nb"#, "a\r\nb"), ("a\\nb\nc", "a\\nb\nc"), (#"no end \t"#, #"no end \t"#),
      (#"a\d "\n"#, "a\\d \"\n"),
    ]
    for (number, (sent, kept)) in rows.enumerated() {
      let name = JSON.string("t\(number)")
      try client.call("task_create", ["name": name, "content": .string(sent)])
      #expect(ToolsClient.text(of: try client.result(of: "task_show", ["filename": name])) == kept)
      try client.call("task_update_content", ["filename": name, "content": .string(sent)])
      #expect(ToolsClient.text(of: try client.result(of: "task_show", ["filename": name])) == kept)
    }
  }

  @Test func `bytes that are no text are shown as far as they are`() throws {
    #expect(try home.run("task", "create", "a").code == 0)
    let put = try home.run("task", "update-content", "a", "--file", try binary())
    #expect(put.code == 0, "\(put.errors)")
    let client = try ToolsClient(home, "task-store")
    #expect(
      ToolsClient.text(of: try client.result(of: "task_show", ["filename": "a"])) == "a\u{FFFD}b")
  }

  private func binary() throws -> String {
    let path = home.folder.file("binary.md")
    try writeFile(path, [0x61, 0xFF, 0x62])
    return path
  }

  @Test func `a long text is shown whole`() throws {
    let client = try ToolsClient(home, "task-store")
    let text = String(repeating: "line\n", count: 20_000)
    try client.call("task_create", ["name": "a", "content": .string(text)])
    #expect(ToolsClient.text(of: try client.result(of: "task_show", ["filename": "a"])) == text)
  }

  @Test func `links to Linear come and go`() throws {
    let client = try ToolsClient(home, "task-store")
    try client.call("task_create", ["name": "a"])
    let link: JSON = [
      "linear_issue_id": "uuid", "linear_identifier": "ENG-1", "linear_url": "https://l/ENG-1",
      "linear_team_key": "ENG", "linear_project_id": "pid",
    ]
    var sent = try #require(link.objectValue)
    sent.set("filename", "a")
    let linked = try client.call("task_link_linear", .object(sent))
    var wanted = JSONObject([("project", "p"), ("filename", "a")])
    for member in link.objectValue?.members ?? [] { wanted.set(member.key, member.value) }
    #expect(linked == .object(wanted))
    #expect(
      try client.call("task_unlink_linear", ["filename": "a"])
        == ["project": "p", "filename": "a", "no_link": true])
    #expect(
      try client.refusal(of: "task_link_linear", ["filename": "a"])
        == "task_link_linear: linear_issue_id is required")
    #expect(
      try client.call("task_link_linear", ["filename": "a", "issue": "ENG-2"])["linear_issue_id"]
        == "ENG-2")
  }

  @Test func `what goes on is told in the contract's form`() throws {
    let client = try ToolsClient(home, "task-store", over: .http)
    let server = try #require(client.server)
    for name in ["a", "b", "c", "d"] { try client.call("task_create", ["name": .string(name)]) }
    try client.call("task_transition", ["filename": "b", "event": "plan_start"])
    try client.call("task_transition", ["filename": "d", "event": "mark_done"])
    #expect(
      try client.call(
        "signal_create",
        ["signal_type": "needs-decision", "plan_file": "a", "payload": ["reason": "which way?"]]
      ).keys == ["plan_file", "signal_type", "created", "id"])
    for (name, fields) in [
      ("b", #"{"latest_review_feedback":"Too long."}"#),
      (
        "c",
        #"{"blocked_reason":"no key","execution_state":{"active_agent_type":"coder","active_wave":2}}"#
      ), ("d", #"{"latest_review_feedback":"Too long."}"#),
    ] {
      #expect(server.patch("/v1/projects/p/tasks/\(name)", fields).status == 200)
    }
    try client.call(
      "task_transition", ["filename": "c", "event": "implement_start", "force": true])
    #expect(
      server.put(
        "/v1/projects/p/tasks/c/execution-state",
        #"{"execution_phase":"wave_waiting","active_agent_type":"coder","active_wave":2}"#
      ).status == 200)
    #expect(server.put("/v1/projects/p/tasks/c/blocked", #"{"reason":"no key"}"#).status == 200)
    let status = try client.call("live_status")
    #expect(
      status.keys == [
        "schema_version", "generated_at", "project", "daemon_running", "lifecycle",
        "active_agents", "attention", "truncated",
      ])
    #expect(status["schema_version"] == 1)
    #expect(status["project"] == "p")
    #expect(
      status["lifecycle"] == [
        "planning": 1, "ready": 1, "implementing": 1, "reviewing": 0, "verifying": 0, "total": 3,
      ])
    let attention: [JSON] = [
      ["task": "a", "kind": "needs_decision", "detail": "which way?"],
      ["task": "b", "kind": "review_feedback"],
      ["task": "c", "kind": "needs_decision", "detail": "no key"],
    ]
    #expect(status["attention"] == .array(attention))
    #expect(status["daemon_running"] == false)
    #expect(
      status["active_agents"]
        == [["task": "c", "role": "coder", "wave": 2, "stage": "running", "active": true]])
    #expect(status["truncated"] == [:])
    let first = try client.call("live_status", ["cap": 1])
    #expect(first["attention"] == .array([attention[0]]))
    #expect(first["truncated"] == ["attention": 2])
    // A cap that is none is the usual one, and a large one the largest.
    for cap in [0, -1, 1_000] as [JSON] {
      #expect(try client.call("live_status", ["cap": cap])["truncated"] == [:])
    }
    try client.call("signal_claim", ["claimed_by": "w"])
    #expect(try client.call("live_status")["daemon_running"] == true)
  }

  @Test func `the added tools do what the contract's routes do`() throws {
    let client = try ToolsClient(home, "task-store")
    try client.call("task_create", ["name": "a"])
    let updated: JSON = ["filename": "a", "updated": true]
    let subtasks: JSON = [["task_number": 1, "title": "one", "status": "pending"]]
    #expect(
      try client.call("subtasks_replace", ["filename": "a", "subtasks": subtasks])
        == ["subtasks": subtasks])
    try client.call(
      "subtask_status_set", ["filename": "a", "task_number": 1, "status": "done"])
    #expect(
      try client.call("subtask_list", ["filename": "a"])["subtasks"]
        == [["task_number": 1, "title": "one", "status": "done"]])
    #expect(try client.call("goal_set", ["filename": "a", "goal": "win"]) == updated)
    #expect(try client.call("pr_url_set", ["filename": "a", "pr_url": "https://g/1"]) == updated)
    #expect(
      try client.call("pr_state_set", ["filename": "a", "pr_check_status": "SUCCESS"]) == updated)
    #expect(
      try client.call(
        "phase_time_set",
        ["filename": "a", "phase": "done", "timestamp": "2026-01-02T03:04:05Z"]) == updated)
    try client.call(
      "pr_review_record", ["filename": "a", "review_id": 7, "review_body": "fine"])
    #expect(
      try client.call("pr_review_list", ["filename": "a"])["reviews"]?.arrayValue?.first?[
        "review_body"] == "fine")
    try client.call("topic_create", ["name": "shop"])
    #expect(try client.call("topic_assign", ["filename": "a", "topic": "shop"]) == updated)
    #expect(
      try client.call("topic_list")["topics"]?.arrayValue?.first?["name"] == "shop")
    #expect(
      try client.call("task_rename", ["filename": "a", "new_filename": "New Name!"])
        == ["filename": "new-name", "updated": true])
    try client.call("signal_create", ["signal_type": "plan_start", "plan_file": "new-name"])
    #expect(
      try client.call("signal_list")["signals"]?.arrayValue?.map { $0["plan_file"] }
        == ["new-name"])
    let claimed = try client.call("signal_claim", ["claimed_by": "w"])
    #expect(claimed["status"] == "processing")
    try client.call("signal_processed", ["id": claimed["id"] ?? .null, "status": "done"])
    #expect(try client.call("signal_claim", ["claimed_by": "w"]) == ["signal": nil])
  }
}
