private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// What agents do with tasks: find, claim and end them, and say what waits for what.
extension TaskCommand {
  static let graph: [Command] = [
    ready, claim, release, complete, fail, cancel, reopen, block, unblock, why, tree,
  ]

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
      let answer = try session.runInProject(
        "task_ready",
        invocation.agentField + invocation.fields("tag", "limit", names: ["tag": "tags"]))
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
      var fields = try invocation.requiredAgent("claims")
      if let task = invocation.optionalArgument("file") { fields.append(("task", .string(task))) }
      fields += invocation.fields(
        "tag", "session", "force", "lease", "file",
        names: ["tag": "tags", "lease": "lease_seconds", "file": "files"])
      let answer = try claim(fields, waiting: UInt64(invocation.int("wait") ?? 0), session)
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

  /// Claims a task, and waits for one up to so many seconds.
  private static func claim(
    _ fields: [(String, JSON)], waiting seconds: UInt64, _ session: Session
  ) throws -> JSON {
    var watch = session.watch(seconds: seconds, pause: 100_000)
    return try watch.next { wait in
      let answer = try session.runInProject(
        "task_claim", fields + [("wait_ms", .number(JSONNumber(wait)))])
      return answer["task"].map { _ in answer }
    } ?? .null
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
        agentOption, fenceOption, .text("reason", "text", "Why, or what came of it."), forceOption,
      ] + options, arguments: [file]
    ) { invocation in
      try Session.run(invocation) { session in
        var fields = task(invocation) + invocation.agentField
        fields += invocation.fields("fence", "reason", "force")
        for option in options { fields += invocation.fields(option.name) }
        let answer = try session.runInProject(operation, fields)
        invocation.output.show(answer) {
          let name = "\(answer.text("id")) \(called(answer))"
          invocation.output.line(
            answer["changed"]?.boolValue == false
              ? "nothing changed: \(name) is \(answer.text("status")) already" : "\(word): \(name)")
          invocation.output.showConsequences(of: answer)
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
      let fields = edge(invocation) + invocation.fields("on-failure")
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
    task(invocation) + invocation.fields("on", "type", names: ["on": "blocker"])
  }

  private static let why = Command(
    "why", summary: "Says why a task cannot be claimed: the chain of what it waits for.",
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_why", task(invocation))
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
        "task_tree", task(invocation))
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
