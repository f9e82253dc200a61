internal import HoldfastDatabase
package import HoldfastModel

/// What happens to the signals of a task when it is made, renamed, deleted or restored.
///
/// A signal may come before its task: then only the name is known. A task takes over the signals that
/// wait for its name as soon as it has that name, so whatever happens to it happens to them.
extension Changes {
  private static let ofTask = SQL(
    "SELECT \(Signal.table.columnList) FROM signals WHERE signals.task = ?1 ORDER BY signals.id")
  private static let openOfTask = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.task = ?1 AND signals.status IN ('pending', 'processing')
    ORDER BY signals.id
    """)
  private static let openOfName = Lookup<Signal>(
    by: ["project", "plan_file"],
    where: [.isNull("task"), .isOneOf("status", ["pending", "processing"])])
  /// The signals that an event has patched.
  private static let ofEvent = DialectSQL { dialect in
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.id IN (
      SELECT CAST(patch.value ->> 1 AS BIGINT)
      FROM events, \(dialect.elements(of: "events.data", at: "rows", as: "patch"))
      WHERE events.seq = ?1 AND patch.value ->> 0 = 'signals')
    ORDER BY signals.id
    """
  }

  /// Whether no signal waits for a task of that name.
  func isAwaitedByNone(_ filename: TaskFilename, in project: Int64) throws -> Bool {
    try memory.isEmpty(Self.openOfName, [.int(project), .text(filename.text)], in: transaction)
  }

  /// Gives a task the signals that wait for its name.
  ///
  /// - Parameter event: The event by which the task got its name.
  package func bindSignals(
    to task: Int64, _ filename: TaskFilename, in project: Int64, _ event: Event
  ) throws {
    if try isAwaitedByNone(filename, in: project) { return }
    let waiting = try rows(Self.openOfName, [.int(project), .text(filename.text)])
    for signal in waiting.sorted(by: { $0.id < $1.id }) {
      var bound = signal
      bound.task = task
      try event.update(signal, to: bound)
    }
  }

  /// Gives the signals of a task its new name, and the task those that wait for that name.
  func moveSignals(of task: TaskEntry, to filename: TaskFilename, _ event: Event) throws {
    for signal in try reading.all(Self.ofTask, [.int(task.id)], Signal.init(row:)) {
      var moved = signal
      moved.planFile = filename.text
      try event.update(signal, to: moved)
    }
    try bindSignals(to: task.id, filename, in: task.project, event)
    // Somebody may wait for signals of the new name.
    try touchSignals(of: task.project)
  }

  /// Fails the signals of a task that is being deleted, also those that a worker has claimed.
  func endSignals(of task: TaskEntry, _ event: Event) throws {
    for signal in try reading.all(Self.openOfTask, [.int(task.id)], Signal.init(row:)) {
      try event.update(signal, to: signal.ended(as: .failed, result: "task deleted", at: now))
    }
  }

  /// Makes the signals pending again that ended with the deletion of their task, and gives the task
  /// those that came for its name since.
  func resumeSignals(of task: TaskEntry, _ event: Event) throws {
    // Nothing changes a deleted task, so its revision is its deletion.
    let ofEvent = Self.ofEvent[reading.dialect]
    for signal in try reading.all(ofEvent, [.int(task.revision)], Signal.init(row:)) {
      try event.update(signal, to: signal.pendingAgain())
    }
    try bindSignals(to: task.id, task.filename, in: task.project, event)
    try touchSignals(of: task.project)
  }
}
