private import Glibc
import HoldfastClient
import HoldfastJSON
import HoldfastModel

/// `signal`: messages to whoever works on a task.
enum SignalCommand {
  static func make() -> Command {
    Command(
      "signal", aliases: ["sig"], summary: "Emits, lists and processes signals.",
      subcommands: [emit, list, show, process, retry, purge])
  }

  private static let number = Argument.required("id", "The signal's number.")

  private static let emit = Command(
    "emit", summary: "Makes a signal.",
    examples: [
      Example(
        "holdfast signal emit implement_finished fix-login", "Says that the work is to be reviewed."
      )
    ],
    options: [.text("payload", "json", "What it says; plain text becomes {\"body\": …}.")],
    arguments: [
      .required(
        "type", "The signal's type.", hint: .words(SignalType.allCases.map(\.rawValue))),
      .required("plan", "The task's filename.", hint: CompleteCommand.tasks),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let plan = try TaskFilename(invocation.argument("plan")).text
      var fields: [(String, JSON)] = [
        ("signal_type", .string(invocation.argument("type"))), ("plan_file", .string(plan)),
      ]
      if let payload = invocation.text("payload") { fields.append(("payload", .string(payload))) }
      try session.recordProject()
      let signal = try session.runInProject("signal_create", fields)
      invocation.output.show(signal) {
        invocation.output.line(
          "signal emitted: type=\(signal.text("signal_type")) plan=\(signal.text("plan_file"))")
      }
      return 0
    }
  }

  private static let list = Command(
    "list", summary: "Lists the signals that wait, or those of other statuses with their numbers.",
    options: [
      .choice(
        "status", "status", SignalStatus.allCases.map(\.rawValue) + ["all"],
        "Only signals of this status.", default: "pending", repeatable: true)
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let statuses = invocation.list("status")
      let answer = try session.runInProject(
        "signal_list", [("status", .array(statuses.map { .string($0) }))])
      let signals = answer["signals"]?.arrayValue ?? []
      invocation.output.show(answer) {
        let isPlain = statuses.allSatisfy { $0 == SignalStatus.pending.rawValue }
        if signals.isEmpty {
          let which = statuses.contains("all") ? "" : statuses.joinedAsChoice + " "
          invocation.output.line("no \(which)signals")
        }
        for signal in signals {
          let type = signal.text("signal_type").padded(toScalars: 30)
          let line = "\(type)  \(signal.text("plan_file"))"
          // The form of the pending ones is the one that clients of kasmos read.
          let number = String(signal["id"]?.int64Value ?? 0).padded(toScalars: 6)
          let status = signal.text("status").padded(toScalars: 10)
          invocation.output.line(isPlain ? line : "\(number)  \(status)  \(line)")
        }
      }
      return 0
    }
  }

  private static let show = one("show", "Prints one signal.", operation: "signal_get")
  private static let retry = one(
    "retry", "Puts a failed signal back into the queue.", operation: "signal_retry")

  private static func one(_ name: String, _ summary: String, operation: String) -> Command {
    Command(name, summary: summary, arguments: [number]) { invocation in
      try Session.run(invocation) { session in
        guard let id = Int64(invocation.argument("id")) else {
          throw HoldfastError(.usage, "a signal's id is a number, not \(invocation.argument("id"))")
        }
        let signal = try session.runInProject(operation, [("id", .number(JSONNumber(id)))])
        invocation.output.show(signal) {
          for member in signal.objectValue?.members ?? [] {
            let value = member.value.stringValue ?? member.value.renderedText()
            invocation.output.line("\(member.key.padded(toScalars: 14)) \(value)")
          }
        }
        return 0
      }
    }
  }

  private static let purge = Command(
    "purge", summary: "Deletes ended signals that are older than some time.",
    options: [
      .integer(
        "older-than", "seconds", "The least age of what is deleted.",
        in: 0...Int.max / 1_000_000_000,
        default: 604_800)
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let seconds = Int64(invocation.int("older-than") ?? 0)
      var count: Int64 = 0
      var answer = JSON.null
      // One call deletes a bounded number.
      repeat {
        answer = try session.runInProject(
          "signal_purge", [("older_than_seconds", .number(JSONNumber(seconds)))])
        count += answer["count"]?.int64Value ?? 0
      } while answer["more"]?.boolValue == true
      let keepsNewest = answer["keeps_newest"]?.boolValue == true
      invocation.output.show([
        "count": .number(JSONNumber(count)), "keeps_newest": .bool(keepsNewest),
      ]) {
        invocation.output.line("purged \(count.of("signal"))")
        if keepsNewest {
          invocation.output.note(
            "the newest signal stays, so that its number is not given out again")
        }
      }
      return 0
    }
  }

  private static let process = Command(
    "process", summary: "Does what the waiting signals say: moves their tasks.",
    discussion: """
      Takes one signal after the other, moves its task, and marks it as done, in one transaction; a \
      signal that cannot be done is marked as failed with the reason. Without --once it goes on \
      until it is stopped.
      """,
    options: [.flag("once", "Ends when nothing waits any more.")]
  ) { invocation in
    try Session.run(invocation) { session in
      var watch = session.watch(seconds: invocation.flag("once") ? 0 : nil, pause: 1_000_000)
      var count = 0
      while let signal = try watch.next(
        while: { !invocation.output.isClosed },
        { wait in
          let signal = try session.runInProject(
            "signal_apply",
            [("claimed_by", "signal process"), ("wait_ms", .number(JSONNumber(wait)))])
          return signal.objectValue.map { _ in signal }
        })
      {
        count += 1
        show(signal, invocation.output)
      }
      if count == 0 && !invocation.output.isJSON { invocation.output.line("no pending signals") }
      return 0
    }
  }

  private static func show(_ signal: JSON, _ output: Console) {
    output.show(signal) {
      let type = signal.text("signal_type").padded(toScalars: 30)
      let result = signal.text("result")
      let end = signal.text("status") + (result.isEmpty ? "" : ": \(result)")
      output.line("\(type)  \(signal.text("plan_file"))  \(end)")
    }
    output.flush()
  }
}
