internal import HoldfastDatabase
internal import HoldfastModel

extension StoreView {
  private static let subtasksOfTask = SQL(
    """
    SELECT \(SubtaskRow.table.columnList) FROM subtasks WHERE subtasks.task = ?1
    ORDER BY subtasks.number
    """)
  private static let subtaskByNumber = SQL(
    """
    SELECT \(SubtaskRow.table.columnList) FROM subtasks
    WHERE subtasks.task = ?1 AND subtasks.number = ?2
    """)

  /// The task's subtasks by number.
  func subtaskRows(of task: TaskEntry) throws -> [SubtaskRow] {
    try reading.all(Self.subtasksOfTask, [.int(task.id)], SubtaskRow.init(row:))
  }

  func subtaskRow(_ number: Int64, of task: TaskEntry) throws -> SubtaskRow? {
    try reading.first(
      Self.subtaskByNumber, [.int(task.id), .int(number)], SubtaskRow.init(row:))
  }
}

extension Event {
  /// Makes these the subtasks of a task; a row is kept for a number that stays.
  func replaceSubtasks(
    _ existing: [SubtaskRow], by subtasks: [Subtask], of task: TaskEntry
  ) throws {
    var left = Dictionary(existing.map { ($0.subtask.number, $0) }, uniquingKeysWith: { $1 })
    for subtask in subtasks {
      if let row = left.removeValue(forKey: subtask.number) {
        var changed = row
        changed.subtask = subtask
        try update(row, to: changed)
      } else {
        try insert(SubtaskRow(task: task.id, subtask: subtask))
      }
    }
    for row in existing where left[row.subtask.number] != nil { try delete(row) }
  }
}
