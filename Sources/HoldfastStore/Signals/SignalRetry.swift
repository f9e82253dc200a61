public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Makes a failed signal pending again, with all its attempts before it.
public struct SignalRetry: Mutation {
  public static let name = "signal_retry"
  public static let summary =
    "Makes a failed signal pending again, as if it had never been claimed."
  public static let access = Access.write

  public let project: ProjectName
  public let id: SignalID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    id = try fields.required("id", "The signal's number.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SignalAnswer> {
    let signal = try changes.signal(id, in: project)
    switch signal.status {
    case .pending: return .done(SignalAnswer(signal, project: project))
    case .processing, .done:
      throw HoldfastError(
        .conflict,
        "signal \(signal.id) is \(signal.status.rawValue): only a failed signal can be retried",
        details: [("status", .string(signal.status.rawValue))])
    case .failed: break
    }
    let task = try changes.livingTask(of: signal)
    let retried = try changes.record(.signalRetried, project: signal.project, task: task) { event in
      var retried = signal.pendingAgain()
      retried.task = task
      retried.attempts = 0
      event.note = EventNote("signal \(signal.id) \(signal.type) retried")
      try event.update(signal, to: retried)
      return retried
    }
    try changes.touchSignals(of: signal.project)
    return .done(SignalAnswer(retried, project: project))
  }
}

extension StoreView {
  private static let taskLives: SQL = "SELECT 1 FROM tasks WHERE id = ?1 AND deleted_at IS NULL"

  /// The task that a signal is about, which may have come after it; nil while there is none.
  ///
  /// - Throws: The refusal when that task was deleted: the signal must not reach another one of its
  ///   name.
  fileprivate func livingTask(of signal: Signal) throws -> Int64? {
    guard let task = signal.task else {
      return try findTask(named: TaskFilename(stored: signal.planFile), in: signal.project)?.id
    }
    guard try reading.exists(Self.taskLives, [.int(task)]) else {
      throw HoldfastError(
        .conflict, "the task of signal \(signal.id) was deleted: restore the task first")
    }
    return task
  }
}
