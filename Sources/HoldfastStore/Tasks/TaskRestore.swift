public import HoldfastDatabase
public import HoldfastModel

/// Restores a deleted task with its text, subtasks and reviews, while its name is free.
///
/// The tasks that were deleted with it because it contained them come back with it.
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

  private static let deletedChildren = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks WHERE tasks.parent = ?1 AND tasks.deleted_at = ?2
    ORDER BY tasks.sibling_order, tasks.age, tasks.id
    """)

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    guard let key = try changes.projectKey(project),
      let deleted = try changes.deletedTask(task, in: key)
    else {
      var error = HoldfastError.taskNotFound(task, in: project)
      error.message += " is not among the deleted tasks"
      throw error
    }
    try changes.checkRevision(of: deleted)
    if let parent = try deleted.graph.parent.flatMap(changes.taskRow), parent.deletedAt != nil {
      throw HoldfastError(
        .conflict,
        "\(deleted.filename) is part of \(parent.filename), which is deleted: restore that")
    }
    var restored = try restore(deleted, in: key, changes)
    var tasks = [restored]
    var next = try contained(in: deleted, changes)
    while !next.isEmpty {
      let task = next.removeFirst()
      tasks.append(try restore(task, in: key, changes))
      next += try contained(in: task, changes)
    }
    if let parent = try restored.graph.parent.flatMap(changes.taskRow) {
      try changes.checkDepth(below: parent, levels: try changes.levels(of: restored))
    }
    // Edges may have come while it was away.
    for task in tasks { try changes.checkNoCycle(around: task.current(in: changes)) }
    restored = try restored.current(in: changes)
    var answer = try changes.answer(restored)
    answer.unblocked = try changes.unblocked(besides: Set(tasks.map(\.id)))
    answer.failed = try changes.failed()
    return .done(answer)
  }

  private func restore(
    _ deleted: TaskEntry, in project: Int64, _ changes: Changes
  ) throws -> TaskEntry {
    try changes.checkNameIsFree(deleted.filename, in: project)
    let workflow = try changes.workflow(of: deleted)
    return try changes.change(
      deleted, as: .taskRestored, note: EventNote("task \(deleted.filename) restored")
    ) { task, event in
      task.deletedAt = nil
      // Nobody holds it any more, so it waits to be claimed.
      if !workflow.isMovedByEvents, task.graph.category == .active {
        task.status = try workflow.status(after: .release) ?? workflow.start()
      }
      try changes.resumeSignals(of: deleted, event)
    }
  }

  /// What was deleted with the task that contains it.
  private func contained(in task: TaskEntry, _ changes: Changes) throws -> [TaskEntry] {
    try changes.reading.all(
      Self.deletedChildren, [.int(task.id), .time(task.deletedAt)], TaskEntry.init(row:))
  }
}

extension StoreView {
  // Nothing changes a deleted row, so its revision is its deletion.
  private static let deletedByName = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename = ?2 AND tasks.deleted_at IS NOT NULL
    ORDER BY tasks.revision DESC LIMIT 1
    """)

  /// The last deleted task of that filename or, when there is none, the deleted one of that id.
  func deletedTask(_ reference: TaskFilename, in project: Int64) throws -> TaskEntry? {
    let byName: [SQLValue] = [.int(project), .text(reference.text)]
    if let task = try reading.first(Self.deletedByName, byName, TaskEntry.init(row:)) {
      return task
    }
    guard let task = try findTask(id: reference, in: project), task.deletedAt != nil else {
      return nil
    }
    return task
  }
}
