internal import HoldfastDatabase
internal import HoldfastModel

/// What happens to the signals of a task when it is renamed, deleted or restored.
extension Changes {
  private static let ofTask = SQL(
    "SELECT \(Signal.table.columnList) FROM signals WHERE signals.task = ?1")
  private static let pendingOfTask = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.task = ?1 AND signals.status = 'pending'
    """)
  private static let endedOfTask = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.task = ?1 AND signals.status = 'failed' AND signals.result = ?2
    """)
  private static let pendingOfNoTask = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.plan_file = ?2 AND signals.status = 'pending'
      AND signals.task IS NULL
    """)

  private static let taskDeleted = "task deleted"

  /// Gives the signals of a task its new name: its own, and those that waited for the name.
  func moveSignals(of task: TaskEntry, to filename: TaskFilename, _ event: Event) throws {
    let own = try reading.all(Self.ofTask, [.int(task.id)], Signal.init(row:))
    let waiting = try reading.all(
      Self.pendingOfNoTask, [.int(task.project), .text(task.filename.text)], Signal.init(row:))
    for signal in own + waiting {
      var moved = signal
      moved.planFile = filename.text
      try event.update(signal, to: moved)
    }
    // Somebody may wait for signals of the new name.
    try touchSignals(of: task.project)
  }

  /// Fails the pending signals of a task that is being deleted.
  func endPendingSignals(of task: TaskEntry, _ event: Event) throws {
    for signal in try reading.all(Self.pendingOfTask, [.int(task.id)], Signal.init(row:)) {
      var ended = signal
      ended.status = .failed
      ended.result = Self.taskDeleted
      ended.processedAt = now
      try event.update(signal, to: ended)
    }
  }

  /// Makes the signals pending again that ended with the deletion of their task.
  func resumeSignals(of task: TaskEntry, _ event: Event) throws {
    let values: [SQLValue] = [.int(task.id), .text(Self.taskDeleted)]
    for signal in try reading.all(Self.endedOfTask, values, Signal.init(row:)) {
      var resumed = signal
      resumed.status = .pending
      resumed.result = ""
      resumed.processedAt = nil
      try event.update(signal, to: resumed)
    }
    try touchSignals(of: task.project)
  }
}
