internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The tools with which an agent does a whole day's work: few, because every one is read each time.
enum CoreTools {
  static let all: [Tool] = [
    orient, claim, get, list, create, createTree, update, note, complete, fail, release, block,
    lock,
    unlock,
  ]

  private static let orient = Tool(
    "orient", title: "Where am I",
    "What you hold, the best ready tasks, and how far the project is. Call it first, and after your context was cut.",
    .query(AgentOrient.self), .all, kind: .read, answer: .orientation,
    hint: { answer in
      guard answer["held"]?.arrayValue?.isEmpty ?? true else {
        return "go on with what you hold: task_get gives its text"
      }
      return answer["ready"]?.arrayValue?.isEmpty ?? true ? nil : "task_claim takes the best one"
    })

  private static let claim = Tool(
    "task_claim", title: "Claim a task",
    """
    Takes the best ready task for you, or the one you name. Answers its text, what earlier tasks gave, earlier \
    attempts, comments, and the fence to pass on.
    """,
    .mutation(TaskClaim.self),
    .only([
      ToolArgument.Spec("task", "A certain one."), "tags",
      ToolArgument.Spec("files", "Files to lock with it: all of them, or no claim."),
      ToolArgument.Spec("wait_ms", "How long to wait for a ready one."),
      ToolArgument.Spec("force", "Takes it from its holder, and whatever it waits for."), "agent",
      "project",
    ]), answer: .claim,
    nothing: JSONObject([
      ("message", "nothing is ready for you: try wait_ms, or orient for what is blocked")
    ]),
    then: { answer in
      guard let task = answer["task"]?["id"] else { return nil }
      return ToolCall.Next(operation: "task_brief", fields: [("task", task)])
    },
    undo: { answer in
      guard answer["already_held"] == nil, let task = answer["task"]?["id"],
        let agent = answer["agent"], let fence = answer["fence"]
      else { return nil }
      return ToolCall.Next(
        operation: "task_release",
        fields: [
          ("task", task), ("agent", agent), ("fence", fence),
          ("reason", "the call that claimed it was cancelled"),
        ])
    })

  private static let get = Tool(
    "task_get", title: "Read a task", "One task with its text.", .query(TaskGet.self),
    .only([task, "from", "project"]), kind: .read, answer: .task)

  private static let list = Tool(
    "task_list", title: "List or search tasks",
    "Tasks in a line each; all conditions must hold. q searches name, description and text.",
    .listing(TaskList.self),
    .only([
      ToolArgument.Spec("q", "One call looks through 20,000 tasks: page on."),
      ToolArgument.Spec("status", "Any of these."), "ready",
      ToolArgument.Spec("blocked", "Only those that wait for others."),
      ToolArgument.Spec("owner", "Who holds it."),
      ToolArgument.Spec("parent", "Directly in this one; null: in none."),
      ToolArgument.Spec("tag", "All of these."),
      ToolArgument.Spec("limit", "At most this many, as far as they fit; 20 without it."),
      "cursor", "project",
    ]), kind: .read, answer: .tasks, defaults: [("limit", 20), ("fields", "slim")],
    page: "tasks")

  private static let create = Tool(
    "task_create", title: "Create a task", "Creates one task; answers its id.",
    .mutation(TaskCreate.self),
    .only([
      ToolArgument.Spec("title", required: true, ""), "content",
      ToolArgument.Spec("parent", "The task that contains it."), "blocked_by",
      priority, tags, "needed_tags", "assignee", "join_mode", dueAt,
      ToolArgument.Spec("id", "An id of your own."), "project",
    ]), answer: .written)

  private static let createTree = Tool(
    "task_create_tree", title: "Create a plan",
    """
    Creates a task with all that it contains, in one step: all of it or nothing. Nodes take what task_create \
    takes, and children.
    """,
    .mutation(TreeCreate.self), .all,
    nested: [
      "title", "content", "id", "priority", "tags", "needed_tags", "assignee", "join_mode",
      "blocked_by",
      "children",
    ])

  private static let update = Tool(
    "task_update", title: "Change a task", "Changes what you name: left out keeps, null clears.",
    .mutation(TaskPatch.self),
    .only([
      task, title, "content", priority, tags,
      ToolArgument.Spec("status", "One of the workflow's statuses."),
      ToolArgument.Spec("parent", "The task that contains it; null puts it at the top."),
      "assignee", dueAt, "defer_until", "agent", fence, "project",
    ]), kind: .idempotent, answer: .written)

  private static let note = Tool(
    "task_note", title: "Note something",
    "A comment on a task that the next agent gets with its claim.",
    .mutation(CommentAdd.self), .only([task, "text", ToolArgument.Spec("agent", ""), "project"]))

  private static let complete = Tool(
    "task_complete", title: "Complete a task",
    "Its work is done. reason is the result that later tasks get to read. Answers what is ready now.",
    .mutation(TaskComplete.self), ending, answer: .ended)

  private static let fail = Tool(
    "task_fail", title: "Fail a task", "Its work failed; reason says why.",
    .mutation(TaskFail.self), ending, answer: .ended)

  private static let release = Tool(
    "task_release", title: "Give a task back", "Gives it back, for another agent to claim.",
    .mutation(TaskRelease.self), ending, answer: .ended)

  private static let ending = Tool.Arguments.only([
    task, ToolArgument.Spec("reason", ""), fence,
    ToolArgument.Spec("force", "Also when another one holds it."), "agent", "project",
  ])

  private static let block = Tool(
    "task_block", title: "Make a task wait", "Makes a task wait for another one.",
    .mutation(DependencyAdd.self),
    .only([
      task, ToolArgument.Spec("blocker", "The task that must be done first."),
      ToolArgument.Spec("on_failure", "What a bad end of that does to this one."), "project",
    ]),
    kind: .idempotent)

  private static let lock = Tool(
    "files_lock", title: "Lock files", "Locks files for you, all or none; says who has the others.",
    .mutation(LockTake.self),
    .only([
      ToolArgument.Spec("files", of: "paths", required: true, ""), "reason", "task", "agent",
      "project",
    ]),
    kind: .idempotent)

  private static let unlock = Tool(
    "files_unlock", title: "Unlock files", "Ends your locks: of these files, or all.",
    .mutation(LockRelease.self),
    .only([ToolArgument.Spec("files", "All of yours without it."), "agent", "project"]),
    kind: .idempotent)

  // MARK: Arguments

  // What the name says alone needs no words: every agent reads all of them.
  private static let task = ToolArgument.Spec("task", "Its id or name.")
  private static let fence = ToolArgument.Spec("fence", "That of your claim.")
  private static let title = ToolArgument.Spec("title", "")
  private static let tags = ToolArgument.Spec("tags", "")
  private static let dueAt = ToolArgument.Spec("due_at", "")
  private static let priority = ToolArgument.Spec("priority", "")
}
