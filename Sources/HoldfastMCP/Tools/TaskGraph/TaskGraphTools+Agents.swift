internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

extension TaskGraphTools {
  static let agents = [connect, disconnect, listAgents]

  private static let connect = Tool(
    "connect", title: "Connect", "Makes an agent known; without an id it gets one. Call it first.",
    .mutation(AgentConnect.self),
    .only([
      ToolArgument.Spec("agent", or: agentNames, "The agent's id, 1 to 64 bytes."), "name", "tags",
      ToolArgument.Spec("max_claims", default: 5), "force",
    ]), answer: .connected)

  private static let disconnect = Tool(
    "disconnect", title: "Disconnect", "Takes an agent out of the fleet and frees what it holds.",
    .mutation(AgentDisconnect.self),
    .only([ToolArgument.Spec("agent", or: agentNames, required: true)]), kind: .idempotent,
    answer: ToolAnswer { answer in
      JSONObject([
        ("success", true), ("tasks_released", answer["tasks_released"] ?? 0),
        ("files_released", answer["files_released"] ?? 0),
      ])
    })

  private static let listAgents = Tool(
    "list_agents", title: "List agents", "Lists the connected agents, the newest first.",
    .listing(AgentList.self), .only([.format, "limit", "cursor"]), kind: .read,
    answer: .graphAgents, defaults: [("limit", 100)])

  static let files = [claimFile, releaseFile, listFiles, claimUpdates]

  private static let claimFile = Tool(
    "claim_file", title: "Lock a file",
    "Locks a file; when another agent has it, the answer says who and nothing is taken.",
    .mutation(LockTake.self),
    .only([
      .agent, .file, "reason", "exclusive",
      ToolArgument.Spec("task", or: ["task_id"], "The task with whose end it is free again."),
      "project",
    ]), kind: .idempotent, answer: .graphLock)

  private static let releaseFile = Tool(
    "release_file", title: "Unlock a file", "Ends your lock of a file.",
    .mutation(LockRelease.self),
    .only([.agent, .file, "reason", "fence", "project"]), kind: .idempotent,
    answer: ToolAnswer { JSONObject([("success", $0["success"] ?? false)]) })

  private static let listFiles = Tool(
    "list_files", title: "List locked files", "Lists who has locked which files.",
    .listing(LockList.self),
    .only([
      "files",
      ToolArgument.Spec("agent", or: agentNames, "Only what this agent has locked."), "limit",
      "cursor", "project",
    ]), kind: .read, answer: .graphLocks)

  private static let claimUpdates = Tool(
    "claim_updates", title: "What happened to files",
    "Tells which files were locked and unlocked since you asked last.", .mutation(LockUpdates.self),
    .only([.agent, "files", "since", "wait_ms", "limit", "project"]), answer: .graphNews,
    nothing: JSONObject([("new_claims", []), ("dropped_claims", []), ("sequence", nil)]))

  static let attachments = [attach, attachmentList, detach]

  private static let attach = Tool(
    "attach", title: "Attach something", "Attaches content, or a file of the project, to a task.",
    .mutation(TaskAttach.self),
    .only([
      .task, "name", "content", "mime", "file", "store_as_file", "type", .callerIfAny, "fence",
      "project",
    ]), answer: .graphAttached)

  private static let attachmentList = Tool(
    "attachments", title: "List attachments", "Lists what is attached to a task.",
    .listing(AttachmentList.self),
    .only([.task, "content", "mime", "type", "limit", "cursor", "project"]), kind: .read,
    answer: .graphAttachments)

  private static let detach = Tool(
    "detach", title: "Take an attachment away", "Takes an attachment away and frees its content.",
    .mutation(TaskDetach.self), .only([.task, "index", .callerIfAny, "fence", "project"]),
    kind: .destructive,
    absent: { error in
      error.code == .attachmentNotFound
        ? JSONObject([("success", false), ("file_deleted", false)]) : nil
    })
}

extension ToolArgument.Spec {
  /// One file; the operations take several.
  fileprivate static let file = ToolArgument.Spec(
    "file", of: "files", required: true, "The file, relative to the project's folder.",
    as: .text(), convert: TaskGraphTools.list(of:))
}
