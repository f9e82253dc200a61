internal import HoldfastDatabase

/// A logged table with the statements that walk through it.
struct LoggedTable: Sendable {
  /// Its place in ``Tables/logged``.
  let index: Int
  let table: Table
  /// Whether it is the table of tasks.
  let isTasks: Bool
  /// Whether each of its rows may belong to a task.
  let hasTask: Bool

  let row: SQL
  /// Rows of no task with keys in (?1, ?2].
  let outsideTasks: SQL
  /// Rows with keys above ?2 of the task ?1, then those of the tasks with keys in (?1, ?3], with the
  /// task as the column behind the others.
  let ofTasks: SQL
  let lastKey: SQL

  static let all = Tables.logged.enumerated().map { LoggedTable(index: $0.offset, $0.element) }

  private init(index: Int, _ table: Table) {
    self.index = index
    self.table = table
    let name = table.name
    isTasks = name == TaskEntry.table.name
    hasTask = table.column(named: "task") != nil
    let select = "SELECT \(table.columnList) FROM \(name)"
    row = SQL("\(select) WHERE id = ?1")
    outsideTasks = SQL(
      "\(select) WHERE id > ?1 AND id <= ?2" + (hasTask ? " AND task IS NULL" : ""))
    let key = isTasks ? "id" : "task"
    let columns = "SELECT \(table.columnList), \(name).\(key) FROM \(name)"
    ofTasks = SQL(
      """
      \(columns) WHERE \(key) = ?1 AND id > ?2
      UNION ALL \(columns) WHERE \(key) > ?1 AND \(key) <= ?3
      ORDER BY \(table.columns.count + 2), 1
      """)
    lastKey = SQL("SELECT max(id) FROM \(name)")
  }

  /// What a row of it is called.
  var noun: String {
    switch table.name {
    case "projects": "project"
    case "tasks": "task"
    case "subtasks": "subtask"
    case "pr_reviews": "pull request review"
    case "dependencies": "dependency"
    case "topics": "topic"
    case "signals": "signal"
    case "audit_lines": "line of the audit trail"
    case "agents": "agent"
    case "locks": "file lock"
    case "costs": "entry of costs"
    case "comments": "comment"
    case "task_output": "part of a task's output"
    case "attachments": "attachment"
    default: "row of \(table.name)"
    }
  }

  /// Whether a stored row is what its history says.
  func isEqual(_ row: any Row, _ folded: [SQLValue]) -> Bool {
    for column in table.columns
    where column.isLogged && !Self.isEqual(row, column.index + 1, folded[column.index]) {
      return false
    }
    return true
  }

  /// Compares without copying texts; a column of a STRICT table holds its declared type or NULL.
  private static func isEqual(_ row: any Row, _ column: Int, _ value: SQLValue) -> Bool {
    switch value {
    case .null: row.isNull(column)
    case .int(let number): row.int(column) == number && !row.isNull(column)
    case .text(var text):
      text.withUTF8 { expected in
        row.withBytes(column) { $0.count == expected.count && $0.elementsEqual(expected) }
      } && !row.isNull(column)
    case .bytes(let bytes): row.withBytes(column) { $0.elementsEqual(bytes) }
    }
  }
}
