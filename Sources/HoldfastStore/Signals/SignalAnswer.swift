public import HoldfastModel

/// A signal as it is answered.
public struct SignalAnswer: Output {
  public let signal: Signal
  public let project: ProjectName
  /// When the claim ends by the wall clock, as far as that can be said; nil for no claim.
  public let leaseUntil: Timestamp?

  /// - Parameters:
  ///   - signal: The row.
  ///   - project: Its project's name.
  ///   - now: The wall clock, in nanoseconds since 1970 UTC.
  ///   - leaseTime: The store's lease time at that moment; nil when the signal has no lease.
  init(_ signal: Signal, project: ProjectName, now: Int64 = 0, leaseTime: Int64? = nil) {
    self.signal = signal
    self.project = project
    if let end = signal.leaseUntil, let leaseTime {
      leaseUntil = Timestamp(nanoseconds: now + (end - leaseTime))
    } else {
      leaseUntil = nil
    }
  }

  public static var placeholder: SignalAnswer {
    SignalAnswer(
      Signal(
        project: 1, task: nil, planFile: "task", type: SignalType.planStart.rawValue, payload: "",
        createdAt: Timestamp(nanoseconds: 0)),
      project: ProjectName(stored: "project"))
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String {
    shape == .native ? "Signal" : "ContractSignal"
  }

  private var token: String { signal.claim.map(String.init) ?? "" }

  public func write(_ out: inout ObjectWriter) {
    switch out.shape {
    case .native: writeNative(&out)
    case .contract: writeContract(&out)
    }
  }

  private func writeNative(_ out: inout ObjectWriter) {
    out.field("id", signal.id, "The number, unique in the store.")
    out.field("project", project.text, "The project.")
    out.field("plan_file", unlessEmpty: signal.planFile, "The task it is about.")
    out.field("signal_type", signal.type, "What it says.")
    out.field("payload", unlessEmpty: signal.payload, "More, as JSON text.")
    out.field("status", signal.status.rawValue, "pending, processing, done or failed.")
    out.time("created_at", signal.createdAt, "When it was created.")
    out.field("claimed_by", unlessEmpty: signal.claimedBy, "Who claimed it last.")
    out.time("claimed_at", signal.claimedAt, "When that was.")
    out.time("processed_at", signal.processedAt, "When it ended.")
    out.field("result", unlessEmpty: signal.result, "How it ended, in the worker's words.")
    out.field("attempts", signal.attempts, "How often it was claimed.")
    out.time("lease_until", leaseUntil, "About when the claim ends.")
    out.field("claim_token", unlessEmpty: token, "Shown with the result of this claim.")
  }

  private func writeContract(_ out: inout ObjectWriter) {
    out.field("ID", signal.id, "The number, unique in the store.")
    out.field("Project", project.text, "The project.")
    out.field("PlanFile", signal.planFile, "The task it is about.")
    out.field("SignalType", signal.type, "What it says.")
    out.field("Payload", signal.payload, "More, as JSON text.")
    out.field("Status", signal.status.rawValue, "pending, processing, done or failed.")
    out.time("CreatedAt", signal.createdAt, "When it was created.")
    out.field("ClaimedBy", signal.claimedBy, "Who claimed it last.")
    out.time("ClaimedAt", signal.claimedAt, "When that was.")
    out.time("ProcessedAt", signal.processedAt, "When it ended.")
    out.field("Result", signal.result, "How it ended, in the worker's words.")
    out.field("Attempts", signal.attempts, "How often it was claimed.")
    out.time("LeaseUntil", leaseUntil, "About when the claim ends.")
    out.field("ClaimToken", token, "Shown with the result of this claim; empty without one.")
  }
}

/// How many signals an operation changed.
public struct SignalCount: Output {
  public let count: Int
  /// Whether there are more: one call is bounded, so repeat it.
  public let hasMore: Bool
  /// Whether one that fits was kept, because its number would be given out again.
  public var keepsNewest = false

  public static var placeholder: SignalCount { SignalCount(count: 0, hasMore: true) }

  public func write(_ out: inout ObjectWriter) {
    out.field("count", Int64(count), "How many signals were changed.")
    out.field("more", ifTrue: hasMore, "There are more: repeat the call.")
    out.field(
      "keeps_newest", ifTrue: keepsNewest,
      "The store's newest signal fits and stays, so that its number is not given out again.")
  }

  /// Signals that one call changes at most, so that it does not hold up other writes for long.
  static let max: Int64 = 10_000
}
