/// One of the five phases whose latest beginning a task keeps as a time.
public enum TaskPhase: String, CaseIterable, Hashable, Sendable {
  /// The time is `planning_at`.
  case planning
  /// The time is `implementing_at`.
  case implementing
  /// The time is `reviewing_at`.
  case reviewing
  /// The time is `verifying_at`.
  case verifying
  /// The time is `done_at`.
  case done

  /// Creates the phase of this name.
  ///
  /// - Throws: ``HoldfastError`` `unknown phase: X` for any other name.
  public init(parsing text: String) throws(HoldfastError) {
    guard let phase = TaskPhase(rawValue: text) else {
      throw HoldfastError(.invalidField, "unknown phase: \(text.legible)")
    }
    self = phase
  }

  /// The phase that begins when a task gets this status, or `nil` when none does.
  public init?(beginningWith status: TaskStatus) { self.init(rawValue: status.text) }
}
