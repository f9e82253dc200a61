internal import HoldfastDatabase
internal import HoldfastModel

extension StoreView {
  private static let blockers = SQL(
    """
    SELECT \(TaskEntry.table.columnList), \(Dependency.table.columnList)
    FROM dependencies JOIN tasks ON tasks.id = dependencies.blocker WHERE dependencies.task = ?1
    ORDER BY dependencies.id
    """)

  /// The tasks that edges point from to a task, each with its edge; deleted ones too.
  package func blockers(of task: TaskEntry) throws -> [(task: TaskEntry, edge: Dependency)] {
    let width = TaskEntry.table.columns.count + 1
    return try reading.all(Self.blockers, [.int(task.id)]) { row in
      (TaskEntry(row: row), Dependency(row: ShiftedRow(row, by: width)))
    }
  }

  /// The tasks whose edges hold a task, each once.
  func openBlockers(of task: TaskEntry) throws -> [TaskEntry] {
    var seen: Set<Int64> = []
    return try blockers(of: task).filter {
      $0.edge.holds($0.task.standing) && seen.insert($0.task.id).inserted
    }.map(\.task)
  }
}
