internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The tools of the task graph's first generation, under the names and in the form that its clients know.
enum TaskGraphTools {
  static let all: [Tool] =
    agents + [
      create, createTree, get, list, update, delete, thinking, logTime, logCost, block, unblock,
      claim, release, complete,
    ] + files + attachments

  // MARK: Tasks

  private static let create = Tool(
    "create", title: "Create a task", "Creates a task; answers its id.", .mutation(TaskCreate.self),
    .only([
      ToolArgument.Spec("title", required: true), "description",
      ToolArgument.Spec("parent", "The task that contains it."), "priority", "points",
      "time_estimate_ms", "needed_tags", "wanted_tags",
      ToolArgument.Spec(
        "blocked_by", "The tasks that must be done first: ids, or {task, on_failure}."),
      "id", "join_mode", "sibling_policy", "sibling_order", "tags", "project",
    ]), nested: ["task", "on_failure"], answer: .graphCreated)

  private static let createTree = Tool(
    "create_tree", title: "Create a tree of tasks",
    "Creates a task with all that it contains, in one step: all of it or nothing.",
    .mutation(TreeCreate.self),
    .only(["tree", ToolArgument.Spec("parent", "The task that shall contain the tree."), "project"]
    ),
    nested: [
      "title", "description", "priority", "join_mode", "points", "time_estimate_ms", "needed_tags",
      "wanted_tags", "children", "id", "tags", "blocked_by",
    ])

  private static let get = Tool(
    "get", title: "Get a task", "Gives a task with all that is known of it.",
    .query(TaskRowGet.self), .only([.task, "children", .format, "project"]), kind: .read,
    answer: .graphTask)

  private static let list = Tool(
    "list_tasks", title: "List tasks",
    "Lists tasks, the newest first; with ready those that can be claimed, as claims take them.",
    .query(TaskRowList.self),
    .only([
      ToolArgument.Spec(
        "status", or: ["state"], "Tasks in this status, or in any of several.",
        as: .either([GraphState.fieldSchema, .list(GraphState.fieldSchema)]), convert: list(of:)),
      "ready", "blocked", "owner", "parent",
      ToolArgument.Spec(
        "agent", or: TaskGraphTools.agentNames,
        "Tasks that this agent may claim by its tags and assignments."),
      "limit", "offset", "cursor", .format, "project",
    ]), kind: .read, answer: .graphTasks)

  private static let update = Tool(
    "update", title: "Update a task",
    """
    Changes what is named; null clears description and points. in_progress claims, pending releases, the other \
    states end the task.
    """,
    .mutation(TaskRowPatch.self),
    .only([
      .agent, .task,
      ToolArgument.Spec(
        "state", of: "status", or: ["status"], "The status to get.", as: GraphState.fieldSchema,
        convert: TaskGraphTools.state),
      "title", "description", "priority", "points", "time_estimate_ms", "needed_tags",
      "wanted_tags", "tags", "parent", "join_mode", "sibling_order", "sibling_policy", "assignee",
      "force", "fence", "project",
    ]), kind: .idempotent, answer: .graphTask)

  private static let delete = Tool(
    "delete", title: "Delete a task", "Deletes a task; hard keeps nothing of it.",
    .mutation(TaskDelete.self),
    .only([.task, "cascade", "hard", "force", .callerIfAny, "fence", "project"]),
    kind: .destructive, answer: .graphSuccess,
    absent: { $0.code == .taskNotFound ? JSONObject([("success", true)]) : nil })

  private static let thinking = Tool(
    "thinking", title: "Say what you are at",
    "Says what you are at, on some or all of the tasks that you hold; without thought it is cleared.",
    .mutation(TaskThink.self), .only([.agent, "thought", "tasks", "fence", "project"]),
    kind: .idempotent, answer: .graphSuccess, defaults: [("held_only", true)])

  private static let logTime = Tool(
    "log_time", title: "Log time", "Adds time to what a task has taken; answers the total.",
    .mutation(TaskLogTime.self), .only([.agent, .task, "duration_ms", "fence", "project"]),
    answer: .graphSuccess)

  private static let logCost = Tool(
    "log_cost", title: "Log costs",
    "Adds tokens and money to a task's counters; answers the totals.",
    .mutation(TaskLogCost.self),
    .only([
      .agent, .task, "tokens_in", "tokens_cached", "tokens_out", "tokens_thinking", "tokens_image",
      "tokens_audio", "cost_usd", "user_metrics", "fence", "project",
    ]), answer: .graphSuccess)

  private static let block = Tool(
    "block", title: "Make a task wait", "Makes a task wait for another one.",
    .mutation(DependencyAdd.self),
    .only([
      ToolArgument.Spec("blocker", "The task that must be done first."), .blocked, "on_failure",
      "fence", "project",
    ]), kind: .idempotent, answer: .graphSuccess)

  private static let unblock = Tool(
    "unblock", title: "Make a task wait no more", "Takes away what a task waits for.",
    .mutation(DependencyRemove.self),
    .only([
      ToolArgument.Spec("blocker", "The task that it waits for."), .blocked, "fence", "project",
    ]), kind: .idempotent, answer: .graphSuccess)

  // MARK: Claims

  private static let claim = Tool(
    "claim", title: "Claim a task",
    """
    Takes a task for you, or without one the best that is ready. Answers the fence, which later calls may pass \
    on.
    """,
    .mutation(TaskClaim.self),
    .only([
      .agent, ToolArgument.Spec("task", or: ["task_id"]), "force", "session", "lease_seconds",
      "wait_ms", "tags", "files", "project",
    ]), answer: .graphClaim,
    nothing: JSONObject([("success", true), ("task", nil)]))

  private static let release = Tool(
    "release", title: "Release a task",
    "Gives a task back; failed or cancelled as state ends it.", .mutation(TaskRelease.self),
    .only([
      .agent, .task,
      ToolArgument.Spec(
        "state", of: "status", or: ["status"],
        as: .text(choices: ["pending", "failed", "cancelled"]), convert: TaskGraphTools.state),
      "reason", "force", "fence", "project",
    ]), answer: .graphSuccess)

  private static let complete = Tool(
    "complete", title: "Complete a task", "The work is done; answers the tasks that are ready now.",
    .mutation(TaskComplete.self), .only([.agent, .task, "reason", "force", "fence", "project"]),
    answer: .graphEnded)

  // MARK: Arguments

  /// Other names of the one who calls.
  static let agentNames = ["worker_id", "agent_id"]

  /// One value as the list that an operation takes.
  @Sendable static func list(of value: JSON) -> JSON {
    value.arrayValue == nil ? .array([value]) : value
  }

  /// A status among the five; the operation takes the words of the task's own workflow.
  @Sendable private static func state(_ value: JSON) throws -> JSON {
    let state = try GraphState(value, field: FieldPosition("state"))
    return .string(state.status.text)
  }
}

extension ToolArgument.Spec {
  /// Who calls.
  static let agent = ToolArgument.Spec("agent", or: TaskGraphTools.agentNames, required: true)
  /// Who calls, where a person may.
  static let callerIfAny = ToolArgument.Spec("agent", or: TaskGraphTools.agentNames)
  static let task = ToolArgument.Spec("task", or: ["task_id"], required: true, "The task's id.")
  static let blocked = ToolArgument.Spec("blocked", of: "task", "The task that waits.")

  /// Whether the answer is for programs or for people.
  static let format: ToolArgument.Spec = {
    var format = ToolArgument.Spec(
      "format", "json, or markdown: a text.", as: .text(choices: ["json", "markdown"]),
      convert: { value in
        guard ["json", "markdown"].contains(value.stringValue) else {
          throw FieldPosition("format").mustBe("json or markdown, not \(value.renderedText())")
        }
        return value
      })
    format.isLocal = true
    return format
  }()
}
