internal import HoldfastDatabase
internal import HoldfastModel

extension StoreView {
  private static let anyDue: SQL = """
    SELECT 1 WHERE EXISTS (SELECT 1 FROM tasks WHERE lease_until <= ?1)
      OR EXISTS (SELECT 1 FROM tasks WHERE deferred = 1 AND defer_until <= ?2)
    """

  /// Whether time has set a task free.
  func hasDueTasks(at leaseTime: Int64) throws -> Bool {
    try reading.exists(Self.anyDue, [.int(leaseTime), .int(reading.now)])
  }
}

extension Changes {
  /// Renews the lease of a claim.
  ///
  /// - Parameter isWhole: Whether it is renewed however much is left of it, and not only when a tenth is
  ///   gone.
  func renew(_ task: TaskEntry, at leaseTime: Int64, isWhole: Bool) throws {
    let length = task.graph.leaseSeconds * Self.second
    guard let until = task.graph.leaseUntil,
      isWhole || until - leaseTime < length - length / 10, until < leaseTime + length
    else { return }
    try adjust(task) { $0.graph.leaseUntil = leaseTime + length }
  }

  private static let ended = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.lease_until <= ?1 ORDER BY tasks.lease_until, tasks.id LIMIT \(sweepMax)
    """)
  private static let due = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.deferred = 1 AND tasks.defer_until <= ?1
    ORDER BY tasks.defer_until, tasks.id LIMIT \(sweepMax)
    """)

  /// Tasks that one write sets free at most; the next one goes on.
  private static var sweepMax: Int { 200 }
  private static let second: Int64 = 1_000_000_000

  /// Sets free what time has set free: claims whose lease has ended, and tasks that were put off until
  /// now.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func sweepTasks() throws -> Int {
    let leaseTime = try transaction.leaseTime
    // Up to the next whole second, so that one group after the other asks the same.
    let soon = (leaseTime / Self.second + 1) * Self.second
    let now = now.nanoseconds
    let soonByWall = (now / Self.second + 1) * Self.second
    var ended: [TaskEntry] = []
    var due: [TaskEntry] = []
    try together(
      {
        ended = try self.tasks(Self.ended, soon, unless: .noClaimEnded(by: leaseTime)) {
          $0.graph.leaseUntil.map { $0 <= leaseTime } ?? false
        }
      },
      {
        due = try self.tasks(Self.due, soonByWall, unless: .noneDue(by: now)) {
          $0.graph.deferUntil.map { $0.nanoseconds <= now } ?? false
        }
      })
    for task in ended {
      if isLive(task, at: leaseTime), let age = heard(AgentID(stored: task.graph.owner)) {
        try renew(task.current(in: self), at: leaseTime - age, isWhole: true)
      } else {
        try release(task, reason: "lease expired")
      }
    }
    for task in due {
      try adjust(task.current(in: self)) { $0.graph.deferred = false }
    }
    // No event of a task whose time has come moves it on.
    try settleEndings()
    return ended.count + due.count
  }

  /// Asks for tasks by a time, unless the group knows that there are none.
  private func tasks(
    _ sql: SQL, _ time: Int64, unless fact: RowMemory.Fact, where isIt: (TaskEntry) -> Bool
  ) throws -> [TaskEntry] {
    guard !memory.facts.contains(fact) else { return [] }
    var found: [TaskEntry] = []
    try transaction.ask(sql, [.int(time)]) { row in
      let task = TaskEntry(row: row)
      if isIt(task) { found.append(task) }
    }
    if found.isEmpty { memory.facts.insert(fact) }
    return found
  }
}
