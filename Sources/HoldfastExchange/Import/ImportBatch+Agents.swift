internal import HoldfastModel
internal import HoldfastStore

/// Agents, the files that they hold, and what happened to files.
extension ImportBatch {
  func write(
    _ agent: ImportedAgent, _ changes: Changes, _ progress: inout Progress
  ) throws {
    let note = EventNote("agent \(agent.agent.name) imported", detail: agent.detail)
    progress.last =
      try changes.takeOver(agent.agent, seenAt: agent.seenAt, note) ?? progress.last
  }

  func write(
    _ imported: ImportedLockEvent, _ project: Int64, _ changes: Changes,
    _ progress: inout Progress
  ) throws {
    guard let agent = try changes.lastAgent(imported.agent) else { return }
    try changes.record(.imported, project: project) { event in
      event.note = EventNote("what happened to \(imported.path) imported")
      var line = imported.line
      line.id = event.sequence
      line.project = project
      try event.insert(line)
      try changes.tell(
        imported.path, of: agent, in: project, isTaken: imported.isTaken,
        reason: imported.line.message, at: imported.line.happenedAt, event)
      progress.last = event.sequence
      progress.lockEvents.append((imported.number, event.sequence))
    }
  }

  /// Notes how far an agent had read: to the last one that it knows, or before all of them.
  func setPosition(
    of name: AgentID, _ number: Int64, _ project: Int64, _ changes: Changes, _ progress: Progress
  ) throws {
    guard let first = progress.lockEvents.first, let agent = try changes.findAgent(name) else {
      return
    }
    let known = progress.lockEvents.last { $0.number <= number }?.sequence ?? first.sequence - 1
    try changes.setLockPosition(of: agent, in: project, to: known)
  }

  func write(
    _ lock: ImportedLock, _ project: Int64, _ changes: Changes, _ progress: inout Progress
  ) throws {
    guard let agent = try changes.findAgent(lock.agent) else { return }
    let task = try lock.task.flatMap { try existing($0, project, changes) }
    if let sequence = try changes.takeOver(
      lock.path, for: agent, in: project, task: task, reason: lock.reason, at: lock.lockedAt)
    {
      progress.last = sequence
    } else {
      progress.notes.add("the file \(lock.path) is held here already: its lock was left out")
    }
  }
}
