public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Assigns a task to an agent that could claim it: from then on nobody else can.
public struct TaskPush: Mutation {
  public static let name = "task_push"
  public static let summary =
    "Assigns a task to an agent that could claim it now; from then on nobody else can."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID
  public let isForced: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    agent = try fields.required("agent", "Whose task it shall be; connect it first.")
    isForced = try fields.value(
      "force", "Takes it from its holder or assignee, and whatever it waits for.", default: false)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    var task = try changes.taskForWriting(target)
    let agent = try changes.agent(agent)
    let owner = task.graph.owner
    if UTF8Order.areSame(task.graph.assignee, agent.name.text),
      owner.isEmpty || UTF8Order.areSame(owner, agent.name.text)
    {
      return .done(try changes.ended(task))
    }
    let others = [owner, task.graph.assignee, task.graph.offeredTo].filter {
      !$0.isEmpty && !UTF8Order.areSame($0, agent.name.text)
    }
    if let other = others.first, !isForced {
      throw HoldfastError(
        .alreadyClaimed,
        "\(task.filename) is \(other == owner ? "held by" : "meant for") \(other): force takes it",
        details: [("holder", .string(other))])
    }
    guard task.graph.category == .open || !owner.isEmpty else {
      throw HoldfastError(
        .invalidTransition,
        "\(task.filename) is \(task.status): only a task that waits to be started is assigned")
    }
    try changes.checkTags(of: agent, for: task)
    if !isForced { try changes.checkIsReady(task) }
    if !owner.isEmpty, !UTF8Order.areSame(owner, agent.name.text) {
      task = try changes.release(task, reason: "assigned to \(agent.name)")
    }
    let note = EventNote(
      "\(task.filename) assigned to \(agent.name)",
      detail: JSONObject([("agent", .string(agent.name.text))]))
    let assigned = try changes.set(task, as: .taskChanged, note: note) {
      $0.graph.assignee = agent.name.text
      $0.graph.offeredTo = ""
    }
    return .done(try changes.ended(assigned.current(in: changes)))
  }
}
