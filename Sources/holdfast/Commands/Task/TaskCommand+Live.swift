import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// What goes on in tasks, what they cost and took, and who is asked to take them.
extension TaskCommand {
  static let live: [Command] = [
    progress, think, cost, time, comment, output, label, offer, accept, decline, history, stats,
  ]

  static let agentOption = Option.text(
    "agent", "id", "Who does it; else HOLDFAST_AGENT.", hint: CompleteCommand.agents)
  static let fenceOption = Option.integer(
    "fence", "number", "The fence of the claim.", in: 0...Int.max)
  static let forceOption = Option.flag(
    "force", "Does it although another agent holds the task.")

  /// The field with the task that a command is about.
  static func task(_ invocation: Invocation) -> [(String, JSON)] {
    [("task", .string(invocation.argument("file")))]
  }

  /// What people call a task.
  static func called(_ task: JSON) -> String {
    task.text("title").isEmpty ? task.text("filename") : task.text("title")
  }

  /// A length of time for people.
  static func length(_ milliseconds: JSON?) -> String {
    let milliseconds = milliseconds?.int64Value ?? 0
    guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
    let seconds = milliseconds / 1000
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  /// How far the work on a task is, in words; empty when nobody said.
  static func progress(_ task: JSON) -> String {
    guard let progress = task["progress"] else { return "" }
    var words: [String] = []
    if let percent = progress["percent"]?.int64Value { words.append("\(percent)%") }
    if let step = progress["step"]?.int64Value {
      words.append("step \(step)" + (progress["steps"]?.int64Value.map { " of \($0)" } ?? ""))
    }
    if progress["time_left_ms"] != nil {
      words.append("\(length(progress["time_left_ms"])) left")
    }
    let message = progress.text("message")
    return words.joined(separator: ", ")
      + (message.isEmpty ? "" : words.isEmpty ? message : ": \(message)")
  }

  private static let progress = Command(
    "progress", summary: "Says how far the work on a task is; what is left out stays.",
    examples: [
      Example("holdfast task progress k3m9qz --percent 40 --message 'tests'", "Says 40 %.")
    ],
    options: [
      agentOption, fenceOption, forceOption,
      .integer("percent", "n", "How much of it is done.", in: 0...100),
      .integer("step", "n", "Which step it is at.", in: 0...Int.max),
      .integer("steps", "n", "How many steps there are.", in: 0...Int.max),
      .text("message", "text", "What is going on."),
      .integer("time-left-ms", "n", "How long it may still take.", in: 0...Int.max),
    ], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_progress",
        task(invocation) + invocation.agentField
          + invocation.fields(
            "fence", "force", "percent", "step", "steps", "message", "time-left-ms"))
      invocation.output.show(answer) {
        invocation.output.line("\(answer.text("id")) \(called(answer)): \(progress(answer))")
      }
      return 0
    }
  }

  private static let think = Command(
    "think", summary: "Says what an agent is at, on the tasks that it holds; nothing clears it.",
    examples: [
      Example("holdfast task think 'reading the schema' --agent ada", "On all that ada holds.")
    ],
    options: [
      agentOption,
      .text(
        "task", "file", "Only on this task.", repeatable: true, hint: CompleteCommand.tasks),
      fenceOption,
    ], arguments: [.optional("thought", "What it is at.")]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_think",
        try invocation.requiredAgent("thinks")
          + [("thought", .string(invocation.optionalArgument("thought") ?? ""))]
          + invocation.fields("task", "fence", names: ["task": "tasks"]))
      invocation.output.show(answer) {
        invocation.output.line("noted on \(answer.count("updated_count", "task"))")
      }
      return 0
    }
  }

  private static let tokens = ["in", "cached", "out", "thinking", "image", "audio"]

  private static let cost = Command(
    "cost", summary: "Adds tokens and money to what a task has cost, and prints the totals.",
    examples: [
      Example("holdfast task cost k3m9qz --tokens-in 900 --usd 0.021", "Adds to the totals."),
      Example("holdfast task cost k3m9qz", "Prints the totals."),
    ],
    options: [agentOption]
      + tokens.map {
        .integer("tokens-\($0)", "n", "Tokens to add, of the kind \($0).", in: 0...Int.max)
      } + [
        .text("usd", "amount", "Dollars to add, exact to a millionth."),
        .text(
          "metric", "name=value", "Sets a number or a text of your own.", repeatable: true),
      ], arguments: [file]
  ) { invocation in
    var metrics = JSONObject()
    for word in invocation.list("metric") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw HoldfastError(.usage, "--metric takes name=value, not \(word.quoted)")
      }
      // What reads as JSON is that, anything else a text.
      let value = try? JSONReader.read(Array(parts[1].utf8))
      metrics.set(String(parts[0]), value ?? .string(String(parts[1])))
    }
    return try Session.run(invocation) { session in
      var fields = task(invocation) + invocation.agentField
      for kind in tokens { fields += invocation.fields("tokens-\(kind)") }
      fields += invocation.fields("usd", names: ["usd": "cost_usd"])
      if !metrics.members.isEmpty { fields.append(("user_metrics", .object(metrics))) }
      let totals = try session.runInProject("task_log_cost", fields)
      invocation.output.show(totals) { show(totals, invocation.output) }
      return 0
    }
  }

  private static func show(_ totals: JSON, _ output: Console) {
    for kind in tokens {
      let count = totals["tokens_\(kind)"]?.renderedText() ?? "0"
      output.line("tokens \(kind.padded(toScalars: 9)) \(count)")
    }
    output.line("dollars          \(totals["cost_usd"]?.renderedText() ?? "0")")
    for metric in totals["user_metrics"]?.objectValue?.members ?? [] {
      let value = metric.value.stringValue ?? metric.value.renderedText()
      output.line("\(metric.key.padded(toScalars: 16)) \(value)")
    }
  }

  private static let time = Command(
    "time", summary: "Adds time by hand to what a task has taken, and prints the total.",
    examples: [
      Example("holdfast task time k3m9qz --minutes 90", "Adds an hour and a half.")
    ],
    options: [agentOption]
      + ["minutes", "seconds", "ms"].map {
        .integer($0, "n", "How long, in \($0); what is given adds up.", in: 0...1_000_000_000)
      }, arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let milliseconds = [("minutes", 60_000), ("seconds", 1000), ("ms", 1)].reduce(0) {
        $0 + (invocation.int($1.0) ?? 0) * $1.1
      }
      let answer = try session.runInProject(
        "task_log_time",
        task(invocation) + invocation.agentField + [
          ("duration_ms", .number(JSONNumber(Int64(milliseconds))))
        ])
      invocation.output.show(answer) {
        invocation.output.line("\(length(answer["time_actual_ms"])) in all")
      }
      return 0
    }
  }

  // MARK: Tags and offers

  private static let label = Command(
    "label", summary: "Adds tags to a task and takes others away.",
    examples: [
      Example("holdfast task label k3m9qz --add ui --remove later", "Changes two tags.")
    ],
    options: [
      .text("add", "tag", "A tag that it gets.", repeatable: true),
      .text("remove", "tag", "A tag that it loses.", repeatable: true),
    ], arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "task_label", task(invocation) + invocation.fields("add", "remove"))
      invocation.output.show(answer) {
        let tags = answer["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        invocation.output.line("tags of \(answer.text("id")): \(tags.joined(separator: " "))")
      }
      return 0
    }
  }

  private static let offer = Command(
    "offer", summary: "Asks an agent whether it takes a task; until it answers nobody else can.",
    examples: [Example("holdfast task offer k3m9qz ada", "Asks ada.")],
    arguments: [file, .required("agent", "Who is asked.", hint: CompleteCommand.agents)]
  ) { invocation in
    try Session.run(invocation) { session in
      let agent = invocation.argument("agent")
      let answer = try session.runInProject(
        "task_offer", task(invocation) + [("agent", .string(agent))])
      invocation.output.show(answer) {
        invocation.output.line("offered to \(agent): \(answer.text("id")) \(called(answer))")
      }
      return 0
    }
  }

  private static let accept = answering(
    "accept", "Says yes to an offered task: it is then for that agent to claim.", "accepted")
  private static let decline = answering(
    "decline", "Says no to an offered task, which others can claim again.", "declined",
    options: [.text("reason", "text", "Why not.")])

  private static func answering(
    _ name: String, _ summary: String, _ word: String, options: [Option] = []
  ) -> Command {
    Command(
      name, summary: summary,
      examples: [Example("holdfast task \(name) k3m9qz --agent ada", "Answers for ada.")],
      options: [agentOption] + options, arguments: [file]
    ) { invocation in
      try Session.run(invocation) { session in
        var fields = try task(invocation) + invocation.requiredAgent("answers")
        for option in options { fields += invocation.fields(option.name) }
        let answer = try session.runInProject("task_\(name)", fields)
        invocation.output.show(answer) {
          invocation.output.line("\(word): \(answer.text("id")) \(called(answer))")
        }
        return 0
      }
    }
  }

  // MARK: What was

  private static let history = Command(
    "history", summary: "Prints through which statuses a task went, who held it, and how long.",
    arguments: [file]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject("task_history", task(invocation))
      invocation.output.show(answer) {
        var table = TextTable([
          .init("from"), .init("status"), .init("agent"), .init("reason", isFlexible: true),
        ])
        for step in answer["history"]?.arrayValue ?? [] {
          table.add([
            step.text("timestamp"), step.text("status"), step.text("worker_id"),
            step.text("reason"),
          ])
        }
        invocation.output.table(table)
        for time in answer["time_per_agent_ms"]?.objectValue?.members ?? [] {
          invocation.output.line("worked on by \(time.key): \(length(time.value))")
        }
        if let current = answer["current_duration_ms"] {
          invocation.output.line("at work for \(length(current))")
        }
      }
      return 0
    }
  }

  private static let stats = Command(
    "stats", summary: "Adds up the project's tasks: numbers, points, time, tokens and money.",
    examples: [
      Example("holdfast task stats --subtree epic", "Adds up a task and all that it contains.")
    ],
    options: [
      .text("agent", "id", "Only what has to do with this agent.", hint: CompleteCommand.agents),
      .text(
        "subtree", "file", "Only this task and all below it.", hint: CompleteCommand.tasks),
      .text("tag", "tag", "Only tasks with this tag."),
      .text("since", "time", "Only what was logged from then on (RFC 3339)."),
      .text("until", "time", "Only what was logged before then (RFC 3339)."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      let answer = try session.runInProject(
        "stats", invocation.fields("agent", "subtree", "tag", "since", "until"))
      invocation.output.show(answer) {
        let output = invocation.output
        output.line("tasks            \(answer["total_tasks"]?.renderedText() ?? "0")")
        for status in answer["by_status"]?.objectValue?.members ?? []
        where status.value.int64Value != 0 {
          output.line("  \(status.key.padded(toScalars: 14)) \(status.value.renderedText())")
        }
        let points = answer["points"]
        output.line(
          "points           \(points?["completed"]?.renderedText() ?? "0") of "
            + "\(points?["total"]?.renderedText() ?? "0")")
        output.line("time             \(length(answer["time"]?["actual_ms"]))")
        output.line("estimated        \(length(answer["time"]?["estimated_ms"]))")
        for kind in answer["tokens"]?.objectValue?.members ?? [] {
          output.line("tokens \(kind.key.padded(toScalars: 9)) \(kind.value.renderedText())")
        }
        output.line("dollars          \(answer["cost_usd"]?.renderedText() ?? "0")")
      }
      return 0
    }
  }
}
