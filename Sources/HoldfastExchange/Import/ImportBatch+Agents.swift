internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Agents, the files that they hold, and what happened to files.
extension ImportBatch {
  func write(
    _ agent: ImportedAgent, _ changes: Changes, _ progress: inout Progress
  ) throws {
    progress.last = try agent.write(changes) ?? progress.last
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

extension ImportedAgent {
  /// - Returns: The event that says it; nil when somebody made the agent meanwhile.
  fileprivate func write(_ changes: Changes) throws -> Int64? {
    let note = EventNote("agent \(agent.name) imported", detail: detail)
    return try changes.takeOver(agent, seenAt: seenAt, note)
  }
}

/// Writes the agents of a source that has no project.
struct AgentBatch: Mutation {
  static let name = "import_agents"
  static let summary = "Writes the agents of an import."
  static let access = Access.admin

  let agents: [ImportedAgent]

  init(_ agents: [ImportedAgent]) { self.agents = agents }

  init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "a part of an import is not read from a request")
  }

  func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ImportBatchAnswer> {
    var last: Int64 = 0
    for agent in agents { last = try agent.write(changes) ?? last }
    return .done(ImportBatchAnswer(lastSequence: last, notes: []))
  }
}
