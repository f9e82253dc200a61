/// What a status means for everybody who does not know its workflow.
public enum StatusCategory: String, CaseIterable, Hashable, Sendable {
  /// Nobody works on it; it may be claimed.
  case open
  /// Somebody works on it.
  case active
  /// It waits for something outside of the workflow and is handed to nobody.
  case waiting
  /// It ended well; what it blocked is free.
  case done
  /// It ended badly.
  case failed
  /// It was given up.
  case cancelled

  /// Whether work on the task has ended: done, failed or cancelled.
  public var isFinal: Bool {
    switch self {
    case .open, .active, .waiting: false
    case .done, .failed, .cancelled: true
    }
  }
}
