public import HoldfastDatabase
public import HoldfastModel

/// Says that an agent is alive, which renews its lease.
public struct AgentHeartbeat: Mutation {
  public static let name = "agent_heartbeat"
  public static let summary = "Says that an agent is alive, so that it keeps what it holds."
  public static let access = Access.write

  public let agent: AgentID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    agent = try fields.required("agent", "The agent's id.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<AgentAnswer> {
    let agent = try changes.agent(agent)
    try changes.heartbeat(of: agent)
    return .done(try changes.answer(agent))
  }
}
