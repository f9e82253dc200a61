public import HoldfastDatabase
public import HoldfastModel

/// Renews the lease of a claim.
public struct TaskHeartbeat: Mutation {
  public static let name = "task_heartbeat"
  public static let summary = "Renews the lease of a claim, so that the task stays with its holder."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID
  public let fence: Int64?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    agent = try fields.requiredCaller("agent", "Who holds it.")
    fence = try fields.optional("fence", "The fence of the claim.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ClaimAnswer> {
    let task = try changes.taskForWriting(target)
    let agent = try changes.agent(agent)
    try changes.check(Holder(agent: agent.name, fence: fence), of: task)
    try changes.renew(task, at: try changes.transaction.leaseTime, isWhole: true)
    try changes.heartbeat(of: agent)
    return .done(try changes.claimAnswer(task.current(in: changes), agent, isHeld: true))
  }
}
