internal import HoldfastDatabase
internal import HoldfastModel

extension StoreView {
  /// Asks for the edges at one end of a task (?1) with the tasks at their other ends; deleted ones too.
  private static func edges(_ other: String, at end: String) -> SQL {
    SQL(edges(other, where: "dependencies.\(end) = ?1") + " LIMIT ?2")
  }

  private static func edges(_ other: String, where condition: String) -> String {
    """
    SELECT \(TaskEntry.table.columnList), \(Dependency.table.columnList)
    FROM dependencies JOIN tasks ON tasks.id = dependencies.\(other)
    WHERE \(condition) ORDER BY dependencies.id
    """
  }

  private static let blockers = edges("blocker", at: "task")
  private static let dependents = edges("task", at: "blocker")
  private static let blockersOfMany = DialectSQL {
    edges("blocker", where: "dependencies.task IN (\(rows($0)))")
  }

  private func edges(
    _ sql: SQL, _ values: [SQLValue]
  ) throws -> [(task: TaskEntry, edge: Dependency)] {
    let width = TaskEntry.table.columns.count + 1
    return try reading.all(sql, values) { row in
      (TaskEntry(row: row), Dependency(row: ShiftedRow(row, by: width)))
    }
  }

  /// The tasks that edges point from to a task, each with its edge.
  package func blockers(
    of task: TaskEntry, upTo limit: Int64 = .max
  ) throws -> [(task: TaskEntry, edge: Dependency)] {
    try edges(Self.blockers, [.int(task.id), .int(limit)])
  }

  /// The tasks that edges point to from a task, each with its edge.
  func dependents(
    of task: TaskEntry, upTo limit: Int64 = .max
  ) throws -> [(task: TaskEntry, edge: Dependency)] {
    try edges(Self.dependents, [.int(task.id), .int(limit)])
  }

  /// The tasks whose edges hold a task, each once.
  func openBlockers(of task: TaskEntry) throws -> [TaskEntry] {
    Self.open(try blockers(of: task))
  }

  /// The tasks whose edges hold each of several tasks, by the rows of these.
  func openBlockers(of tasks: [TaskEntry]) throws -> [Int64: [TaskEntry]] {
    guard !tasks.isEmpty else { return [:] }
    let found = try edges(Self.blockersOfMany[reading.dialect], [Self.list(tasks.map(\.id))])
    return Dictionary(grouping: found, by: \.edge.task).mapValues(Self.open)
  }

  private static func open(_ blockers: [(task: TaskEntry, edge: Dependency)]) -> [TaskEntry] {
    var seen: Set<Int64> = []
    return blockers.filter {
      $0.edge.holds($0.task.standing) && seen.insert($0.task.id).inserted
    }.map(\.task)
  }
}
