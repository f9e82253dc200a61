internal import HoldfastDatabase
internal import HoldfastModel

extension Changes {
  private static let children = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks WHERE tasks.parent = ?1
    ORDER BY tasks.sibling_order, tasks.age, tasks.id
    """)
  private static let dropEvents: SQL = "DELETE FROM events WHERE task = ?1"
  private static let attachments = SQL(
    "SELECT \(Attachment.table.columnList) FROM attachments WHERE attachments.task = ?1")
  /// Rows that are taken at once; each may be long.
  private static let rowsPerStep = 256

  /// The tasks inside a task on all levels, deleted ones too; each before those that it contains.
  func allContained(in task: TaskEntry) throws -> [TaskEntry] {
    var found: [TaskEntry] = []
    var seen: Set<Int64> = [task.id]
    var next = [task]
    while !next.isEmpty {
      let inner = try next.flatMap {
        try transaction.all(Self.children, [.int($0.id)], TaskEntry.init(row:))
      }
      next = inner.filter { seen.insert($0.id).inserted }
      found += next
    }
    return found
  }

  /// Takes away all that the store knows of a deleted task: its rows, its events with what they hold, and
  /// content that nothing else refers to.
  ///
  /// What stays is its row without anything in it, so that its number and id are never given out again, and
  /// one event, which says that much. It also says that the other rows are gone, because events of
  /// before the task, and of no task, may speak of them.
  ///
  /// - Returns: Files that were written for its attachments and are of no use any more.
  func erase(_ task: TaskEntry) throws -> [LockPath] {
    let task = try taskRow(task.id) ?? task
    for (other, edge) in try dependents(of: task) {
      _ = try removeEdge(from: task, to: other, edge.type)
    }
    for (other, edge) in try blockers(of: task) {
      _ = try removeEdge(from: other, to: task, edge.type)
    }
    let attachments = try transaction.all(
      Self.attachments, [.int(task.id)], Attachment.init(row:))
    // The index has to be told the words that are about to go.
    try SearchUpdate.forget(task.id, in: transaction)
    try transaction.execute(Self.dropEvents, [.int(task.id)])
    try record(.taskErased, project: task.project, task: task.id) { event in
      event.note = EventNote("a task was erased")
      for type in Tables.records where type.isOfTasks { try erase(type, of: task.id, event) }
      try event.replace(task, with: task.erased(by: event))
    }
    for hash in Set(attachments.map(\.hash)) { try free(hash: hash) }
    return try attachments.compactMap { try unusedMedia(of: $0, in: task.project) }
  }

  /// Deletes the rows of one table that belong to a task.
  private func erase<R: Record>(_ type: R.Type, of task: Int64, _ event: Event) throws {
    let rows = SQL(
      """
      SELECT \(R.table.columnList) FROM \(R.table.name) WHERE \(R.table.name).task = ?1
      ORDER BY \(R.table.name).id LIMIT \(Self.rowsPerStep)
      """)
    while true {
      let step = try transaction.all(rows, [.int(task)], R.init(row:))
      guard !step.isEmpty else { return }
      try event.delete(all: step)
    }
  }
}

extension Record {
  /// Whether its rows belong to tasks.
  ///
  /// Edges belong to two, and are taken away one by one.
  fileprivate static var isOfTasks: Bool {
    table.column(named: "task") != nil && self != Dependency.self
  }
}

extension TaskEntry {
  /// Whether nothing but its number is left.
  var isErased: Bool { filename.text.isEmpty }

  /// The row without anything in it but what its status means.
  fileprivate func erased(by event: Event) -> TaskEntry {
    var empty = TaskEntry(project: project, filename: TaskFilename(stored: ""), status: status)
    empty.id = id
    empty.deletedAt = deletedAt
    empty.revision = event.sequence
    empty.graph.workflow = graph.workflow
    empty.graph.category = graph.category
    return empty
  }
}
