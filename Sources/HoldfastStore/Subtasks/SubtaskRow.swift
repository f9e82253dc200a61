public import HoldfastDatabase
public import HoldfastModel

/// A subtask's row.
public struct SubtaskRow: Record {
  public var id: Int64
  public var task: Int64
  public var subtask: Subtask

  public init(task: Int64, subtask: Subtask) {
    id = 0
    self.task = task
    self.subtask = subtask
  }

  public static let table = Table(
    "subtasks",
    [("task", .null), ("number", .null), ("title", .text("")), ("status", .text(""))])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    task = columns.int()
    subtask = Subtask(number: columns.int(), title: columns.text(), status: columns.text())
  }

  public var values: [SQLValue] {
    [.int(task), .int(subtask.number), .text(subtask.title), .text(subtask.status)]
  }
}
