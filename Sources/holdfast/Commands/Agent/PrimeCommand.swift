import HoldfastJSON
import HoldfastModel

/// `prime`: what an agent needs to know at the start of its session, or when its context was cut.
enum PrimeCommand {
  static func make() -> Command {
    Command(
      "prime", summary: "Prints what an agent needs at the start of its session.",
      discussion: """
        What the agent holds, with the last words about it; what is ready; and the commands to go on \
        with. Run it first, and again after the agent's context was compacted.
        """,
      examples: [
        Example("holdfast prime --agent ada", "Says where ada stands in this repository.")
      ],
      options: [TaskCommand.agentOption]
    ) { invocation in
      try Session.run(invocation) { session in
        var answer = try session.runInProject("orient", invocation.agentField)
        let held = answer["held"]?.arrayValue ?? []
        let briefs = try held.prefix(heldMax).map {
          try session.runInProject("task_brief", [("task", .string($0.text("id")))])
        }
        if case .object(var object) = answer {
          object.set("briefs", .array(briefs))
          answer = .object(object)
        }
        invocation.output.show(answer) {
          for line in lines(answer, held, briefs) { invocation.output.line(line) }
        }
        return 0
      }
    }
  }

  /// So many held tasks are told of with their last words.
  private static let heldMax = 5
  /// What one line says at most, in bytes: the whole stays below 1,500 tokens.
  private static let lineBytesMax = 200

  private static func lines(_ answer: JSON, _ held: [JSON], _ briefs: [JSON]) -> [String] {
    let summary = answer["summary"] ?? .null
    func count(_ key: String) -> Int64 { summary[key]?.int64Value ?? 0 }
    var lines = [
      "Project \(answer.text("project")): \(count("ready")) ready, \(count("blocked")) blocked, "
        + "\(count("held")) held, \(count("total_tasks")) in all."
    ]
    let agent = answer.text("agent")
    if agent.isEmpty { lines.append("You have no name yet: set HOLDFAST_AGENT, or pass --agent.") }
    if !held.isEmpty { lines.append("\(agent) holds:") }
    for (index, task) in held.prefix(heldMax).enumerated() {
      lines.append(
        short(
          "  \(task.text("id")) \(TaskCommand.called(task)) (\(task.text("status")), fence \(fence(task)))"
        ))
      guard index < briefs.count, let last = briefs[index]["comments"]?.arrayValue?.last else {
        continue
      }
      lines.append(short("    \(last.text("author")): \(last.text("text"))"))
    }
    if held.count > heldMax { lines.append("  and \(held.count - heldMax) more") }
    let ready = answer["ready"]?.arrayValue ?? []
    lines.append(ready.isEmpty ? "Nothing is ready: 'holdfast task next' says why." : "Ready:")
    lines += ready.map {
      short("  \($0.text("id")) \(TaskCommand.called($0)) (\($0.text("priority")))")
    }
    return lines + commands
  }

  private static let commands = [
    "Commands:",
    "  holdfast task claim                         take the best ready task ('task show ID' has its text)",
    "  holdfast task comment add ID TEXT           what the next one must know",
    "  holdfast task complete ID --reason RESULT   or 'task fail', 'task release'",
    "  holdfast task create --title TITLE          new work; --blocked-by ID makes it wait",
    "  holdfast task list --ready                  what else there is",
  ]

  private static func fence(_ task: JSON) -> String { task["fence"]?.renderedText() ?? "none" }

  /// The line without line breaks, and cut where it is long.
  private static func short(_ line: String) -> String {
    var text = line.replacing("\n", with: " ")
    guard text.utf8.count > lineBytesMax else { return text }
    text = String(text.prefix(lineBytesMax))
    while text.utf8.count > lineBytesMax { text.removeLast() }
    return text + "…"
  }
}
