/// What a signal says; the raw value is the wire name.
public enum SignalType: String, CaseIterable, Hashable, Sendable {
  /// Planning begins.
  case planStart = "plan_start"
  /// The plan is written.
  case plannerFinished = "planner_finished"
  /// One of several planners has written its draft.
  case plannerDraftFinished = "planner_draft_finished"
  /// Implementation begins.
  case implementStart = "implement_start"
  /// Implementation ends.
  case implementFinished = "implement_finished"
  /// The review found nothing to change.
  case reviewApproved = "review_approved"
  /// The review asks for changes.
  case reviewChangesRequested = "review_changes_requested"
  /// The work is ready.
  case verifyApproved = "verify_approved"
  /// The work is not ready.
  case verifyFailed = "verify_failed"
  /// One task of a wave is finished.
  case implementTaskFinished = "implement_task_finished"
  /// A wave is to begin.
  case implementWave = "implement_wave"
  /// The next wave is to begin.
  case advanceWave = "advance_wave"
  /// A wave is to run again.
  case retryWave = "retry_wave"
  /// The plan is worked out.
  case elaboratorFinished = "elaborator_finished"
  /// A person has to decide something.
  case needsDecision = "needs_decision"

  /// Creates the type of this name or alias: white space around it is ignored, `-` equals `_`.
  ///
  /// - Throws: ``HoldfastError`` `unknown signal type "x"; valid types: …` for any other name.
  public init(parsing text: String) throws(HoldfastError) {
    let name = text.trimmed.replacingHyphens
    guard let type = SignalType(rawValue: name) ?? SignalType(alias: name) else {
      let names = Self.allCases.map(\.rawValue)
      throw HoldfastError(
        .invalidField,
        "unknown signal type \(text.trimmed.quoted); valid types: \(names.joined(separator: ", "))"
          + EditDistance.hint(name, among: names))
    }
    self = type
  }

  private init?(alias name: String) {
    switch name {
    case "review_changes": self = .reviewChangesRequested
    case "architect_finished": self = .elaboratorFinished
    case "readiness_approved", "master_approved": self = .verifyApproved
    case "readiness_changes", "readiness_changes_requested": self = .verifyFailed
    case "needs_input", "blocked", "needs_human": self = .needsDecision
    default: return nil
    }
  }

  /// The workflow event that the signal carries, or `nil` when it moves no task by itself.
  public var event: WorkflowEvent? {
    switch self {
    case .planStart: .planStart
    case .plannerFinished: .plannerFinished
    case .implementStart: .implementStart
    case .implementFinished: .implementFinished
    case .reviewApproved: .reviewApproved
    case .reviewChangesRequested: .reviewChanges
    case .verifyApproved: .verifyApproved
    case .verifyFailed: .verifyFailed
    case .plannerDraftFinished, .implementTaskFinished, .implementWave, .advanceWave, .retryWave,
      .elaboratorFinished, .needsDecision:
      nil
    }
  }

  /// The signal that carries a workflow event, or `nil` when there is none for it.
  public init?(carrying event: WorkflowEvent) {
    guard let type = Self.allCases.first(where: { $0.event == event }) else { return nil }
    self = type
  }
}
