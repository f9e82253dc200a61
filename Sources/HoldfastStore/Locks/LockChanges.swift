internal import HoldfastDatabase
internal import HoldfastModel

extension Changes {
  /// Gives files to an agent, which nobody holds.
  func take(
    _ paths: [LockPath], for agent: Agent, in project: Int64, task: Int64?, reason: String
  ) throws -> [Lock] {
    guard !paths.isEmpty else { return [] }
    let taken = try record(.locksTaken, project: project, by: agent.name) { event in
      let locks = try event.insert(
        all: paths.map { path in
          Lock(
            project: project, path: path, agent: agent.id, boundTo: task, reason: reason,
            lockedAt: now, fence: event.sequence)
        })
      event.note = EventNote("\(agent.name) locked \(Self.named(locks))")
      try tell(locks, .taken, reason: reason, event)
      return locks
    }
    try touchLocks(of: project)
    return taken
  }

  /// Ends locks, with an event that says so to all who watch them.
  ///
  /// - Parameters:
  ///   - reason: In the words of who ends them.
  ///   - agent: Who ends them, where that is an agent.
  func release(
    _ locks: [Lock], because cause: LockCause, reason: String = "", by agent: AgentID? = nil
  ) throws {
    let byProject = Dictionary(grouping: locks, by: \.project).sorted { $0.key < $1.key }
    for (project, locks) in byProject {
      try record(.locksReleased, project: project, by: agent) { event in
        event.note = EventNote("\(Self.named(locks)) released (\(cause.rawValue))")
        try event.delete(all: locks)
        try tell(locks, cause, reason: reason, event)
      }
      try touchLocks(of: project)
    }
  }

  /// Ends the locks that are bound to a task.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func releaseLocks(ofTask task: Int64, because cause: LockCause = .taskEnd) throws -> Int {
    let locks = try locks(ofTask: task)
    try release(locks, because: cause)
    return locks.count
  }

  /// Ends the locks of an agent in all projects.
  ///
  /// - Parameter isUnbound: Whether only those are meant that are bound to no task.
  /// - Returns: How many there were.
  @discardableResult
  func releaseLocks(
    of agent: Agent, because cause: LockCause, isUnbound: Bool = false
  ) throws -> Int {
    let locks = try locks(of: agent).filter { !isUnbound || $0.boundTo == nil }
    try release(locks, because: cause)
    return locks.count
  }

  /// Adds to the sequence of what happened to locks.
  private func tell(_ locks: [Lock], _ cause: LockCause, reason: String, _ event: Event) throws {
    try insert(
      allApart: locks.map {
        LockEvent($0, cause, reason: reason, sequence: event.sequence, at: now)
      })
  }

  /// Wakes those who wait for news of the project's locks, under whatever name they know it.
  func touchLocks(of project: Int64) throws {
    for name in try names(of: project) { touch(Lock.waitKey + name.text) }
  }

  /// The files of locks, for people.
  private static func named(_ locks: [Lock]) -> String {
    let first = locks.prefix(3).map { $0.path.text.legible }.joined(separator: ", ")
    return locks.count > 3 ? "\(first) and \(locks.count - 3) more" : first
  }
}
