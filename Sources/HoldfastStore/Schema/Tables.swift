/// All tables of the log, in the order in which a rebuild fills them.
public enum Tables {
  public static let logged: [Table] = [
    Project.table, TaskEntry.table, SubtaskRow.table, PRReview.table, Dependency.table, Topic.table,
    Signal.table,
    AuditLine.table,
  ]
}
