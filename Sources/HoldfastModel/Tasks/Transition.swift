/// What a workflow event does to a task.
public struct Transition: Hashable, Sendable {
  /// The status after it.
  public let target: TaskStatus
  /// Whether a second event followed on its own: an approved review that needs no verification.
  public let chained: Bool
  /// The execution state after it.
  public let executionState: ExecutionState
  /// The phases whose times become now, in order; two when the transition is chained.
  public let stampedPhases: [TaskPhase]

  /// The last phase whose time becomes now, or `nil` when none does.
  public var stampedPhase: TaskPhase? { stampedPhases.last }
  /// Whether the transition ends a block.
  public var clearsBlock: Bool { !stampedPhases.isEmpty }

  /// Creates the transition that ends in `target`.
  public init(
    target: TaskStatus, chained: Bool, executionState: ExecutionState,
    stampedPhases: [TaskPhase]
  ) {
    self.target = target
    self.chained = chained
    self.executionState = executionState
    self.stampedPhases = stampedPhases
  }
}
