internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// Files that an agent wants, and who has them.
struct LockWish {
  let wanted: LockPaths
  /// The agent's own locks among them.
  let mine: [Lock]
  /// Locks of others whose lease has ended, which are no obstacle.
  let ended: [Lock]
  /// The locks of others that stand in the way.
  let conflicts: [LockAnswer]

  /// Refuses the wish when somebody stands in its way.
  static func refuse(_ conflicts: [LockAnswer]) throws(HoldfastError) {
    guard let first = conflicts.first else { return }
    throw HoldfastError(
      .lockConflict, LockTakeAnswer.warning(first.holder),
      details: [
        ("locked_by", .string(first.holder.text)),
        ("paths", .array(conflicts.map { .string($0.lock.path.text) })),
      ])
  }
}

extension Changes {
  /// Looks who has the files that an agent wants.
  func wish(_ wanted: LockPaths, of agent: Agent, in project: Int64) throws -> LockWish {
    let leaseTime = try transaction.leaseTime
    let held = try held(wanted, in: project)
    let others = held.filter { $0.lock.agent != agent.id }
    let conflicts = others.filter { !hasEnded($0, at: leaseTime) }
    return LockWish(
      wanted: wanted, mine: held.filter { $0.lock.agent == agent.id }.map(\.lock),
      ended: others.filter { hasEnded($0, at: leaseTime) }.map(\.lock),
      conflicts: try conflicts.map { try answer($0, at: leaseTime) })
  }

  /// Gives an agent all that it wants, once nobody stands in the way and the agent was heard of.
  ///
  /// - Returns: The agent's locks of these files, by path.
  func grant(
    _ wish: LockWish, to agent: Agent, in project: Int64, task: Int64?, reason: String
  ) throws -> [LockAnswer] {
    let leaseTime = try transaction.leaseTime
    try release(wish.ended, because: .expired)
    let mine = try wish.mine.map { try refresh($0, of: agent, task: task, reason: reason) }
    let known = Set(mine.map(\.path))
    let taken = try take(
      wish.wanted.paths.filter { !known.contains($0) }, for: agent, in: project, task: task,
      reason: reason)
    let leasedAt = try lastHeartbeat(of: agent)?.leasedAt
    return try (mine + taken).sorted { $0.path < $1.path }.map { lock in
      try answer(HeldLock(lock: lock, holder: agent.name, leasedAt: leasedAt), at: leaseTime)
    }
  }

  /// The lock of an agent that asks for it again: it keeps its fence, and says what it is for now.
  private func refresh(
    _ lock: Lock, of agent: Agent, task: Int64?, reason: String
  ) throws -> Lock {
    var refreshed = lock
    if let task { refreshed.boundTo = task }
    if !reason.isEmpty { refreshed.reason = reason }
    guard refreshed.values != lock.values else { return lock }
    try record(.locksChanged, project: lock.project, by: agent.name) { event in
      event.note = EventNote("\(agent.name) locked \(lock.path.text.legible) anew")
      try event.update(lock, to: refreshed)
    }
    return refreshed
  }
}
