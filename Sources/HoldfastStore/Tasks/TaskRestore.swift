public import HoldfastDatabase
public import HoldfastModel

/// Restores a deleted task with its text, subtasks and reviews, while its name is free.
public struct TaskRestore: Mutation {
  public static let name = "task_restore"
  public static let summary = "Restores a deleted task while its name is free."
  public static let access = Access.write

  public let project: ProjectName
  public let task: TaskFilename

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required(
      "task", "The task's filename, which means the last deleted one of that name, or its id.")
  }

  // Nothing changes a deleted row, so its revision is its deletion.
  private static let deletedByName = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename = ?2 AND tasks.deleted_at IS NOT NULL
    ORDER BY tasks.revision DESC LIMIT 1
    """)
  private static let deletedByKey = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.id = ?1 AND tasks.project = ?2 AND tasks.deleted_at IS NOT NULL
    """)

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    guard let key = try changes.projectKey(project), let deleted = try find(in: key, changes) else {
      var error = HoldfastError.taskNotFound(task, in: project)
      error.message += " is not among the deleted tasks"
      throw error
    }
    try changes.checkRevision(of: deleted)
    try changes.checkNameIsFree(deleted.filename, in: key)
    let restored = try changes.change(
      deleted, as: .taskRestored, note: EventNote("task \(deleted.filename) restored")
    ) { task, event in
      task.deletedAt = nil
      try changes.resumeSignals(of: deleted, event)
    }
    return .done(try changes.answer(restored))
  }

  private func find(in project: Int64, _ changes: Changes) throws -> TaskEntry? {
    let byName: [SQLValue] = [.int(project), .text(task.text)]
    if let task = try changes.reading.first(Self.deletedByName, byName, TaskEntry.init(row:)) {
      return task
    }
    guard let row = changes.facts.ids.row(id: TaskID(stored: task.text)) else { return nil }
    return try changes.reading.first(
      Self.deletedByKey, [.int(row), .int(project)], TaskEntry.init(row:))
  }
}
