import HoldfastJSON
import HoldfastModel

/// Changes several tasks, or links between several, at once.
extension TaskCommand {
  static let many: [Command] = [update, link, unlink, assign, setID]

  private static let update = Command(
    "update", summary: "Changes tasks by one patch: those that are named, or that meet conditions.",
    discussion: """
      Up to 1,000 tasks; each is answered apart, unless --atomic asks for all or none. Exits with 4 when one of \
      them was refused.
      """,
    examples: [
      Example("holdfast task update k3m9qz p7x2aa --priority high", "Changes two tasks."),
      Example("holdfast task update --where-tag ui --assignee ada", "Changes all with a tag."),
    ],
    options: [
      agentOption, .text("title", "text", "What they are called."),
      .text("description", "text", "What they are about, in a line."),
      .text("status", "status", "One of their workflow's statuses."),
      .text("priority", "priority", "low, medium, high, critical, or 0 to 10."),
      .text("assignee", "agent", "The agent that they are for.", hint: CompleteCommand.agents),
      .text("phase", "text", "What kind of work they are."),
      .text("topic", "topic", "The topic that they belong to.", hint: CompleteCommand.topics),
      .integer("points", "n", "How large they are.", in: 0...Int.max),
      .integer("estimate-ms", "n", "How long they should take.", in: 0...Int.max),
      .text("due", "time", "When they should be done (RFC 3339)."),
      .text("defer-until", "time", "They are not ready before (RFC 3339)."),
      .text("tag", "tag", "All tags that they have then.", repeatable: true),
      .text("clear", "field", "A field to clear, such as assignee.", repeatable: true),
      .text("where-status", "status", "Those of this status.", repeatable: true),
      .choice(
        "where-category", "category", StatusCategory.allCases.map(\.name),
        "Those whose status means this.", repeatable: true),
      .text("where-topic", "topic", "Those of this topic.", hint: CompleteCommand.topics),
      .text("where-owner", "id", "Those that this agent holds.", hint: CompleteCommand.agents),
      .text(
        "where-parent", "file", "Those directly in this one; null for those in none.",
        hint: CompleteCommand.tasks),
      .text("where-tag", "tag", "Those with this tag.", repeatable: true),
      .flag("where-ready", "Those that can be claimed now."),
      .flag("where-blocked", "Those that wait for others."),
      .flag("atomic", "Changes nothing when one of them cannot be changed."),
      .flag("force", "Does it although other agents hold them."),
    ],
    arguments: [
      .repeating("file", "The tasks.", atLeast: 0, hint: CompleteCommand.tasks)
    ]
  ) { invocation in
    var patch = JSONObject(
      invocation.fields(
        "title", "description", "status", "assignee", "phase", "topic", "points", "estimate-ms",
        "due", "defer-until", "tag",
        names: ["estimate-ms": "time_estimate_ms", "due": "due_at", "tag": "tags"]))
    if let priority = invocation.text("priority") {
      patch.set(
        "priority", Int64(priority).map { .number(JSONNumber($0)) } ?? .string(priority))
    }
    for field in invocation.list("clear") { patch.set(field, .null) }
    let filter = invocation.fields(
      "where-status", "where-category", "where-topic", "where-owner", "where-parent", "where-tag",
      "where-ready", "where-blocked"
    ).map { (String($0.0.dropFirst("where_".count)), $0.1) }
    var fields: [(String, JSON)] = [("patch", .object(patch))]
    let tasks = invocation.arguments("file")
    if !tasks.isEmpty { fields.append(("tasks", .array(tasks.map { .string($0) }))) }
    if !filter.isEmpty { fields.append(("filter", .object(JSONObject(filter)))) }
    return try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_bulk_update",
        fields + invocation.agentField + invocation.fields("atomic", "force"))
      invocation.output.show(answer) {
        for result in answer["results"]?.arrayValue ?? [] where result["error"] != nil {
          invocation.output.line("refused: \(result.text("task")): \(result.text("error"))")
        }
        invocation.output.line("changed \(answer.count("updated_count", "task"))")
        invocation.output.showConsequences(of: answer)
      }
      invocation.output.showWarnings(of: answer)
      return answer["success"]?.boolValue == true ? 0 : HoldfastError.Code.conflict.exitCode
    }
  }

  private static let link = linking(
    "link", "Links each of some tasks with each of others.", "task_link", "created",
    Example("holdfast task link a b --to c", "c waits for a and b."),
    options: [
      .choice(
        "on-failure", "policy", FailurePolicy.allCases.map(\.rawValue),
        "What happens to the second when the first does not end well.")
    ])
  private static let unlink = linking(
    "unlink", "Takes links between tasks away.", "task_unlink", "removed",
    Example("holdfast task unlink a b --to c", "c no longer waits for a and b."))

  private static func linking(
    _ name: String, _ summary: String, _ operation: String, _ key: String, _ example: Example,
    options: [Option] = []
  ) -> Command {
    Command(
      name, summary: summary,
      discussion: """
        The first come first, or contain the others with --type contains. Each pair is answered apart, \
        unless --atomic asks for all or none. Exits with 4 when a pair was refused.
        """,
      examples: [example],
      options: [
        .text(
          "to", "file", "A task at the other end.", repeatable: true, required: true,
          hint: CompleteCommand.tasks),
        .choice(
          "type", "type", DependencyType.allCases.map(\.rawValue) + ["contains"],
          "What the links say.", default: DependencyType.blocks.rawValue),
        .flag("atomic", "Changes nothing when one of the pairs cannot be."),
      ] + options,
      arguments: [.repeating("file", "The tasks that come first.", hint: CompleteCommand.tasks)]
    ) { invocation in
      try Session.run(invocation) { session in
        var fields: [(String, JSON)] = [
          ("from", .array(invocation.arguments("file").map { .string($0) }))
        ]
        fields += invocation.fields("to", "type", "atomic")
        for option in options { fields += invocation.fields(option.name) }
        let answer = try session.runInProject(operation, fields)
        invocation.output.show(answer) {
          for pair in answer[key]?.arrayValue ?? [] {
            invocation.output.line(
              "\(key): \(pair.text("from")) \(answer.text("type")) \(pair.text("to"))")
          }
          for remark in (answer["warnings"]?.arrayValue ?? [])
            + (answer["errors"]?.arrayValue ?? [])
          {
            let pair = [remark.text("from"), remark.text("to")].filter { !$0.isEmpty }
            invocation.output.line("\(pair.joined(separator: " ")): \(remark.text("message"))")
          }
          invocation.output.showConsequences(of: answer)
        }
        return answer["success"]?.boolValue == true ? 0 : HoldfastError.Code.conflict.exitCode
      }
    }
  }

  private static let assign = Command(
    "assign", summary: "Assigns a task to an agent that could claim it now.",
    discussion: "'task update --assignee' does it without looking at what the task waits for.",
    examples: [Example("holdfast task assign k3m9qz ada", "From then on only ada can claim it.")],
    options: [.flag("force", "Takes it from others, and whatever it waits for.")],
    arguments: [file, .required("agent", "Whose task it shall be.", hint: CompleteCommand.agents)]
  ) { invocation in
    try Session.run(invocation) { session in
      let agent = invocation.argument("agent")
      let answer = try session.runInProject(
        "task_push",
        task(invocation) + [("agent", .string(agent))] + invocation.fields("force"))
      invocation.output.show(answer) {
        invocation.output.line("assigned to \(agent): \(answer.text("id")) \(called(answer))")
      }
      return 0
    }
  }

  private static let setID = Command(
    "set-id", summary: "Gives a task another id; edges, tags and history stay with it.",
    arguments: [file, .required("id", "The new id, unique in the store.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_set_id", task(invocation) + [("id", .string(invocation.argument("id")))])
      invocation.output.show(answer) {
        invocation.output.line("\(invocation.argument("file")) → \(answer.text("id"))")
      }
      return 0
    }
  }
}

extension Console {
  /// Says what the writer should know, beside the answer.
  func showWarnings(of answer: JSON) {
    for warning in answer["warnings"]?.arrayValue ?? [] {
      note("warning: \(warning.stringValue ?? "")")
    }
  }

  /// Says which tasks a change made ready, and which failed because of it.
  func showConsequences(of answer: JSON) {
    for (key, words) in [("unblocked", "now ready"), ("failed", "failed with it")] {
      let tasks = answer[key]?.arrayValue?.compactMap(\.stringValue) ?? []
      if !tasks.isEmpty { line("\(words): \(tasks.joined(separator: " "))") }
    }
  }
}
