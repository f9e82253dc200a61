import HoldfastJSON
import HoldfastModel

/// `prime`: what an agent needs to know at the start of its session, or when its context was cut.
enum PrimeCommand {
  static func make() -> Command {
    Command(
      "prime", summary: "Prints what an agent needs at the start of its session.",
      discussion: """
        What the agent holds, with the last words about it; what is ready; and the commands to go on \
        with, in at most 1,500 tokens; --json says the same, cut to as much. Run it first, and again \
        after the agent's context was compacted: the hook of 'holdfast init' does so.
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
        invocation.output.show(fitted(answer)) {
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

  /// What the JSON takes at most, in bytes: four of them are about a token.
  private static let bytesMax = 4 * 1_500
  /// What is left of texts, in bytes, and of lists, step by step until the whole fits.
  private static let steps = [(1_000, 10), (400, 5), (200, 3), (100, 2), (60, 1)]
  /// What is not cut, because something is called by it.
  private static let names = ["id", "filename", "agent", "project"]

  /// The answer with its texts and lists cut where it is long, and a word about it.
  private static func fitted(_ answer: JSON) -> JSON {
    guard answer.rendered().count > bytesMax else { return answer }
    var shorter = answer
    for (text, list) in steps {
      shorter = shortened(answer, text, list)
      if case .object(var object) = shorter {
        object.set("shortened", true)
        shorter = .object(object)
      }
      if shorter.rendered().count <= bytesMax { break }
    }
    return shorter
  }

  private static func shortened(_ json: JSON, _ text: Int, _ list: Int) -> JSON {
    switch json {
    case .string(let string): return .string(short(string, text))
    case .array(let elements):
      // The newest stand at the end.
      return .array(elements.suffix(list).map { shortened($0, text, list) })
    case .object(let object):
      return .object(
        JSONObject(
          object.members.map { member in
            let isName = names.contains(member.key)
            return (member.key, isName ? member.value : shortened(member.value, text, list))
          }))
    default: return json
    }
  }

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
    lines.append("Commands:")
    // Who is not known may not claim.
    if !agent.isEmpty, answer["connected"] == false {
      let command = "  holdfast agent connect \(shellWord(agent))"
      lines.append(command.padded(to: 43) + "   first, and once: only who is known may claim")
    }
    return lines + commands
  }

  /// The text as one word of the shell.
  private static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte >= 0x80 || "-_.:/@+=,".utf8.contains(byte)
        || Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
    }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  private static let commands = [
    "  holdfast task claim                         take the best ready task ('task show ID' has its text)",
    "  holdfast task comment add ID TEXT           what the next one must know",
    "  holdfast task complete ID --reason RESULT   or 'task fail', 'task release'",
    "  holdfast task create --title TITLE          new work; --blocked-by ID makes it wait",
    "  holdfast task list --ready                  what else there is",
  ]

  private static func fence(_ task: JSON) -> String { task["fence"]?.renderedText() ?? "none" }

  /// The line without line breaks, and cut where it is long.
  private static func short(_ line: String) -> String {
    short(line.replacing("\n", with: " "), lineBytesMax)
  }

  /// The text, cut where it takes more bytes.
  private static func short(_ line: String, _ bytesMax: Int) -> String {
    guard line.utf8.count > bytesMax else { return line }
    var text = String(line.prefix(bytesMax))
    while text.utf8.count > bytesMax { text.removeLast() }
    return text + "…"
  }
}
