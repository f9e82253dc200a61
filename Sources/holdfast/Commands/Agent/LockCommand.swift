private import Glibc
import HoldfastClient
import HoldfastJSON
import HoldfastModel

/// `lock`: files that one agent works on alone.
enum LockCommand {
  static func make() -> Command {
    Command(
      "lock", summary: "Locks files for an agent, lists and frees them.",
      subcommands: [take, release, list, watch])
  }

  private static let files = Argument.repeating(
    "file", "Files, relative to the root of the project.", atLeast: 0, hint: .file)

  private static func paths(_ invocation: Invocation) -> JSON {
    .array(invocation.arguments("file").map { .string($0) })
  }

  private static let take = Command(
    "take", summary: "Locks files for an agent, all of them or none.",
    discussion: "Ends with 4 when another agent holds one of them; nothing is locked then.",
    examples: [
      Example("holdfast lock take src/a.swift --agent ada", "Locks one file.")
    ],
    options: [
      TaskCommand.agentOption, .text("reason", "text", "Why, for those who find them locked."),
      .text(
        "task", "task", "The task with whose end they are free again.", hint: CompleteCommand.tasks),
    ],
    arguments: [
      .repeating("file", "Files, relative to the root of the project.", hint: .file)
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields = try invocation.requiredAgent("locks them") + [("paths", paths(invocation))]
      if let reason = invocation.text("reason") { fields.append(("reason", .string(reason))) }
      if let task = invocation.text("task") { fields.append(("task", .string(task))) }
      try session.tellOfNewProject()
      let answer = try session.runInProject("lock_take", fields)
      // A refused call makes no project.
      try session.recordProject()
      let conflicts = answer["conflicts"]?.arrayValue ?? []
      invocation.output.show(answer) {
        for lock in answer["locks"]?.arrayValue ?? [] {
          invocation.output.line("locked: \(lock.text("path"))")
        }
        for lock in conflicts {
          invocation.output.line("held by \(lock.text("agent")): \(lock.text("path"))")
        }
      }
      return conflicts.isEmpty ? 0 : HoldfastError.Code.lockConflict.exitCode
    }
  }

  private static let release = Command(
    "release", summary: "Frees files of an agent; all of them when none is named.",
    discussion: "Ends with 4 when a file that is named was not locked by the agent.",
    options: [
      .text(
        "agent", "id", "The agent; else HOLDFAST_AGENT.",
        defaultNote: "whoever holds them, with --force", hint: CompleteCommand.agents),
      .text("reason", "text", "Why, for those who watch."),
      .flag("force", "Frees the files whoever holds them."),
    ],
    arguments: [files]
  ) { invocation in
    try Session.run(invocation) { session in
      // By force files are freed whoever holds them, unless somebody is named.
      let isForced = invocation.flag("force")
      let agent = isForced ? invocation.text("agent") : invocation.agent
      var fields: [(String, JSON)] = [("force", .bool(isForced))]
      if let agent { fields.append(("agent", .string(agent))) }
      if let reason = invocation.text("reason") { fields.append(("reason", .string(reason))) }
      if !invocation.arguments("file").isEmpty { fields.append(("paths", paths(invocation))) }
      let answer = try session.runInProject("lock_release", fields)
      invocation.output.show(answer) {
        invocation.output.line("released \(answer.count("released", "file"))")
      }
      return answer["success"]?.boolValue == true ? 0 : HoldfastError.Code.lockConflict.exitCode
    }
  }

  private static let list = Command(
    "list", summary: "Lists who holds which files.",
    options: [
      .text("agent", "id", "Only what this agent holds.", hint: CompleteCommand.agents)
    ],
    arguments: [files]
  ) { invocation in
    try Session.run(invocation) { session in
      var fields: [(String, JSON)] = []
      if let agent = invocation.text("agent") { fields.append(("agent", .string(agent))) }
      if !invocation.arguments("file").isEmpty { fields.append(("files", paths(invocation))) }
      let locks = try session.all("locks", of: "lock_list", fields)
      invocation.output.show(["locks": .array(locks)]) {
        if locks.isEmpty { return invocation.output.line("no locked files") }
        var table = TextTable([
          .init("file", isFlexible: true), .init("agent"), .init("since"),
          .init("reason", isFlexible: true),
        ])
        for lock in locks {
          table.add([
            lock.text("path"), lock.text("agent"), lock.text("locked_at"), lock.text("reason"),
          ])
        }
        invocation.output.table(table)
      }
      return 0
    }
  }

  private static let watch = Command(
    "watch", summary: "Prints what happens to locked files, until it is stopped.",
    discussion: """
      Begins where the agent has read last, or behind the event that --since names, and goes on from \
      what it has printed.
      """,
    options: [
      .text(
        "agent", "id", "Whose place in the sequence it goes on from; else HOLDFAST_AGENT.",
        defaultNote: "none, with --since", hint: CompleteCommand.agents),
      .integer("since", "n", "Begins behind the event of this number.", in: 0...Int.max),
      .flag("once", "Ends when there is nothing new."),
    ],
    arguments: [files]
  ) { invocation in
    try Session.run(invocation) { session in
      var since = invocation.int("since").map { JSON.number(JSONNumber(Int64($0))) }
      var watch = session.watch(seconds: invocation.flag("once") ? 0 : nil, pause: 1_000_000)
      while let events = try watch.next(
        while: { !invocation.output.isClosed },
        { wait in
          var fields: [(String, JSON)] = [
            ("files", paths(invocation)), ("wait_ms", .number(JSONNumber(wait))),
          ]
          let agent = since == nil ? invocation.agent : invocation.text("agent")
          if let agent { fields.append(("agent", .string(agent))) }
          if let since { fields.append(("since", since)) }
          let answer = try session.runInProject("lock_updates", fields)
          // What is shown now is dealt with when the next call is made.
          if since != nil, let next = answer["next_cursor"] { since = next }
          let events = answer["events"]?.arrayValue ?? []
          return events.isEmpty && answer["has_more"]?.boolValue != true ? nil : events
        })
      {
        for event in events { show(event, invocation.output) }
      }
      return 0
    }
  }

  private static func show(_ event: JSON, _ output: Console) {
    output.show(event) {
      let cause = event.text("cause")
      let why = cause == "taken" || cause == "release" ? "" : " (\(cause))"
      let reason = event.text("reason")
      output.line(
        "\(event.text("event").padded(toScalars: 8))  \(event.text("agent"))  "
          + "\(event.text("path"))\(why)\(reason.isEmpty ? "" : ": \(reason)")")
    }
    output.flush()
  }
}
