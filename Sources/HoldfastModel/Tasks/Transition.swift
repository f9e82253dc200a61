/// What a workflow event does to a task.
public struct Transition: Hashable, Sendable {
  /// The status after it.
  public let target: TaskStatus
  /// The execution state after it.
  public let executionState: ExecutionState
  /// The phases whose times become now, in order; two where a second event follows on its own, which is
  /// an approved review that needs no verification.
  public let stampedPhases: [TaskPhase]

  /// Whether the transition ends a block.
  public var clearsBlock: Bool { !stampedPhases.isEmpty }

  /// Creates the transition that ends in `target`.
  public init(
    target: TaskStatus, executionState: ExecutionState, stampedPhases: [TaskPhase]
  ) {
    self.target = target
    self.executionState = executionState
    self.stampedPhases = stampedPhases
  }
}
