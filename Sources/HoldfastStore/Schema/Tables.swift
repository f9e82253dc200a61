/// All tables of the log, in the order in which a rebuild fills them.
public enum Tables {
  public static let logged: [Table] = records.map { $0.table }

  /// What their rows are.
  static let records: [any Record.Type] = [
    Project.self, ProjectWorkflow.self, TaskEntry.self, SubtaskRow.self, PRReview.self,
    Dependency.self, Topic.self,
    Signal.self, AuditLine.self, Agent.self, Lock.self, Cost.self, Comment.self, OutputPart.self,
    Attachment.self,
  ]

  /// The tables that stand apart from the log, in an order in which none refers to a later one.
  public static let apart: [Table] = [
    Heartbeat.table, LockEvent.table, LockPosition.table, Blob.table,
  ]
}
