internal import HoldfastDatabase
internal import HoldfastModel

extension StoreView {
  /// Asks for the edges at one end of a task (?1) with the tasks at their other ends; deleted ones too.
  private static func edges(_ other: String, at end: String) -> SQL {
    SQL(
      """
      SELECT \(TaskEntry.table.columnList), \(Dependency.table.columnList)
      FROM dependencies JOIN tasks ON tasks.id = dependencies.\(other)
      WHERE dependencies.\(end) = ?1 ORDER BY dependencies.id
      """)
  }

  private static let blockers = edges("blocker", at: "task")
  private static let dependents = edges("task", at: "blocker")

  private func edges(
    _ sql: SQL, of task: TaskEntry
  ) throws -> [(task: TaskEntry, edge: Dependency)] {
    let width = TaskEntry.table.columns.count + 1
    return try reading.all(sql, [.int(task.id)]) { row in
      (TaskEntry(row: row), Dependency(row: ShiftedRow(row, by: width)))
    }
  }

  /// The tasks that edges point from to a task, each with its edge.
  package func blockers(of task: TaskEntry) throws -> [(task: TaskEntry, edge: Dependency)] {
    try edges(Self.blockers, of: task)
  }

  /// The tasks that edges point to from a task, each with its edge.
  func dependents(of task: TaskEntry) throws -> [(task: TaskEntry, edge: Dependency)] {
    try edges(Self.dependents, of: task)
  }

  /// The tasks whose edges hold a task, each once.
  func openBlockers(of task: TaskEntry) throws -> [TaskEntry] {
    var seen: Set<Int64> = []
    return try blockers(of: task).filter {
      $0.edge.holds($0.task.standing) && seen.insert($0.task.id).inserted
    }.map(\.task)
  }
}
