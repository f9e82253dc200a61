import HoldfastJSON
import HoldfastModel

/// `task`: everything about tasks.
///
/// Verbs, flags and lines are those that clients of kasmos know.
enum TaskCommand {
  static func make() -> Command {
    Command(
      "task", aliases: ["t"], summary: "Creates, shows, changes and moves tasks.",
      subcommands: [
        list, search, create, register, show, updateContent, delete, restore, rename, setStatus,
        transition, recover, linkClickUp, linkLinear, unlinkLinear, goal, topic,
      ] + graph + views + live + many + attachments + orchestration)
  }

  static let file = Argument.required(
    "file", "The task's filename or id.", hint: CompleteCommand.tasks)

  private static let list = Command(
    "list", summary: "Lists the project's tasks that meet all conditions, without cancelled ones.",
    discussion: "Cancelled tasks are listed where --status or --category names what they are.",
    examples: [
      Example("holdfast task list --status implementing", "Lists the tasks at work."),
      Example("holdfast task list --category open --tag ui", "What has not begun and has a tag."),
      Example("holdfast task list --parent null", "The tasks that no other one contains."),
    ],
    options: [
      .text(
        "status", "status", "Only tasks of this status.", repeatable: true,
        hint: .words(Workflow.builtInStatuses.map(\.text))),
      .choice(
        "category", "category", StatusCategory.allCases.map(\.name),
        "Only tasks whose status means this.", repeatable: true),
      .text("topic", "topic", "Only tasks of this topic.", hint: CompleteCommand.topics),
      .text(
        "workflow", "name", "Only tasks of this workflow; standard for plans.",
        hint: CompleteCommand.workflows),
      .text("owner", "id", "Only tasks that this agent holds.", hint: CompleteCommand.agents),
      .text(
        "parent", "file", "Only tasks directly in this one; null for those in none.",
        hint: CompleteCommand.tasks),
      .text("tag", "tag", "Only tasks with this tag.", repeatable: true),
      .text("agent", "id", "Only tasks that this agent may claim.", hint: CompleteCommand.agents),
      .flag("ready", "Only tasks that can be claimed now; 'task ready' has them in their order."),
      .flag("blocked", "Only tasks that wait for others."),
      .text("search", "text", "Only tasks that contain this text."),
      .integer("limit", "n", "At most this many, a page.", in: 1...10_000, defaultNote: "all"),
      .text("cursor", "cursor", "Where the page before ended."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      for status in invocation.list("status") { try session.check(status: status) }
      let answer = try session.pages(
        "tasks", of: "task_list",
        [("fields", "slim")]
          + invocation.fields(
            "status", "category", "topic", "workflow", "owner", "parent", "tag", "agent", "ready",
            "blocked",
            "search", names: ["search": "q"]), invocation)
      if let topic = invocation.text("topic"), answer["tasks"]?.arrayValue?.isEmpty != false {
        try session.check(topic: topic)
      }
      if let workflow = invocation.text("workflow"),
        answer["tasks"]?.arrayValue?.isEmpty != false
      {
        try session.check(workflow: workflow)
      }
      let isChosen = invocation.isGiven("status") || invocation.isGiven("category")
      let tasks = (answer["tasks"]?.arrayValue ?? []).filter {
        isChosen
          || ![$0["status"], $0["category"]].contains(.string(TaskStatus.cancelled.text))
      }
      var shown = JSONObject([("tasks", .array(tasks))])
      if let next = answer["next_cursor"] { shown.set("next_cursor", next) }
      invocation.output.show(.object(shown)) {
        for task in tasks {
          let status = task.text("status").padded(toScalars: 14)
          let name = task.text("filename").padded(toScalars: 50)
          let note = task.text("title").isEmpty ? task.text("branch") : task.text("title")
          // What events move says nothing of who works on it.
          let holder = task.text("owner_agent")
          let held = holder.isEmpty || task["workflow"] != nil ? "" : " (held by \(holder))"
          invocation.output.line("\(status) \(name) \(note)\(held)")
        }
      }
      return 0
    }
  }

  private static let create = Command(
    "create", summary: "Creates a task.",
    examples: [
      Example("holdfast task create fix-login --content '# Fix the login'", "Creates a plan."),
      Example(
        "holdfast task create --title 'Fix the login' --priority high",
        "Creates a task that agents can claim, which is called by its id."),
    ],
    options: [
      .text("description", "text", "What it is about, in a line."),
      .text("branch", "name", "The git branch of the work."),
      .text("topic", "name", "The topic it belongs to.", hint: CompleteCommand.topics),
      .text("content", "markdown", "Its text."),
      .text("title", "text", "What it is called: a task that agents claim and complete."),
      .text(
        "workflow", "name", "Whose statuses it has.", defaultNote: "graph with a title",
        hint: CompleteCommand.workflows),
      .text("id", "id", "An id of your own, unique in the store."),
      .text("priority", "priority", "low, medium, high, critical, or 0 to 10."),
      .integer("points", "n", "How large it is.", in: 0...Int.max),
      .integer("estimate-ms", "n", "How long it should take.", in: 0...Int.max),
      .text("parent", "file", "The task that contains it.", hint: CompleteCommand.tasks),
      .text(
        "join-mode", "mode", "also: it runs beside the sibling before it.",
        hint: .words(JoinMode.allCases.map(\.rawValue))),
      .text(
        "blocked-by", "file", "A task that must be done first.", repeatable: true,
        hint: CompleteCommand.tasks),
      .text("tag", "tag", "What it has to do with.", repeatable: true),
      .text("needed-tag", "tag", "A tag that its agent must have.", repeatable: true),
      .text("wanted-tag", "tag", "A tag of which its agent must have one.", repeatable: true),
      .text("assignee", "agent", "The agent that it is for.", hint: CompleteCommand.agents),
    ],
    arguments: [.optional("name", "The task's name; one with a title is called by its id.")]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields: [(String, JSON)] = []
      if let name = invocation.optionalArgument("name") {
        fields.append(("filename", .string(name)))
      } else if invocation.text("title") == nil {
        throw HoldfastError(.usage, "a task needs a name, or a --title")
      }
      fields += invocation.fields(
        "description", "branch", "topic", "content", "title", "workflow", "id", "points",
        "estimate-ms", "parent", "join-mode", "assignee", "blocked-by", "tag", "needed-tag",
        "wanted-tag",
        names: [
          "estimate-ms": "time_estimate_ms", "tag": "tags", "needed-tag": "needed_tags",
          "wanted-tag": "wanted_tags",
        ])
      if let priority = invocation.text("priority") {
        fields.append(
          ("priority", Int64(priority).map { .number(JSONNumber($0)) } ?? .string(priority)))
      }
      try session.recordProject()
      let task = try session.runInProject("task_create", fields)
      invocation.output.show(task) {
        let title = task.text("title").isEmpty ? "" : " \(task.text("title"))"
        invocation.output.line(
          "created: \(task.text("filename"))\(title) → \(task.text("status"))")
      }
      invocation.output.showWarnings(of: task)
      return 0
    }
  }

  private static let show = Command(
    "show", summary: "Prints a task's text; of a titled task without one, how it stands.",
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let output = invocation.output
      if output.isJSON {
        output.json(try session.runInProject("task_get", task(invocation)))
        return 0
      }
      let answer = try session.runInProject("content_get", task(invocation))
      let content = try BytesValue(answer["content"] ?? "", field: FieldPosition("content"))
      output.content(content.bytes)
      if content.bytes.isEmpty {
        let task = try session.runInProject("task_get", task(invocation))
        if !task.text("title").isEmpty || !task.text("owner_agent").isEmpty {
          stand(of: task).forEach { output.line($0) }
        }
      }
      return 0
    }
  }

  /// How a task of the graph stands, a line for each thing there is to say.
  private static func stand(of task: JSON) -> [String] {
    func list(_ key: String) -> String {
      (task[key]?.arrayValue?.compactMap(\.stringValue) ?? []).joined(separator: " ")
    }
    let holder = task.text("owner_agent")
    let claim =
      "\(holder) since \(task.text("claimed_at")) (fence \(task["fence"]?.renderedText() ?? ""))"
    let lines = [
      ("status", task.text("status")), ("workflow", task.text("workflow")),
      ("held by", holder.isEmpty ? "" : claim),
      ("for", task.text("assignee")), ("offered to", task.text("offered_to")),
      ("thought", task.text("current_thought")), ("progress", progress(task)),
      ("waits for", list("blocked_by")), ("part of", task.text("parent")),
      ("priority", task.text("priority")), ("tags", list("tags")), ("due", task.text("due_at")),
      ("put off until", task.text("defer_until")), ("reason", task.text("reason")),
      ("about", task.text("description")),
    ]
    return ["\(task.text("id")) \(task.text("title"))"]
      + lines.filter { !$0.1.isEmpty }.map { "\("\($0.0):".padded(toScalars: 14)) \($0.1)" }
  }

  private static let delete = Command(
    "delete", summary: "Deletes a task; it can be restored while its name is free.",
    discussion: """
      With --hard nothing of it is kept, neither its text and attachments nor its history; a task that \
      was deleted before can be named, too. What does not go with it: answers that are kept for repeated \
      requests, for a day; its name in events of other tasks and of locks; single words of it inside the \
      index of the search, until 'holdfast reindex'; old pages in the log beside the store, until it is \
      written over or the server is stopped; and the backups and exports that were made before.
      """,
    options: [
      .flag("yes", "Deletes without asking."),
      .flag("cascade", "Deletes the tasks that it contains, too."),
      .flag("hard", "Keeps nothing of it."),
      .flag("force", "With --hard, deletes it although an agent holds it."),
    ], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let isHard = invocation.flag("hard")
      let name: String
      var status = "deleted"
      do {
        let task = try session.task(invocation.argument("file"))
        name = task.text("filename")
        status = task.text("status")
      } catch let error as HoldfastError where isHard && error.code == .taskNotFound {
        name = invocation.argument("file")
      }
      let verb = isHard ? "erase for good" : "delete"
      guard try invocation.isConfirmed("\(verb) \(name) (\(status))") else {
        return HoldfastError.Code.usage.exitCode
      }
      var fields: [(String, JSON)] = [("task", .string(name))]
      for flag in ["cascade", "hard", "force"] where invocation.flag(flag) {
        fields.append((flag, true))
      }
      let answer =
        isHard
        ? try session.runInFolder("task_delete", fields)
        : try session.runInProject("task_delete", fields)
      invocation.output.show(answer) {
        invocation.output.line("\(isHard ? "erased" : "deleted") \(name)")
        invocation.output.showConsequences(of: answer)
      }
      return 0
    }
  }

  private static let restore = changing(
    "restore", "Brings a deleted task back.", operation: "task_restore",
    arguments: [], fields: { _ in [] }, line: { "restored \($0.text("filename"))" })

  private static let rename = Command(
    "rename", summary: "Gives a task another name.",
    options: [.flag("verbatim", "Keeps the new name exactly as it is.")],
    arguments: [
      file, .required("new-name", "The new name; it becomes lower case with dashes."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let name = try session.task(invocation.argument("file")).text("filename")
      let task = try session.runInProject(
        "task_rename",
        [
          ("task", .string(name)), ("new_filename", .string(invocation.argument("new-name"))),
          ("verbatim", .bool(invocation.flag("verbatim"))),
        ])
      invocation.output.show(task) {
        invocation.output.line("renamed \(name) → \(task.text("filename"))")
      }
      return 0
    }
  }

  private static let transition = changing(
    "transition", "Sends an event that moves a task through its workflow.",
    operation: "task_transition",
    arguments: [
      .required(
        "event", "What has happened.",
        hint: .words(WorkflowEvent.allCases.map(\.rawValue)))
    ],
    fields: { [("event", .string($0.argument("event")))] },
    line: { "\($0.text("filename")) → \($0.text("status"))" })

  private static let setStatus = changing(
    "set-status", "Sets a task's status by hand, past its workflow.", operation: "task_status_set",
    arguments: [
      .required(
        "status", "The new status.",
        hint: .words(StatusOverride.allCases.map(\.rawValue)))
    ],
    options: [.flag("force", "Says that the workflow is passed over on purpose.")],
    fields: { invocation in
      guard invocation.flag("force") else {
        throw HoldfastError(
          .usage, "set-status passes over the workflow: pass --force, or use 'task transition'")
      }
      return [("target", .string(invocation.argument("status")))]
    }, line: { "\($0.text("filename")) → \($0.text("status"))" })

  private static let linkClickUp = changing(
    "link-clickup", "Links a task with one in ClickUp; without an id it is unlinked.",
    operation: "clickup_set", arguments: [.optional("id", "The task's id in ClickUp.")],
    fields: { [("clickup_task_id", .string($0.optionalArgument("id") ?? ""))] },
    line: {
      ($0.text("clickup_task_id").isEmpty ? "unlinked " : "linked ") + $0.text("filename")
    })

  private static let linkLinear = changing(
    "link-linear", "Links a task with an issue in Linear.", operation: "linear_link_set",
    arguments: [],
    options: [
      .text("issue-id", "id", "The issue's id.", required: true),
      .text("identifier", "name", "The issue's short name, such as ENG-42."),
      .text("url", "url", "The issue's page."),
      .text("team-key", "key", "The issue's team."),
      .text("project-id", "id", "The issue's project."),
    ],
    fields: { invocation in
      ["issue-id", "identifier", "url", "team-key", "project-id"].map { option in
        let name = "linear_" + String(option.map { $0 == "-" ? "_" : $0 })
        return (name, .string(invocation.text(option) ?? ""))
      }
    }, line: { "linked \($0.text("filename"))" })

  private static let unlinkLinear = changing(
    "unlink-linear", "Removes a task's link with Linear.", operation: "linear_link_clear",
    arguments: [], fields: { _ in [] }, line: { "unlinked \($0.text("filename"))" })

  private static let goal = changing(
    "goal", "Sets what is true when a task is done.", operation: "goal_set",
    arguments: [.required("text", "The goal; an empty one clears it.")],
    fields: { [("goal", .string($0.argument("text")))] },
    line: { "goal \($0.text("goal").isEmpty ? "cleared" : "set") for \($0.text("filename"))" })

  private static let topic = changing(
    "topic", "Puts a task into a topic, which is made when it is new.", operation: "topic_assign",
    arguments: [
      .required(
        "topic", "The topic; an empty one takes the task out.", hint: CompleteCommand.topics)
    ],
    fields: { [("topic", .string($0.argument("topic")))] },
    line: {
      "\($0.text("filename")) → \($0.text("topic").isEmpty ? "no topic" : $0.text("topic"))"
    })

  /// A command that changes one task and prints one line about it as it is then.
  private static func changing(
    _ name: String, _ summary: String, operation: String, arguments: [Argument],
    options: [Option] = [],
    fields: @escaping @Sendable (Invocation) throws -> [(String, JSON)],
    line: @escaping @Sendable (JSON) -> String
  ) -> Command {
    Command(name, summary: summary, options: options, arguments: [file] + arguments) { invocation in
      try Session.run(invocation) { session in
        let task = ("task", JSON.string(invocation.argument("file")))
        let answer: JSON
        do {
          answer = try session.runInProject(operation, [task] + fields(invocation))
        } catch let refusal as HoldfastError {
          throw try wayOut(of: refusal, operation, invocation, session)
        }
        invocation.output.show(answer) {
          invocation.output.line(line(answer))
          invocation.output.showConsequences(of: answer)
        }
        return 0
      }
    }
  }

  /// A refusal of an event or of a status by hand, for a task that neither moves: with what does.
  private static func wayOut(
    of refusal: HoldfastError, _ operation: String, _ invocation: Invocation, _ session: Session
  ) throws -> HoldfastError {
    guard ["task_transition", "task_status_set"].contains(operation),
      [.invalidTransition, .invalidField, .usage].contains(refusal.code),
      let task = try? session.task(invocation.argument("file")),
      !task.text("workflow").isEmpty
    else { return refusal }
    let id = task.text("id")
    return HoldfastError(
      .invalidTransition,
      "\(id) is a task of the workflow \(task.text("workflow")), which no event moves: use 'task update "
        + "\(id) --status STATUS', or task claim, complete, fail, release, cancel or reopen")
  }

  /// What needs git, which this store does not run.
  private static let orchestration: [Command] = [
    ("implement", [Option.integer("wave", "n", "The wave.", in: 1...10_000)]),
    ("start", []), ("start-over", []),
    ("push", [.text("message", "text", "The commit's message.")]),
    ("pr", [.text("title", "text", "The pull request's title.")]), ("merge", []),
  ].map { name, options in
    Command(
      name, summary: "Needs git orchestration, which this store does not do.", options: options,
      arguments: [file], isHidden: true
    ) { _ in
      throw HoldfastError(
        .notAvailable,
        "'task \(name)' is not available: this store keeps tasks and runs no git; "
          + "'task transition' records what was done")
    }
  }
}

extension JSON {
  /// The text of a member, or nothing.
  func text(_ key: String) -> String { self[key]?.stringValue ?? "" }
}
