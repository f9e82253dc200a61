internal import HoldfastDatabase
internal import HoldfastModel

/// A lock with what its row does not say.
struct HeldLock: Sendable {
  let lock: Lock
  let holder: AgentID
  /// When its lease began, in the store's lease time; nil once it has ended.
  let leasedAt: Int64?

  /// - Parameter row: Its columns are ``columns``.
  init(row: any Row) {
    let end = Lock.table.columns.count + 1
    lock = Lock(row: row)
    holder = AgentID(stored: row.text(end))
    leasedAt = row.optionalInt(end + 1)
  }

  init(lock: Lock, holder: AgentID, leasedAt: Int64?) {
    self.lock = lock
    self.holder = holder
    self.leasedAt = leasedAt
  }

  static let columns = "\(Lock.table.columnList), agents.name, heartbeats.leased_at"
  static let joins = """
    JOIN agents ON agents.id = locks.agent LEFT JOIN heartbeats ON heartbeats.id = locks.agent
    """
}

extension StoreView {
  // A seek in the index for each path, whatever a planner thinks of a table that it does not know.
  private static let held = DialectSQL { sql in
    let which = "project = ?1 AND \(sql.isText("path", "wanted.value")) LIMIT 1"
    return """
      SELECT \(HeldLock.columns)
      FROM \(sql.texts(of: "?2", as: "wanted")) \(sql.join("locks", firstWhere: which))
      \(HeldLock.joins) ORDER BY locks.path
      """
  }

  private static let ofAgent = Lookup<Lock>(by: ["agent"])
  private static let ofTask = Lookup<Lock>(by: ["bound_to"])

  /// Who holds which of these files, in the order of the paths.
  func held(_ paths: LockPaths, in project: Int64) throws -> [HeldLock] {
    try reading.all(
      Self.held[reading.dialect], [.int(project), paths.json], HeldLock.init(row:))
  }

  /// All locks of an agent, in the order in which it got them.
  func locks(of agent: Agent) throws -> [Lock] {
    try rows(Self.ofAgent, [.int(agent.id)]).sorted { $0.id < $1.id }
  }

  /// The locks that end with a task.
  func locks(ofTask task: Int64) throws -> [Lock] {
    try rows(Self.ofTask, [.int(task)]).sorted { $0.id < $1.id }
  }

  /// Whether the lease of a lock has ended, so that others may take it.
  func hasEnded(_ held: HeldLock, at leaseTime: Int64) -> Bool {
    guard let leasedAt = held.leasedAt else { return true }
    guard leasedAt + facts.settings.agentLease <= leaseTime else { return false }
    return heard(held.holder).map { $0 >= facts.settings.agentLease } ?? true
  }

  func answer(_ held: HeldLock, at leaseTime: Int64) throws -> LockAnswer {
    LockAnswer(
      lock: held.lock, holder: held.holder,
      task: try held.lock.boundTo.flatMap(taskRow).map(id(of:)),
      leaseUntil: held.leasedAt.map { leaseEnd(from: $0, at: leaseTime) })
  }
}
