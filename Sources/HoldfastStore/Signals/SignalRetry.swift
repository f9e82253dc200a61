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
    let retried = try changes.record(.signalRetried, project: signal.project, task: signal.task) {
      event in
      var retried = signal.pendingAgain()
      retried.attempts = 0
      retried.result = ""
      retried.processedAt = nil
      event.note = EventNote("signal \(signal.id) \(signal.type) retried")
      try event.update(signal, to: retried)
      return retried
    }
    try changes.touchSignals(of: signal.project)
    return .done(SignalAnswer(retried, project: project))
  }
}
