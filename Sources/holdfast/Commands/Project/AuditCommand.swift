private import Glibc
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// `audit` and `monitor`: what happened.
enum AuditCommand {
  static func make() -> Command {
    Command("audit", summary: "Shows what happened in the project.", subcommands: [list])
  }

  /// The kinds of the contract, and the types of events that have none.
  private static let kinds =
    AuditKind.allCases.map(\.rawValue)
    + EventType.allCases.map(\.rawValue).filter { AuditKind(rawValue: $0) == nil }

  /// Refuses a kind that nobody knows, once nothing was found; what was imported may have others.
  private static func check(kind: String) throws(HoldfastError) {
    guard !kinds.contains(kind) else { return }
    throw HoldfastError(
      .usage,
      "there is no kind of event \"\(kind)\"; kinds: \(kinds.joined(separator: ", "))"
        + EditDistance.hint(kind, among: kinds))
  }

  private static let list = Command(
    "list", summary: "Lists the last events, the newest first.",
    discussion: "Kinds of events: \(kinds.joined(separator: ", ")).",
    options: [
      .integer("limit", "n", "How many.", in: 1...500, default: 50),
      .text(
        "event", "kind", "Only events of this kind.", repeatable: true, hint: .words(kinds)),
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
      if answer["events"]?.arrayValue?.isEmpty != false {
        for kind in kinds { try check(kind: kind) }
      }
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
    discussion: "All projects, or the one that --project names.",
    options: [
      .integer(
        "since", "n", "Starts behind the event of this number; 0 for the first.", in: 0...Int.max,
        defaultNote: "the last event"),
      .flag("once", "Ends when there are no more events for now."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let isOnce = invocation.flag("once")
      var cursor =
        try invocation.int("since").map { String($0) }
        ?? session.run("event_last").text("next_cursor")
      let project = invocation.globals.project.map { [("project", JSON.string($0))] } ?? []
      while !invocation.output.isClosed {
        let answer = try session.run(
          "event_list", [("after", .string(cursor)), ("limit", 500)] + project)
        cursor = answer.text("next_cursor")
        let events = answer["events"]?.arrayValue ?? []
        for event in events { show(event, invocation.output) }
        invocation.output.flush()
        guard events.isEmpty else { continue }
        if isOnce { break }
        // A store in this process is let go of, so that there is something to see.
        session.letOthersIn()
        sleep(1)
      }
      return 0
    }
  }

  private static func show(_ event: JSON, _ output: Console) {
    output.show(event) {
      // What makes a project is no event of a project yet: its row has the name.
      let made = event["data"]?["rows"]?.arrayValue?.first?.arrayValue?.last?.text("name") ?? ""
      let project = event.text("project").isEmpty ? made : event.text("project")
      output.line(
        "\(event.text("at"))  \(project)  \(event.text("type"))  "
          + (event["data"]?.text("message") ?? ""))
    }
  }
}
