private import Glibc
import HoldfastJSON
import HoldfastModel

/// `audit` and `monitor`: what happened.
enum AuditCommand {
  static func make() -> Command {
    Command("audit", summary: "Shows what happened in the project.", subcommands: [list])
  }

  private static let list = Command(
    "list", summary: "Lists the last events, the newest first.",
    options: [
      .integer("limit", "n", "How many.", in: 1...500, default: 50),
      .text("event", "kind", "Only events of this kind.", repeatable: true),
      .text("task", "file", "Only events of this task."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let limit = Int64(invocation.int("limit") ?? 50)
      var fields: [(String, JSON)] = [("limit", .number(JSONNumber(limit)))]
      let kinds = invocation.list("event")
      if !kinds.isEmpty { fields.append(("kind", .array(kinds.map { .string($0) }))) }
      if let task = invocation.text("task") { fields.append(("task", .array([.string(task)]))) }
      let answer = try session.runInProject("audit_list", fields)
      invocation.output.show(answer) {
        for event in answer["events"]?.arrayValue ?? [] {
          let time = event.text("timestamp")
          let kind = event.text("kind").padded(toScalars: 24)
          invocation.output.line(
            "\(time)  \(kind)  \(event.text("task_file"))  \(event.text("message"))")
        }
      }
      return 0
    }
  }

  /// `monitor`: events as they come.
  static let monitor = Command(
    "monitor", summary: "Prints events as they come, until it is stopped.",
    options: [.flag("once", "Ends when there are no more events for now.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let isOnce = invocation.flag("once")
      var cursor = isOnce ? "0" : try session.run("event_last").text("next_cursor")
      while !invocation.output.isClosed {
        let answer = try session.run("event_list", [("after", .string(cursor)), ("limit", 500)])
        cursor = answer.text("next_cursor")
        let events = answer["events"]?.arrayValue ?? []
        for event in events { show(event, invocation.output) }
        invocation.output.flush()
        guard events.isEmpty else { continue }
        if isOnce { break }
        // A store in this process is let go of, so that there is something to see.
        if !session.isServed { session.close() }
        sleep(1)
      }
      return 0
    }
  }

  private static func show(_ event: JSON, _ output: Console) {
    output.show(event) {
      output.line(
        "\(event.text("at"))  \(event.text("project"))  \(event.text("type"))  "
          + (event["data"]?.text("message") ?? ""))
    }
  }
}
