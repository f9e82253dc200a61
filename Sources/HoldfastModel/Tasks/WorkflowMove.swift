/// One row of a workflow's table: in this status, this event leads there.
public struct WorkflowMove: Hashable, Sendable {
  /// The status before.
  public let source: TaskStatus
  /// What happens.
  public let event: WorkflowEvent
  /// The status after.
  public let target: TaskStatus

  /// Creates a row of the table.
  public init(from source: TaskStatus, _ event: WorkflowEvent, to target: TaskStatus) {
    self.source = source
    self.event = event
    self.target = target
  }
}
