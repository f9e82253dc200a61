public import HoldfastDatabase
public import HoldfastModel

/// Changes a task as ``TaskPatch`` does, and answers with the columns of task-graph-mcp.
public struct TaskRowPatch: Mutation {
  public static let name = "task_row_patch"
  public static let summary =
    "Changes some fields of a task as task_patch does; answers with the columns of task-graph-mcp."
  public static let access = Access.write

  public let patch: TaskPatch

  public init(reading fields: inout Fields) throws(HoldfastError) {
    patch = try TaskPatch(reading: &fields)
  }

  public func check() throws(HoldfastError) { try patch.check() }

  public func prepare() throws -> PlanIngest? { try patch.prepare() }

  public func run(_ ingest: PlanIngest?, in changes: Changes) throws -> WriteVerdict<TaskRow> {
    switch try patch.run(ingest, in: changes) {
    case .wait: return .wait
    case .done(let answer):
      var row = try changes.taskRow(of: answer.entry)
      row.unblocked = answer.unblocked
      row.failed = answer.failed
      row.warnings = answer.warnings
      return .done(row)
    }
  }
}

extension Changes {
  /// A task as a row; what was changed here has the time of this transaction.
  func taskRow(of task: TaskEntry) throws -> TaskRow {
    var row =
      try taskRows(of: [task], isWhole: true).first ?? TaskRow(entry: task, id: id(of: task))
    row.updatedAt = row.updatedAt ?? now
    return row
  }
}
