import HoldfastJSON
import HoldfastModel

/// What agents do with tasks: find, claim and end them, and say what waits for what.
extension TaskCommand {
  static let graph: [Command] = [
    ready, claim, release, complete, fail, cancel, reopen, block, unblock, why, tree,
  ]

  private static let agentOption = Option.text(
    "agent", "id", "Who does it; else HOLDFAST_AGENT.", hint: CompleteCommand.agents)

  /// The agent that a command speaks for.
  private static func agent(_ invocation: Invocation) -> String? {
    let named = invocation.text("agent") ?? invocation.environment[Settings.agentVariable]
    return named.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static let ready = Command(
    "ready", summary: "Lists the tasks that can be claimed now, in the order of claims.",
    examples: [Example("holdfast task ready --agent ada", "Lists what ada may claim.")],
    options: [
      agentOption,
      .text("tag", "tag", "Only tasks with this tag.", repeatable: true),
      .integer("limit", "n", "At most this many tasks.", in: 1...1000, defaultNote: "20"),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields = tags(invocation)
      if let agent = agent(invocation) { fields.append(("agent", .string(agent))) }
      if let limit = invocation.int("limit") {
        fields.append(("limit", .number(JSONNumber(Int64(limit)))))
      }
      let answer = try session.runInProject("task_ready", fields)
      invocation.output.show(answer) {
        let tasks = answer["tasks"]?.arrayValue ?? []
        if tasks.isEmpty { invocation.output.line("nothing is ready") }
        for task in tasks {
          let priority = task.text("priority").isEmpty ? "medium" : task.text("priority")
          invocation.output.line(
            "\(task.text("id").padded(toScalars: 10)) \(priority.padded(toScalars: 8)) \(called(task))"
          )
        }
        if answer["next_cursor"] != nil {
          invocation.output.note("There are more: --limit shows up to 1000.")
        }
      }
      return 0
    }
  }

  private static func tags(_ invocation: Invocation) -> [(String, JSON)] {
    let tags = invocation.list("tag")
    return tags.isEmpty ? [] : [("tags", .array(tags.map { .string($0) }))]
  }

  /// What people call a task.
  private static func called(_ task: JSON) -> String {
    task.text("title").isEmpty ? task.text("filename") : task.text("title")
  }

  private static let claim = Command(
    "claim", summary: "Gives an agent the best task it can start, or a certain one.",
    discussion: """
      Prints the task's id and its fence. Exits with 3 when nothing is ready. The claim ends after its \
      lease unless the agent is heard of.
      """,
    examples: [
      Example("holdfast task claim --agent ada", "Takes the best ready task."),
      Example("holdfast task claim --agent ada --wait 30", "Waits for one up to 30 s."),
      Example("holdfast task claim k3m9qz --agent ada", "Takes that task."),
    ],
    options: [
      agentOption,
      .text("tag", "tag", "Only a task with this tag.", repeatable: true),
      .integer("lease", "seconds", "Length of the lease.", in: 1...86_400, defaultNote: "900"),
      .integer("wait", "seconds", "How long to wait for a ready task.", in: 0...30),
      .text("session", "name", "Your process: two with one agent id do not both win."),
      .flag("force", "Takes a certain task from its holder, whatever it waits for."),
      .text(
        "file", "path",
        "A file, relative to the project's folder, that is locked until the task ends; all or none.",
        repeatable: true, hint: .file),
    ],
    arguments: [.optional("file", "A certain task.", hint: CompleteCommand.tasks)]
  ) { invocation in
    try Session.run(invocation) { session in
      guard let agent = agent(invocation) else {
        throw HoldfastError(.usage, "say who claims: --agent ID, or set HOLDFAST_AGENT")
      }
      var fields = tags(invocation) + [("agent", .string(agent))]
      if let task = invocation.optionalArgument("file") { fields.append(("task", .string(task))) }
      if let session = invocation.text("session") { fields.append(("session", .string(session))) }
      if invocation.flag("force") { fields.append(("force", true)) }
      let files = invocation.list("file")
      if !files.isEmpty { fields.append(("files", .array(files.map { .string($0) }))) }
      for (option, name, factor) in [("lease", "lease_seconds", 1), ("wait", "wait_ms", 1000)] {
        guard let value = invocation.int(option) else { continue }
        fields.append((name, .number(JSONNumber(Int64(value * factor)))))
      }
      let answer = try session.runInProject("task_claim", fields)
      guard let task = answer["task"] else {
        invocation.output.show(.null) { invocation.output.line("nothing is ready") }
        return HoldfastError.Code.notFound.exitCode
      }
      invocation.output.show(answer) {
        let fence = answer["fence"]?.int64Value ?? 0
        invocation.output.line("claimed: \(task.text("id")) \(called(task)) (fence \(fence))")
        for lock in answer["locks"]?.arrayValue ?? [] {
          invocation.output.line("locked: \(lock.text("path"))")
        }
      }
      return 0
    }
  }

  private static let release = ending(
    "release", "Gives a claimed task back.", "task_release", "released")
  private static let complete = ending(
    "complete", "Ends a task: its work is done.", "task_complete", "completed")
  private static let fail = ending("fail", "Ends a task: its work failed.", "task_fail", "failed")
  private static let cancel = ending(
    "cancel", "Gives a task up.", "task_cancel", "cancelled",
    options: [.flag("cascade", "Gives up the open tasks that it contains, too.")])
  private static let reopen = ending(
    "reopen", "Makes an ended task one that can be claimed again.", "task_reopen", "reopened")

  /// A command that changes what a task has come to, and says what that made ready.
  private static func ending(
    _ name: String, _ summary: String, _ operation: String, _ word: String,
    options: [Option] = []
  ) -> Command {
    Command(
      name, summary: summary,
      options: [
        agentOption,
        .integer("fence", "number", "The fence of the claim.", in: 0...Int.max),
        .text("reason", "text", "Why, or what came of it."),
        .flag("force", "Does it although another agent holds the task."),
      ] + options, arguments: [file]
    ) { invocation in
      try Session.run(invocation) { session in
        var fields: [(String, JSON)] = [("task", .string(invocation.argument("file")))]
        if let agent = agent(invocation) { fields.append(("agent", .string(agent))) }
        if let fence = invocation.int("fence") {
          fields.append(("fence", .number(JSONNumber(Int64(fence)))))
        }
        if let reason = invocation.text("reason") { fields.append(("reason", .string(reason))) }
        for flag in ["force"] + options.map(\.name) where invocation.flag(flag) {
          fields.append((flag, true))
        }
        let answer = try session.runInProject(operation, fields)
        invocation.output.show(answer) {
          invocation.output.line("\(word): \(answer.text("id")) \(called(answer))")
          let ready = answer["unblocked"]?.arrayValue?.compactMap(\.stringValue) ?? []
          if !ready.isEmpty { invocation.output.line("now ready: \(ready.joined(separator: " "))") }
        }
        return 0
      }
    }
  }

  private static let edgeType = Option.text(
    "type", "type", "What the edge says.",
    hint: .words(DependencyType.allCases.map(\.rawValue)))

  private static let block = Command(
    "block", summary: "Makes a task wait for another one.",
    examples: [Example("holdfast task block deploy --on tests", "deploy waits for tests.")],
    options: [
      .text("on", "file", "The task that must be done first.", required: true),
      edgeType,
      .text(
        "on-failure", "policy", "What happens when that one does not end well.",
        hint: .words(FailurePolicy.allCases.map(\.rawValue))),
    ],
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields = edge(invocation)
      if let policy = invocation.text("on-failure") {
        fields.append(("on_failure", .string(policy)))
      }
      let answer = try session.runInProject("dependency_add", fields)
      invocation.output.show(answer) {
        let open = answer["blocked_by"]?.arrayValue?.compactMap(\.stringValue) ?? []
        invocation.output.line(
          open.isEmpty
            ? "\(answer.text("id")) waits for nothing"
            : "\(answer.text("id")) waits for \(open.joined(separator: " "))")
      }
      return 0
    }
  }

  private static let unblock = Command(
    "unblock", summary: "Takes away what a task waits for.",
    options: [.text("on", "file", "The task at the other end.", required: true), edgeType],
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("dependency_remove", edge(invocation))
      invocation.output.show(answer) {
        invocation.output.line(
          "\(answer.text("id")) no longer waits for \(invocation.text("on") ?? "")")
      }
      return 0
    }
  }

  private static func edge(_ invocation: Invocation) -> [(String, JSON)] {
    var fields: [(String, JSON)] = [
      ("task", .string(invocation.argument("file"))),
      ("blocker", .string(invocation.text("on") ?? "")),
    ]
    if let type = invocation.text("type") { fields.append(("type", .string(type))) }
    return fields
  }

  private static let why = Command(
    "why", summary: "Says why a task cannot be claimed: the chain of what it waits for.",
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_why", [("task", .string(invocation.argument("file")))])
      invocation.output.show(answer) {
        let isReady = answer["ready"]?.boolValue == true
        invocation.output.line("\(answer.text("task")) is \(isReady ? "ready" : "not ready")")
        for reason in answer["reasons"]?.arrayValue ?? [] {
          invocation.output.line("  \(reason.stringValue ?? "")")
        }
        for step in answer["chain"]?.arrayValue ?? [] {
          let holder = step.text("holder").isEmpty ? "" : ", held by \(step.text("holder"))"
          let state = step["ready"]?.boolValue == true ? "ready" : step.text("status")
          invocation.output.line(
            "  \(step.text("task")) waits for \(step.text("waits_for")) \(step.text("title")) "
              + "(\(step.text("kind")), \(state)\(holder))")
        }
      }
      return 0
    }
  }

  private static let tree = Command(
    "tree", summary: "Draws a task with all tasks that it contains.", arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_tree", [("task", .string(invocation.argument("file")))])
      invocation.output.show(answer) {
        // Whether the lines of the levels above go on below.
        var goesOn: [Bool] = []
        for task in answer["tasks"]?.arrayValue ?? [] {
          let depth = Int(task["depth"]?.int64Value ?? 0)
          let isLast = task["last"]?.boolValue == true
          goesOn = Array(goesOn.prefix(max(depth - 1, 0)))
          let lead = goesOn.map { $0 ? "│   " : "    " }.joined()
          let branch = depth == 0 ? "" : isLast ? "└── " : "├── "
          if depth > 0 { goesOn.append(!isLast) }
          let mark = task["ready"]?.boolValue == true ? ", ready" : ""
          invocation.output.line(
            "\(lead)\(branch)\(task.text("id")) \(called(task)) (\(task.text("status"))\(mark))")
        }
        if answer["truncated"]?.boolValue == true { invocation.output.note("There are more.") }
      }
      return 0
    }
  }
}
