internal import HoldfastJSON

/// Answers of the task graph's tools as texts; ids are never shortened.
enum TaskGraphMarkdown {
  /// A task with what is known of it in a line each, and what it contains.
  static func text(of task: JSON) -> String {
    var text = "# \(word(task["title"]))\n\n"
    for member in task.objectValue?.members ?? []
    where !["title", "description", "children"].contains(member.key) && !isNothing(member.value) {
      text += "- \(member.key): \(word(member.value))\n"
    }
    if let description = task["description"]?.stringValue { text += "\n\(description)\n" }
    let children = task["children"]?.arrayValue ?? []
    if !children.isEmpty { text += "\n## Children\n\n" + lines(children, depth: 0) }
    return text
  }

  static func text(ofTasks page: JSON) -> String {
    let tasks = page["tasks"]?.arrayValue ?? []
    guard !tasks.isEmpty else { return "# Tasks\n\nNone.\n" }
    let more = page["next_cursor"].map { "\nMore with cursor \(word($0)).\n" } ?? ""
    return "# Tasks\n\n" + lines(tasks, depth: 0) + more
  }

  static func text(ofAgents agents: [JSON]) -> String {
    guard !agents.isEmpty else { return "# Agents\n\nNone.\n" }
    let lines = agents.map { agent in
      var line = "- `\(word(agent["id"]))`"
      if let name = agent["name"], !isNothing(name) { line += " \(word(name))" }
      line += ": \(word(agent["claim_count"])) of \(word(agent["max_claims"])) claims"
      if let tags = agent["tags"], !isNothing(tags) { line += ", tags \(word(tags))" }
      if let thought = agent["current_thought"], !isNothing(thought) {
        line += ", \(word(thought))"
      }
      return line + "\n"
    }
    return "# Agents\n\n" + lines.joined()
  }

  private static func lines(_ tasks: [JSON], depth: Int) -> String {
    tasks.map { task in
      var line = String(repeating: "  ", count: depth) + "- `\(word(task["id"]))` "
      line += "[\(word(task["status"]))] \(word(task["title"])) (\(word(task["priority"]))"
      if let owner = task["owner_agent"], !isNothing(owner) { line += ", held by \(word(owner))" }
      if let blockers = task["blocked_by"], !isNothing(blockers) {
        line += ", waits for \(word(blockers))"
      }
      return line + ")\n" + lines(task["children"]?.arrayValue ?? [], depth: depth + 1)
    }.joined()
  }

  private static func isNothing(_ value: JSON) -> Bool {
    switch value {
    case .null: true
    case .array(let elements): elements.isEmpty
    default: false
    }
  }

  /// A value in one line.
  private static func word(_ value: JSON?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text):
      text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        ? JSON.string(text).renderedText() : text
    case .array(let elements): elements.map(word).joined(separator: ", ")
    case .some(let other): other.renderedText()
    }
  }
}
