/// What can happen to a task of the standard workflow.
public enum WorkflowEvent: String, CaseIterable, Hashable, Sendable {
  /// Planning begins, or begins again.
  case planStart = "plan_start"
  /// The plan is written.
  case plannerFinished = "planner_finished"
  /// Implementation begins.
  case implementStart = "implement_start"
  /// Implementation ends; the work waits for review.
  case implementFinished = "implement_finished"
  /// The review found nothing to change.
  case reviewApproved = "review_approved"
  /// The review asks for changes; also read as `review_changes_requested`.
  case reviewChanges = "review_changes"
  /// The work is ready.
  case verifyApproved = "verify_approved"
  /// The work is not ready.
  case verifyFailed = "verify_failed"
  /// What was verified has changed since.
  case verificationStale = "verification_stale"
  /// A finished task is planned anew.
  case startOver = "start_over"
  /// A finished task is implemented anew.
  case reimplement
  /// A finished task is reviewed once more.
  case requestReview = "request_review"
  /// The task is given up.
  case cancel
  /// A cancelled task is planned anew.
  case reopen
  /// A ready task needs no work.
  case markDone = "mark_done"

  /// Creates the event of this name: white space around it is ignored, `-` equals `_`, and
  /// `review_changes_requested` is `review_changes`.
  ///
  /// - Throws: ``HoldfastError`` `unknown event: X; …` for any other name.
  public init(parsing text: String) throws(HoldfastError) {
    let name = text.trimmed.replacingHyphens
    if name == "review_changes_requested" {
      self = .reviewChanges
    } else if let event = WorkflowEvent(rawValue: name) {
      self = event
    } else {
      let names = Self.allCases.map(\.rawValue)
      throw HoldfastError(
        .invalidField,
        "unknown event: \(text.trimmed.legible); events: \(names.joined(separator: ", "))"
          + EditDistance.hint(name, among: names))
    }
  }

  /// Whether only a user may send it, and no agent.
  public var isUserOnly: Bool {
    switch self {
    case .startOver, .reimplement, .requestReview, .cancel, .reopen, .markDone: true
    default: false
    }
  }

  /// What a person calls it: short words for a button or a menu.
  public var label: String {
    switch self {
    case .planStart: "start planning"
    case .plannerFinished: "finish planning"
    case .implementStart: "start implementing"
    case .implementFinished: "finish implementing"
    case .reviewApproved: "approve review"
    case .reviewChanges: "request changes"
    case .verifyApproved: "approve verification"
    case .verifyFailed: "fail verification"
    case .verificationStale: "mark verification stale"
    case .startOver: "start over"
    case .reimplement: "implement again"
    case .requestReview: "request review"
    case .cancel: "cancel"
    case .reopen: "reopen"
    case .markDone: "mark done"
    }
  }
}

extension String {
  /// This text with every `-` as `_`: wire names are read either way.
  var replacingHyphens: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0 == "-" ? "_" : $0 }))
  }
}
