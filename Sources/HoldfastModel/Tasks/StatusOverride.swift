/// A status that a user sets by hand, past the table of moves.
///
/// It stamps no phase time.
public enum StatusOverride: String, CaseIterable, Hashable, Sendable {
  /// Ready without a plan.
  case ready
  /// Ready with a plan: status `ready`, phase `planned`.
  case planned
  /// Status `planning`.
  case planning
  /// Status `implementing`.
  case implementing
  /// Status `reviewing`.
  case reviewing
  /// Status `verifying`.
  case verifying
  /// Status `done`.
  case done
  /// Status `cancelled`.
  case cancelled

  /// Returns the override of this name.
  ///
  /// - Throws: ``HoldfastError`` `invalid manual override "x": must be one of …` for other names.
  public static func parse(_ text: String) throws(HoldfastError) -> StatusOverride {
    guard let override = StatusOverride(rawValue: text) else {
      let names = allCases.map(\.rawValue)
      throw HoldfastError(
        .invalidField,
        "invalid manual override \(text.quoted): must be one of \(names.joined(separator: ", "))"
          + EditDistance.hint(text, among: names))
    }
    return override
  }

  /// The status that it sets.
  public var status: TaskStatus {
    self == .planned ? .ready : TaskStatus(stored: rawValue)
  }

  /// Returns the execution state that it leaves: `planned` has that phase, `ready` has none, and
  /// the others keep of `current` what fits their status.
  public func executionState(after current: ExecutionState) -> ExecutionState {
    switch self {
    case .ready: .empty
    case .planned: .planned
    default: current.fitting(status)
    }
  }

  /// The override that would change nothing in a task of this status and state, or `nil` for a
  /// status of another vocabulary.
  init?(current status: TaskStatus, _ state: ExecutionState) {
    if status == .ready && state.isPlanned {
      self = .planned
    } else {
      self.init(rawValue: status.text)
    }
  }
}
