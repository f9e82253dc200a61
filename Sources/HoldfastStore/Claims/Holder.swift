internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Who changes a task that somebody may hold.
public struct Holder: Sendable {
  /// nil for a user, who may do what a holder may.
  public let agent: AgentID?
  /// The number of the claim that the caller thinks it has; nil when it does not say.
  public let fence: Int64?
  /// Whether it is done although somebody else holds the task.
  public let isForced: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    agent = try fields.caller(
      "agent", "Who does it. Without it a person does, who may also end what an agent holds.")
    fence = try fields.optional("fence", "The fence of the claim under which it is done.")
    isForced = try fields.value(
      "force", "Whether it is done although another one holds the task.", default: false)
  }

  init(agent: AgentID?, fence: Int64? = nil, isForced: Bool = false) {
    self.agent = agent
    self.fence = fence
    self.isForced = isForced
  }
}

extension Changes {
  /// Refuses a change by one who does not hold the task, or held it under an earlier claim.
  ///
  /// An agent must hold it, a user may do it when nobody with a fence of its own does. A lease that has
  /// ended does not matter while nobody else has taken the task.
  func check(_ holder: Holder, of task: TaskEntry) throws {
    if let fence = holder.fence, fence != task.graph.fence || task.graph.owner.isEmpty {
      throw try notOwner(holder, task)
    }
    guard let agent = holder.agent else { return }
    if !holder.isForced, task.graph.owner != agent.text { throw try notOwner(holder, task) }
    if holder.isForced { _ = try self.agent(agent) }
  }

  /// Refuses a write under a claim that was not the last one.
  func checkFence(_ holder: Holder, of task: TaskEntry) throws {
    if let fence = holder.fence, fence != task.graph.fence { throw try notOwner(holder, task) }
  }

  /// As ``checkFence(_:of:)``, and a write under a claim that ended before the task did.
  ///
  /// What is written to an ended task under its last claim is a call that is repeated, or late news.
  func checkClaim(_ holder: Holder, of task: TaskEntry) throws {
    try checkFence(holder, of: task)
    if holder.fence != nil, task.graph.owner.isEmpty, !task.graph.category.isFinal {
      throw try notOwner(holder, task)
    }
  }

  /// Refuses a change of the status by an agent that is not there, or while another one holds the task.
  func checkNotHeldByAnother(_ holder: Holder, _ task: TaskEntry) throws {
    try checkClaim(holder, of: task)
    guard let agent = holder.agent else { return }
    if !holder.isForced, !task.graph.owner.isEmpty, task.graph.owner != agent.text {
      throw try notOwner(holder, task)
    }
    _ = try self.agent(agent)
  }

  /// Refuses to open an ended task again under the claim that it ended.
  func checkMayReopen(_ holder: Holder, _ task: TaskEntry) throws {
    if holder.fence != nil, task.graph.owner.isEmpty { throw try notOwner(holder, task) }
    try checkNotHeldByAnother(holder, task)
  }

  /// The refusal of a write by one who does not hold the task, which says what is in the way.
  private func notOwner(_ holder: Holder, _ task: TaskEntry) throws -> HoldfastError {
    let owner = task.graph.owner
    let reason: String
    if let agent = holder.agent, try findAgent(agent) == nil {
      reason = "\(agent) is not connected: connect it, then claim the task"
    } else if owner.isEmpty {
      reason = "nobody holds it: claim it first"
    } else if let agent = holder.agent, owner != agent.text {
      reason = "\(owner) holds it"
    } else {
      reason =
        "the fence \(holder.fence ?? 0) is not that of the claim by \(owner), which is "
        + "\(task.graph.fence)"
    }
    var details: [(String, JSON)] = []
    if !owner.isEmpty { details.append(("holder", .string(owner))) }
    return HoldfastError(
      .notOwner, "Task is not owned by this agent: \(reason)", details: details)
  }
}
