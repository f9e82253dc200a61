import HoldfastJSON
import HoldfastModel

extension TaskCommand {
  static let search = Command(
    "search", summary: "Finds tasks by their words, the best first.",
    discussion: """
      All words must be there. auth* finds words that begin so, "two words" those that stand side by \
      side; -draft behind -- leaves out tasks with that word. Case and diacritics do not count.
      """,
    examples: [
      Example("holdfast task search login 'auth*'", "Finds login and words that begin with auth."),
      Example("holdfast task search '\"rate limit\"'", "Finds two words side by side."),
    ],
    options: [
      .text(
        "status", "status", "Only tasks of this status.", repeatable: true,
        hint: .words(Workflow.builtInStatuses.map(\.text))),
      .text("topic", "topic", "Only tasks of this topic.", hint: CompleteCommand.topics),
      .integer("limit", "n", "At most this many tasks.", in: 1...100),
      .text("cursor", "cursor", "Where the page before ended."),
      .flag("all", "Looks through all projects."),
    ],
    arguments: [.repeating("words", "What to look for.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let statuses = invocation.list("status")
      for status in statuses { try session.check(status: status) }
      var fields: [(String, JSON)] = [
        ("q", .string(invocation.arguments("words").joined(separator: " ")))
      ]
      if !statuses.isEmpty { fields.append(("status", .array(statuses.map { .string($0) }))) }
      if let topic = invocation.text("topic") { fields.append(("topic", .string(topic))) }
      if let limit = invocation.int("limit") {
        fields.append(("limit", .number(.init(Int64(limit)))))
      }
      if let cursor = invocation.text("cursor") { fields.append(("cursor", .string(cursor))) }
      let isForAll = invocation.flag("all")
      let answer =
        isForAll
        ? try session.run("task_search", fields) : try session.runInProject("task_search", fields)
      invocation.output.show(answer) {
        for task in answer["tasks"]?.arrayValue ?? [] {
          let name = (isForAll ? task.text("project") + "/" : "") + task.text("filename")
          let title = task.text("title").isEmpty ? "" : "  \(task.text("title"))"
          invocation.output.line("\(task.text("status").padded(toScalars: 14)) \(name)\(title)")
          invocation.output.line("    \(plain(task.text("snippet")))")
        }
        if let cursor = answer["next_cursor"]?.stringValue {
          invocation.output.note("There are more: --cursor \(cursor)")
        }
      }
      return 0
    }
  }

  /// A snippet for a person at a terminal: what was looked for stands between asterisks.
  private static func plain(_ html: String) -> String {
    [
      ("<mark>", "*"), ("</mark>", "*"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""),
      ("&#39;", "'"), ("&amp;", "&"),
    ].reduce(html) { $0.replacing($1.0, with: $1.1) }
  }
}
