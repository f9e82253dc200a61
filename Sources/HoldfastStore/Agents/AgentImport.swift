internal import HoldfastDatabase
package import HoldfastModel

extension StoreView {
  private static let lastAgent = SQL(
    """
    SELECT \(Agent.table.columnList) FROM agents WHERE agents.name = ?1
    ORDER BY agents.id DESC LIMIT 1
    """)

  /// The agent of that name that was connected last, which may have gone.
  package func lastAgent(_ name: AgentID) throws -> Agent? {
    if let agent = try findAgent(name) { return agent }
    return try reading.first(Self.lastAgent, [.text(name.text)], Agent.init(row:))
  }

  /// Whether an agent of another store is known here; one that has gone there may have gone here.
  package func isKnown(_ agent: Agent) throws -> Bool {
    try agent.disconnectedAt == nil ? findAgent(agent.name) != nil : lastAgent(agent.name) != nil
  }
}

/// What an import brings of agents and of the files that they locked.
extension Changes {
  /// Makes an agent known that another store knew; one that is connected here stays as it is.
  ///
  /// - Parameters:
  ///   - agent: What is known of it, `joined` apart; one that has gone has a time of that.
  ///   - seenAt: When it was heard of last.
  ///   - note: What the history says.
  /// - Returns: The number of the event; nil when the agent was known.
  package func takeOver(_ agent: Agent, seenAt: Timestamp?, _ note: EventNote) throws -> Int64? {
    guard try !isKnown(agent) else { return nil }
    return try record(.imported, project: nil) { event in
      event.note = note
      var agent = agent
      agent.joined = event.sequence
      try event.insert(&agent)
      if agent.disconnectedAt == nil {
        // Its lease has ended: it holds nothing here until it is heard of.
        try write(
          apart: Heartbeat(id: agent.id, seenAt: seenAt ?? agent.registeredAt, leasedAt: nil),
          over: nil)
      }
      return event.sequence
    }
  }

  private static let lock: SQL = "SELECT 1 FROM locks WHERE project = ?1 AND path = ?2"

  /// Gives a file to an agent that held it elsewhere, whose lease begins anew.
  ///
  /// - Returns: The number of the event; nil when somebody holds the file here.
  package func takeOver(
    _ path: LockPath, for agent: Agent, in project: Int64, task: Int64?, reason: String,
    at time: Timestamp
  ) throws -> Int64? {
    guard !(try reading.exists(Self.lock, [.int(project), .text(path.text)])) else { return nil }
    let sequence = try record(.imported, project: project) { event in
      event.note = EventNote("the lock of \(path) by \(agent.name) imported")
      try event.insert(
        Lock(
          project: project, path: path, agent: agent.id, boundTo: task, reason: reason,
          lockedAt: time, fence: event.sequence))
      try tell(path, of: agent, in: project, isTaken: true, reason: reason, at: now, event)
      return event.sequence
    }
    // Its lease begins anew; when it was heard of stays as it is.
    let last = try lastHeartbeat(of: agent)
    try write(
      apart: Heartbeat(
        id: agent.id, seenAt: last?.seenAt ?? agent.registeredAt, leasedAt: transaction.leaseTime),
      over: last)
    return sequence
  }

  /// Adds to the sequence of what happened to files what happened elsewhere.
  ///
  /// - Parameter event: The event that says so.
  package func tell(
    _ path: LockPath, of agent: Agent, in project: Int64, isTaken: Bool, reason: String,
    at time: Timestamp, _ event: Event
  ) throws {
    let lock = Lock(
      project: project, path: path, agent: agent.id, boundTo: nil, reason: reason, lockedAt: time,
      fence: 0)
    try insert(
      allApart: [
        LockEvent(
          lock, isTaken ? .taken : .release, reason: reason, sequence: event.sequence, at: time)
      ])
  }

  /// Notes how far an agent had read what happened to all files of a project.
  package func setLockPosition(of agent: Agent, in project: Int64, to place: Int64) throws {
    let known = try lockPosition(of: agent, in: project, "")
    guard known == nil else { return }
    try setLockPosition(of: agent, in: project, "", from: nil, to: place)
  }
}
