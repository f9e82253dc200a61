internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

extension StoreView {
  private static let agentByName = Lookup<Agent>(
    by: ["name"], where: [.isNull("disconnected_at")])
  private static let heartbeatOfAgent = Lookup<Heartbeat>(by: ["id"])
  private static let tasksHeld: SQL = "SELECT count(*) FROM tasks WHERE owner = ?1 AND owner <> ''"

  private static let lastThought: SQL = """
    SELECT thought FROM tasks WHERE owner = ?1 AND owner <> '' AND thought <> ''
    ORDER BY revision DESC LIMIT 1
    """

  /// The connected agent of that id.
  public func findAgent(_ id: AgentID) throws -> Agent? {
    try first(Self.agentByName, [.text(id.text)])
  }

  /// What to say of a task that is for an agent: nobody may have its name, or not yet.
  func warnings(aboutAssignee agent: String) throws -> [String] {
    guard !agent.isEmpty, try first(Self.agentByName, [.text(agent)]) == nil else { return [] }
    return ["no agent \(agent.quoted) is connected: nobody can claim the task until one is"]
  }

  /// The agent, or the refusal that it is not connected.
  public func agent(_ id: AgentID) throws -> Agent {
    guard let agent = try findAgent(id) else { throw HoldfastError.agentNotFound(id) }
    return agent
  }

  /// When the agent was heard of last.
  func lastHeartbeat(of agent: Agent) throws -> Heartbeat? {
    try first(Self.heartbeatOfAgent, [.int(agent.id)])
  }

  /// How many tasks the agent holds.
  func claimCount(of agent: Agent) throws -> Int64 {
    try reading.first(Self.tasksHeld, [.text(agent.name.text)]) { $0.int(0) } ?? 0
  }

  /// What the agent said last on one of the tasks that it holds.
  private func lastThought(of agent: Agent) throws -> String? {
    try reading.first(Self.lastThought, [.text(agent.name.text)]) { $0.text(0) }
  }

  /// The agent as it is answered.
  ///
  /// - Parameter leaseTime: The store's lease time.
  func answer(_ agent: Agent, _ heartbeat: Heartbeat?, at leaseTime: Int64) throws -> AgentAnswer {
    let count = try claimCount(of: agent)
    let thought = try count > 0 ? lastThought(of: agent) : nil
    return AgentAnswer(
      agent: agent, claimCount: count, thought: thought ?? "",
      lastHeartbeat: [heartbeat?.seenAt, lastCall(of: agent)].compactMap(\.self).max(),
      leaseUntil: heartbeat?.leasedAt.map { leaseEnd(from: $0, at: leaseTime) })
  }

  /// When this process heard of the agent last; nil when it did not since the agent has connected.
  private func lastCall(of agent: Agent) -> Timestamp? {
    let time = facts.heard.lastTime(of: agent.name).map(Timestamp.init(nanoseconds:))
    return time.flatMap { $0 > agent.registeredAt ? $0 : nil }
  }

  /// About when a lease of an agent ends by the wall clock.
  func leaseEnd(from leasedAt: Int64, at leaseTime: Int64) -> Timestamp {
    Timestamp(nanoseconds: reading.now + leasedAt + facts.settings.agentLease - leaseTime)
  }
}

extension StoreSettings {
  /// The lease of an agent, in nanoseconds.
  var agentLease: Int64 { agentLeaseSeconds * 1_000_000_000 }
}

extension Changes {
  /// The agent as it is answered, as of this transaction.
  func answer(_ agent: Agent) throws -> AgentAnswer {
    try answer(agent, lastHeartbeat(of: agent), at: transaction.leaseTime)
  }

  /// Notes that the agent was heard of, which renews its lease and with it those of its locks and
  /// claims.
  ///
  /// No event. Each is written at most once per tenth of the lease, so a lease ends between nine tenths
  /// of its length and the whole after the agent was heard of last.
  ///
  /// - Parameter age: How long ago it was heard of, in nanoseconds.
  public func heartbeat(of agent: Agent, heard age: Int64 = 0) throws {
    let leaseTime = try transaction.leaseTime - age
    var last: Heartbeat?
    var hasOldLease = false
    try together(
      { last = try self.lastHeartbeat(of: agent) },
      { hasOldLease = try self.hasOldLease(agent, at: leaseTime) })
    if hasOldLease {
      for task in try rows(Self.tasksOfOwner, [.text(agent.name.text)]) {
        try renew(task, at: leaseTime, isWhole: false)
      }
    }
    if let leasedAt = last?.leasedAt, leaseTime - leasedAt < facts.settings.agentLease / 10 {
      return
    }
    try write(
      apart: Heartbeat(
        id: agent.id, seenAt: Timestamp(nanoseconds: transaction.now - age), leasedAt: leaseTime),
      over: last)
  }

  private static let oldLease = SQL(
    """
    SELECT 1 FROM tasks
    WHERE owner = ?1 AND owner <> '' AND \(GraphColumns.leaseIsOld) < ?2 LIMIT 1
    """)

  /// Whether a tenth of one of the agent's claims is over, or will be within a second.
  private func hasOldLease(_ agent: Agent, at leaseTime: Int64) throws -> Bool {
    // Up to the next whole second, so that one group after the other asks the same.
    let soon = (leaseTime / 1_000_000_000 + 1) * 1_000_000_000
    var isThere = false
    try transaction.ask(Self.oldLease, [.text(agent.name.text), .int(soon)]) { _ in isThere = true }
    return isThere
  }

  /// Ends everything that the agent holds.
  ///
  /// - Returns: How many tasks and files it held.
  func releaseWork(of agent: Agent, because cause: LockCause) throws -> (tasks: Int, files: Int) {
    let claimed = try rows(Self.tasksOfOwner, [.text(agent.name.text)])
    for task in claimed {
      try release(task, reason: cause == .disconnect ? "agent disconnected" : "lease expired")
    }
    return (tasks: claimed.count, files: try releaseLocks(of: agent, because: cause))
  }
}

extension HoldfastError {
  /// The refusal for an agent that is not connected.
  static func agentNotFound(_ id: AgentID) -> HoldfastError {
    HoldfastError(
      .agentNotFound, "Agent not found: \(id.text.quoted); connect it first",
      details: [("agent", .string(id.text))])
  }
}
