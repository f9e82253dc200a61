internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The tools of the task store, under the names and in the form that its clients know.
enum TaskStoreTools {
  static let all: [Tool] =
    [
      list, show, create, updateContent, delete, transition, linkLinear, unlinkLinear, signalCreate,
      liveStatus,
    ] + added

  // MARK: Those of the contract

  private static let list = Tool(
    "task_list", title: "List tasks",
    "Lists tasks by name, without their texts: all of them, or pages of limit.",
    .listing(TaskList.self),
    .only([
      ToolArgument.Spec(
        "status", "Only tasks in this status.", as: .text(), convert: Self.oneStatus),
      .limit, "cursor", "project",
    ]), kind: .read, answer: .listed,
    defaults: [("limit", 0), ("fields", "slim"), ("total", true)])

  private static let show = Tool(
    "task_show", title: "Show a task's text", "Gives a task's text as it is.",
    .query(ContentGet.self), .only([.filename, "project"]), kind: .read, answer: .content)

  private static let create = Tool(
    "task_create", title: "Create a task", "Creates a task in the status ready.",
    .mutation(TaskCreate.self),
    .only([
      ToolArgument.Spec(
        "name", of: "filename", or: ["filename"], required: true,
        "The task's name; a trailing .md is left out."),
      "description",
      ToolArgument.Spec(
        "branch", "The git branch of the work; plan/ and a slug of the name without one."),
      "topic", ToolArgument.Spec("content", as: .text(), convert: LiteralLineEnds.decoded),
      "project",
    ]), answer: .created,
    complete: { fields in
      guard fields["branch"]?.stringValue?.isEmpty ?? true,
        let name = fields["filename"]?.stringValue
      else { return }
      fields.set("branch", .string(Slug.planBranch(of: TaskFilename.normalised(name))))
    })

  private static let updateContent = Tool(
    "task_update_content", title: "Replace a task's text",
    "Replaces a task's text; its goal and subtasks follow the plan in it.",
    .mutation(ContentPut.self),
    .only([
      .filename,
      ToolArgument.Spec(
        "content", "The whole text, in Markdown. Where it has no line ends, \\n stands for them.",
        as: .text(), convert: LiteralLineEnds.decoded),
      "fence", "project",
    ]), kind: .idempotent, answer: .changed)

  private static let delete = Tool(
    "task_delete", title: "Delete a task", "Deletes a task.", .mutation(TaskDelete.self),
    .only([.filename, "cascade", "project"]), kind: .destructive,
    answer: ToolAnswer { TaskStoreAnswer.named($0, ("deleted", true)) })

  private static let transition = Tool(
    "task_transition", title: "Move a task through its workflow",
    "Applies an event to a task; force gives it the event's status whatever its own is.",
    .mutation(TaskTransition.self), .only([.filename, "event", "force", "fence", "project"]),
    answer: .moved)

  private static let linkLinear = Tool(
    "task_link_linear", title: "Link a task to Linear", "Links a task to an issue in Linear.",
    .mutation(LinearLinkSet.self),
    .only([
      .filename,
      ToolArgument.Spec("linear_issue_id", or: ["issue"], required: true),
      "linear_identifier", "linear_url", "linear_team_key", "linear_project_id", "fence", "project",
    ]), kind: .idempotent, answer: .linked)

  private static let unlinkLinear = Tool(
    "task_unlink_linear", title: "Unlink a task from Linear",
    "Removes a task's link to an issue in Linear.", .mutation(LinearLinkClear.self),
    .only([.filename, "fence", "project"]), kind: .idempotent, answer: .linked)

  private static let signalCreate = Tool(
    "signal_create", title: "Create a signal",
    """
    Creates a signal about a task, which waits for a worker. needs_decision with payload {"reason": "…"} asks a \
    person.
    """,
    .mutation(SignalCreate.self),
    .only([
      "signal_type", ToolArgument.Spec("plan_file", required: true, "The name of the task."),
      ToolArgument.Spec("payload", as: .text(), convert: Self.payload), "project",
    ]), answer: .signal)

  private static let liveStatus = Tool(
    "live_status", title: "What goes on",
    "How many tasks stand where, who is at work, and what waits for a person.",
    .query(LiveStatus.self),
    .only([ToolArgument.Spec("cap", as: .integer(min: 1, max: 100), default: 20), "project"]),
    kind: .read)

  // MARK: Added ones

  /// What the contract's routes can do and its tools could not.
  private static let added: [Tool] = [
    tool(.listing(SubtaskList.self), "List subtasks", kind: .read),
    tool(.mutation(SubtasksReplace.self), "Replace subtasks", kind: .idempotent),
    tool(.mutation(SubtaskSetStatus.self), "Set a subtask's status", kind: .idempotent),
    tool(.mutation(GoalSet.self), "Set a goal", kind: .idempotent, .changed),
    tool(.mutation(PRURLSet.self), "Set a pull request's address", kind: .idempotent, .changed),
    tool(.mutation(PRStateSet.self), "Set a pull request's state", kind: .idempotent, .changed),
    tool(.mutation(PRReviewRecord.self), "Record a review", kind: .idempotent),
    tool(.listing(PRReviewList.self), "List reviews", kind: .read),
    tool(.mutation(PhaseTimeSet.self), "Set a phase's time", kind: .idempotent, .changed),
    tool(.listing(TopicList.self), "List topics", kind: .read),
    tool(.mutation(TopicCreate.self), "Create a topic"),
    tool(.mutation(TopicAssign.self), "Put a task under a topic", kind: .idempotent, .changed),
    tool(.mutation(TaskRename.self), "Rename a task", .changed),
    tool(
      .listing(SignalList.self), "List signals", kind: .read, defaults: [("limit", 100)]),
    tool(.mutation(SignalClaim.self), "Claim a signal"),
    tool(.mutation(SignalProcessed.self), "End a signal", kind: .idempotent),
  ]

  /// An operation with all of its arguments; the task is called as the contract's tools call it.
  private static func tool(
    _ operation: OperationEntry, _ title: String, kind: Tool.Kind = .write,
    _ answer: ToolAnswer = .whole, defaults: [(String, JSON)] = []
  ) -> Tool {
    let arguments = operation.input().fields.map { field in
      switch field.name {
      case "task": ToolArgument.Spec.filename
      case "limit": ToolArgument.Spec.limit
      default: ToolArgument.Spec(field.name)
      }
    }
    return Tool(
      operation.name, title: title, operation.summary, operation, .only(arguments), nested: nil,
      kind: kind, answer: answer, defaults: defaults,
      nothing: JSONObject([("signal", nil)]))
  }

  // MARK: Arguments

  /// One status as the list that the operation takes; an empty one asks for nothing.
  @Sendable private static func oneStatus(_ status: JSON) -> JSON {
    guard let text = status.stringValue else { return status }
    return .array(text.trimmed.isEmpty ? [] : [.string(text.trimmed)])
  }

  /// A payload as the text that the operation takes; clients also give it as JSON.
  @Sendable private static func payload(_ payload: JSON) -> JSON {
    payload.objectValue == nil ? payload : .string(payload.renderedText())
  }
}

extension ToolArgument.Spec {
  /// The task, as the task store calls it.
  static let filename = ToolArgument.Spec(
    "filename", of: "task", or: ["task"], "The task's name, or its id.")

  /// The length of a page.
  static let limit = ToolArgument.Spec(
    "limit", "At most this many; the answer says where the next page starts.",
    as: .integer(min: 1, max: pageMax), default: 100, convert: page)

  /// The longest page.
  static let pageMax: Int64 = 1000

  @Sendable private static func page(_ limit: JSON) throws -> JSON {
    guard let number = limit.int64Value, !(1...pageMax).contains(number) else { return limit }
    throw FieldPosition("limit").mustBe("a whole number from 1 to \(pageMax), not \(number)")
  }
}
