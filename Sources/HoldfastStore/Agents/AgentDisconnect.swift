public import HoldfastDatabase
public import HoldfastModel

/// Takes an agent out of the store's fleet and frees what it holds.
public struct AgentDisconnect: Mutation {
  public static let name = "agent_disconnect"
  public static let summary = """
    Takes an agent out of the fleet and frees what it holds; nothing happens to an unknown one.
    """
  public static let access = Access.write

  public let agent: AgentID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    agent = try fields.required("agent", "The agent's id.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<AgentRelease> {
    guard let agent = try changes.findAgent(agent) else {
      return .done(AgentRelease(tasks: 0, files: 0, isUnknown: true))
    }
    let released = try changes.releaseWork(of: agent, because: .disconnect)
    try changes.forgetLease(of: agent)
    try changes.forgetLockPositions(of: agent)
    try changes.record(.agentDisconnected, project: nil, by: agent.name) { event in
      event.note = EventNote("agent \(agent.name) disconnected")
      var gone = agent
      gone.disconnectedAt = changes.now
      try event.update(agent, to: gone)
    }
    return .done(AgentRelease(tasks: released.tasks, files: released.files))
  }
}

extension Changes {
  /// The agent holds nothing any more.
  func forgetLease(of agent: Agent) throws {
    guard let last = try lastHeartbeat(of: agent) else { return }
    var ended = last
    ended.leasedAt = nil
    try write(apart: ended, over: last)
  }
}
