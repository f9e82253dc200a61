/// All tables of the log, in the order in which a rebuild fills them.
public enum Tables {
  public static let logged: [Table] = [
    Project.table, TaskEntry.table, SubtaskRow.table, PRReview.table, Dependency.table, Topic.table,
    Signal.table, AuditLine.table, Agent.table, Lock.table, Cost.table, Comment.table,
    OutputPart.table,
  ]

  /// The tables that stand apart from the log, in an order in which none refers to a later one.
  public static let apart: [Table] = [Heartbeat.table, LockEvent.table, LockPosition.table]
}
