public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Asks an agent whether it takes a task: until it says so, nobody else can claim it.
public struct TaskOffer: Mutation {
  public static let name = "task_offer"
  public static let summary =
    "Asks an agent whether it takes a task; until it answers, nobody else can claim it."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    agent = try fields.required("agent", "The agent that is asked; connect it first.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let agent = try changes.agent(agent)
    guard task.graph.owner.isEmpty else {
      throw HoldfastError(
        .alreadyClaimed, "Task is already claimed",
        details: [("holder", .string(task.graph.owner))])
    }
    guard task.graph.category == .open else {
      throw HoldfastError(
        .invalidTransition,
        "\(task.filename) is \(task.status): only a task that waits to be started is offered")
    }
    return .done(
      try changes.ended(
        try changes.set(
          task, as: .taskOffered,
          note: EventNote(
            "\(task.filename) offered to \(agent.name)",
            detail: JSONObject([("agent", .string(agent.name.text))]))
        ) { $0.graph.offeredTo = agent.name.text }))
  }
}

/// Takes an offered task: it is then for that agent, which can claim it.
public struct TaskAccept: Mutation {
  public static let name = "task_accept"
  public static let summary = "Says yes to an offered task: it is then for that agent to claim."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    agent = try fields.requiredCaller("agent", "The agent that was asked.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.answerOffer(of: target, by: agent, as: .taskAccepted) {
      $0.graph.assignee = agent.text
    }
  }
}

/// Says no to an offered task, which others can claim again.
public struct TaskDecline: Mutation {
  public static let name = "task_decline"
  public static let summary = "Says no to an offered task, which others can claim again."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID
  public let reason: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    agent = try fields.requiredCaller("agent", "The agent that was asked.")
    reason = try fields.value("reason", "Why not.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.answerOffer(of: target, by: agent, as: .taskDeclined, reason: reason) {
      $0.graph.reason = reason
    }
  }
}

extension Changes {
  /// Ends the offer of a task to an agent in one way or the other.
  fileprivate func answerOffer(
    of target: TaskTarget, by name: AgentID, as type: EventType, reason: String = "",
    _ body: (inout TaskEntry) -> Void
  ) throws -> WriteVerdict<TaskAnswer> {
    let task = try taskForWriting(target)
    let agent = try agent(name)
    guard UTF8Order.areSame(task.graph.offeredTo, name.text) else {
      throw HoldfastError(
        .notOwner, "\(task.filename) is not offered to \(name)",
        details: [("offered_to", .string(task.graph.offeredTo))])
    }
    let note = EventNote(
      "\(task.filename) \(type == .taskAccepted ? "accepted" : "declined") by \(name)"
        + (reason.isEmpty ? "" : ": \(reason)"),
      detail: JSONObject(
        [("agent", .string(name.text))]
          + (reason.isEmpty ? [] : [("reason", .string(reason))])))
    let answered = try change(task, as: type, by: name, note: note) { entry, _ in
      entry.graph.offeredTo = ""
      body(&entry)
    }
    try heartbeat(of: agent)
    return .done(try ended(answered))
  }
}

/// Adds tags to a task and takes others away.
public struct TaskLabel: Mutation {
  public static let name = "task_label"
  public static let summary = "Adds tags to a task and takes others away."
  public static let access = Access.write

  public let target: TaskTarget
  public let add: TagList
  public let remove: TagList

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    add = try fields.value("add", "Tags that it gets.", default: TagList.none)
    remove = try fields.value("remove", "Tags that it loses.", default: TagList.none)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let kept = task.graph.tags.tags.filter { !remove.contains($0) }
    let tags = try TagList(kept + add.tags, field: FieldPosition("add"))
    let labelled = try changes.changeColumns(of: task, "tags changed") { $0.graph.tags = tags }
    return .done(try changes.slimAnswer(labelled))
  }
}
