import HoldfastJSON
import HoldfastModel

/// Looks at the task graph from a little further away.
extension TaskCommand {
  static let views: [Command] = [next, summary, rollup, neighbours, graphCommand, criticalPath]

  private static let next = Command(
    "next", summary: "Says what to do now and why; it claims nothing.",
    discussion: """
      That is what the agent holds already; else the most urgent task that it can claim; else the task \
      that keeps the most urgent of the blocked ones from starting. Exits with 3 when there is nothing.
      """,
    examples: [Example("holdfast task next --agent ada", "Says what ada should do.")],
    options: [agentOption]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("task_next", invocation.agentField)
      invocation.output.show(answer) {
        if let task = answer["task"] {
          invocation.output.line(
            "\(answer.text("kind")): \(task.text("id")) \(called(task)) (\(task.text("status")))")
        }
        invocation.output.line(answer.text("reason"))
      }
      return answer["task"] == nil ? HoldfastError.Code.notFound.exitCode : 0
    }
  }

  private static let rollup = Command(
    "rollup", summary: "Says how a task stands by the tasks inside it.", arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("task_rollup", task(invocation))
      invocation.output.show(answer) {
        let counts = (answer["by_category"]?.objectValue?.members ?? []).map {
          "\($0.value.renderedText()) \($0.key)"
        }
        let status = answer["rollup"]?.stringValue ?? answer.text("category")
        invocation.output.line(
          "\(answer.text("task")) \(status)"
            + (counts.isEmpty ? "" : ": \(counts.joined(separator: ", "))"))
      }
      return 0
    }
  }

  private static let summary = Command(
    "summary", summary: "Counts the project's tasks: by status, ready, blocked, and by agent."
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("task_summary")
      invocation.output.show(answer) {
        func line(_ name: String, _ count: JSON?) {
          invocation.output.line(
            "\(name.padded(toScalars: 16)) \(count?.renderedText() ?? "0")")
        }
        for key in ["total_tasks", "ready", "blocked", "held"] {
          line(key == "total_tasks" ? "tasks" : key, answer[key])
        }
        for status in answer["by_status"]?.objectValue?.members ?? [] {
          line("  \(status.key)", status.value)
        }
        for agent in answer["by_agent"]?.objectValue?.members ?? [] {
          line("held by \(agent.key)", agent.value)
        }
      }
      return 0
    }
  }

  private static let neighbours = Command(
    "neighbours", aliases: ["scan"],
    summary: "Shows what stands before and behind a task, above and below it.",
    options: [
      .integer(
        "limit", "n", "At most this many in each direction.", in: 1...1000, defaultNote: "100")
    ], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_neighbours", task(invocation) + invocation.fields("limit"))
      invocation.output.show(answer) {
        for direction in ["before", "after", "above", "below"] {
          for task in answer[direction]?.arrayValue ?? [] {
            invocation.output.line(
              "\(direction.padded(toScalars: 7)) \(task.text("id")) \(called(task)) "
                + "(\(task.text("status")), \(task.text("kind")))")
          }
        }
        let cut = answer["truncated"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if !cut.isEmpty { invocation.output.note("There are more: \(cut.joined(separator: " "))") }
      }
      return 0
    }
  }

  private static let scope: [Option] = [
    .flag("open", "Only tasks that have not ended."),
    .integer("limit", "n", "At most this many tasks.", in: 1...5000, defaultNote: "1000"),
  ]
  private static let top = Argument.optional(
    "file", "Only this task and all that it contains.", hint: CompleteCommand.tasks)

  private static func scopeFields(_ invocation: Invocation) -> [(String, JSON)] {
    invocation.optionalArgument("file").map { [("task", .string($0))] } ?? []
  }

  private static let graphCommand = Command(
    "graph", summary: "Draws the tasks of the project, or below one, with all edges between them.",
    examples: [
      Example("holdfast task graph epic --format mermaid", "For Markdown."),
      Example("holdfast task graph --format dot > plan.dot", "For Graphviz."),
    ],
    options: [
      .choice(
        "format", "format", GraphFormat.allCases.map(\.rawValue), "What to draw for.",
        default: GraphFormat.mermaid.rawValue)
    ] + scope, arguments: [top]
  ) { invocation in
    try Session.run(invocation) { session in
      // Who asks for JSON gets values, unless a drawing is asked for, too.
      let format = invocation.output.isJSON && !invocation.isGiven("format") ? [] : ["format"]
      let answer = try session.runInProject(
        "task_graph",
        scopeFields(invocation) + invocation.fields("open", "limit")
          + format.flatMap { invocation.fields($0) })
      if answer["content"] == nil {
        invocation.output.json(answer)
      } else {
        invocation.output.show(answer) { invocation.output.text(answer.text("content")) }
      }
      if answer["truncated"]?.boolValue == true {
        invocation.output.note("There are more: --limit shows up to 5000.")
      }
      return 0
    }
  }

  private static let criticalPath = Command(
    "critical-path",
    summary: "Prints the longest chain of open tasks, by their estimates, then by their number.",
    options: [
      .integer("limit", "n", "Looks at this many tasks.", in: 1...5000, defaultNote: "5000")
    ], arguments: [top]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_graph",
        [("open", true), ("limit", .number(JSONNumber(Int64(invocation.int("limit") ?? 5000))))]
          + scopeFields(invocation))
      let tasks = answer["tasks"]?.arrayValue ?? []
      let path = (answer["critical_path"]?.arrayValue ?? []).compactMap { id in
        tasks.first { $0["id"] == id }
      }
      let shown = JSONObject([
        ("critical_path", .array(path)), ("critical_path_ms", answer["critical_path_ms"] ?? 0),
        ("truncated", answer["truncated"] ?? false),
      ])
      invocation.output.show(.object(shown)) {
        for task in path {
          let estimate = task["time_estimate_ms"].map { ", \(length($0))" } ?? ""
          invocation.output.line(
            "\(task.text("id")) \(called(task)) (\(task.text("status"))\(estimate))")
        }
        invocation.output.line(
          "\(path.count.of("task")), \(length(answer["critical_path_ms"])) by their estimates")
      }
      if answer["truncated"]?.boolValue == true {
        invocation.output.note("There are more tasks than were looked at.")
      }
      return 0
    }
  }
}
