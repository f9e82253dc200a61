public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Ends a signal with a result.
///
/// With a claim token, only the worker whose claim is current can do it. Without one any call lands,
/// as it always did for old workers. The end of a signal that has ended already changes nothing.
public struct SignalProcessed: Mutation {
  public static let name = "signal_processed"
  public static let summary = "Ends a signal with a result; repeating it changes nothing."
  public static let access = Access.write

  public let project: ProjectName
  public let id: SignalID
  public let status: String
  public let result: String
  public let token: ClaimToken?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    id = try fields.required("id", "The signal's number.")
    status = try fields.required("status", "How it ended: done or failed.")
    result = try fields.value("result", "What came of it, in the worker's words.", default: "")
    token = try fields.optional(
      "claim_token", "The token of the claim; without it, whoever calls is believed.")
  }

  public func prepare() throws -> SignalStatus {
    guard let status = SignalStatus(rawValue: status), status.isFinal else {
      throw HoldfastError(.invalidField, "status must be done or failed, not \"\(status)\"")
    }
    return status
  }

  public func run(_ status: SignalStatus, in changes: Changes) throws -> WriteVerdict<SignalEnd> {
    let signal = try changes.signal(id, in: project)
    if let token, token.number == nil || token.number != signal.claim {
      throw HoldfastError(
        .claimLost, "signal claim lost: \(signal.id)",
        details: [
          ("status", .string(signal.status.rawValue)), ("holder", .string(signal.claimedBy)),
        ])
    }
    guard !signal.status.isFinal else { return .done(SignalEnd(signal)) }
    return .done(SignalEnd(try changes.end(signal, as: status, result: result)))
  }
}

extension Changes {
  /// Ends a signal that has not ended yet.
  func end(_ signal: Signal, as status: SignalStatus, result: String) throws -> Signal {
    try record(.signalProcessed, project: signal.project, task: signal.task) { event in
      let ended = signal.ended(as: status, result: result, at: now)
      event.note = EventNote(
        "signal \(signal.id) \(signal.type) \(status.rawValue)",
        level: status == .failed ? "warn" : "info")
      try event.update(signal, to: ended)
      return ended
    }
  }
}

/// How a signal ended.
public struct SignalEnd: Output {
  public let id: Int64
  public let status: SignalStatus

  init(_ signal: Signal) {
    id = signal.id
    status = signal.status
  }

  public static var placeholder: SignalEnd { SignalEnd(SignalAnswer.placeholder.signal) }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", id, "The signal's number.")
    out.field("status", status.rawValue, "How it ended: done or failed.")
  }
}
