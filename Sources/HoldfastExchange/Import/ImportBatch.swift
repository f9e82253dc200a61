internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Writes one transaction of an import.
struct ImportBatch: Mutation {
  static let name = "import_batch"
  static let summary = "Writes a part of an import."
  static let access = Access.admin

  let work: ImportWork
  /// No other import wrote to the project after this event.
  let knownThrough: Int64

  init(work: ImportWork, knownThrough: Int64) {
    self.work = work
    self.knownThrough = knownThrough
  }

  init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "a part of an import is not read from a request")
  }

  private static let otherImport: SQL = """
    SELECT 1 FROM events WHERE project = ?1 AND seq > ?2 AND type = 'imported' LIMIT 1
    """
  static let project = SQL(
    "SELECT \(Project.table.columnList) FROM projects WHERE projects.id = ?1")
  private static let topic: SQL = "SELECT 1 FROM topics WHERE project = ?1 AND name = ?2"

  func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ImportBatchAnswer> {
    var progress = Progress(last: knownThrough)
    let key: Int64
    if let known = try changes.projectKey(work.project) {
      key = known
      let values: [SQLValue] = [.int(known), .int(knownThrough)]
      guard !(try changes.reading.exists(Self.otherImport, values)) else {
        throw HoldfastError(
          .conflict,
          "another import writes to project \(work.project): wait for its end, then import again")
      }
      if let row = work.row { try fill(known, from: row, changes, &progress.last) }
    } else {
      var row = work.row ?? Project(name: work.project, createdAt: changes.now)
      row.createdAt = row.createdAt ?? changes.now
      let made = row
      key = try changes.record(.imported, project: nil) { event in
        progress.last = event.sequence
        event.note = EventNote("project \(work.project) imported from \(work.source)")
        let key = try event.insert(made)
        event.project = key
        return key
      }
    }
    for item in work.items { try write(item, key, changes, &progress) }
    // Whoever waits for signals of the project takes what came.
    try changes.touchSignals(of: key)
    return .done(
      ImportBatchAnswer(
        lastSequence: progress.last, notes: progress.notes.sentences + progress.notes.leftOutWords))
  }

  /// What the batch has come to.
  struct Progress {
    var last: Int64
    var notes = ImportNotes()
    /// The events of what happened to files, with their numbers in the source.
    var lockEvents: [(number: Int64, sequence: Int64)] = []
  }

  private func write(
    _ item: ImportWork.Item, _ key: Int64, _ changes: Changes, _ progress: inout Progress
  ) throws {
    switch item {
    case .clearing: _ = try changes.deleteTasks(of: key, note: "replaced by \(work.source)")
    case .agent(let agent): try write(agent, changes, &progress)
    case .alias(let alias): try write(alias, key, changes, &progress.last)
    case .workflow(let workflow, let isReplacement):
      try write(workflow, isReplacement: isReplacement, key, changes, &progress.last)
    case .anyStatus: try acceptAnyStatus(key, changes, &progress.last)
    case .topic(let topic): try write(topic, key, changes, &progress.last)
    case .task(let task): try write(task, key, changes, &progress)
    case .place(let task): try place(task, key, changes, &progress.last)
    case .edges(let task): try writeEdges(of: task, key, changes, &progress)
    case .signal(let signal): try write(signal, key, changes, &progress.last)
    case .audit(let line): try write(line, key, changes, &progress.last)
    case .lockEvent(let event): try write(event, key, changes, &progress)
    case .lockPosition(let agent, let number):
      try setPosition(of: agent, number, key, changes, progress)
    case .lock(let lock): try write(lock, key, changes, &progress)
    }
  }

  private func fill(
    _ project: Int64, from row: Project, _ changes: Changes, _ last: inout Int64
  ) throws {
    guard
      let stored = try changes.reading.first(Self.project, [.int(project)], Project.init(row:))
    else { return }
    var filled = stored
    _ = filled.fill(from: row)
    guard filled.values != stored.values else { return }
    let made = filled
    last = try changes.record(.imported, project: project) { event in
      event.note = EventNote("project \(work.project) filled from \(work.source)")
      try event.update(stored, to: made)
      return event.sequence
    }
  }

  private func write(
    _ name: ProjectName, _ project: Int64, _ changes: Changes, _ last: inout Int64
  ) throws {
    guard try changes.projectKey(name) == nil else { return }
    last = try changes.record(.imported, project: project) { event in
      event.note = EventNote("project \(work.project) is also known as \(name)")
      var alias = Project(name: name, createdAt: changes.now)
      alias.aliasOf = project
      try event.insert(alias)
      return event.sequence
    }
  }

  private func write(
    _ topic: ImportedTopic, _ project: Int64, _ changes: Changes, _ last: inout Int64
  ) throws {
    let values: [SQLValue] = [.int(project), .text(topic.name.text)]
    guard !(try changes.reading.exists(Self.topic, values)) else { return }
    last = try changes.record(.imported, project: project) { event in
      event.note = EventNote("topic \(topic.name) imported")
      try event.insert(Topic(project: project, name: topic.name, createdAt: topic.createdAt))
      return event.sequence
    }
  }

  private func write(
    _ task: ImportedTask, _ project: Int64, _ changes: Changes, _ progress: inout Progress
  ) throws {
    // Made by somebody since the comparison: left alone.
    if try find(task.reference, project, changes) != nil { return }
    try task.check()
    var givenID = task.entry.graph.givenID
    if let id = givenID, try !changes.isFree(id) {
      // The task keeps its name.
      givenID = nil
      progress.notes.add(
        "task \(task.entry.filename.text.legible) has a new id: \(id) is another task's"
      )
    }
    let id = givenID
    progress.last = try changes.record(.imported, project: project) { event in
      var entry = task.entry
      entry.project = project
      entry.revision = event.sequence
      entry.graph.givenID = id
      event.set(task.text, of: &entry)
      event.note = EventNote("task \(entry.filename) imported", detail: task.detail)
      if entry.graph.givenID == nil { entry.id = try changes.nextTaskRow() }
      let key = try event.insert(entry)
      event.task = key
      if entry.deletedAt == nil {
        try changes.bindSignals(to: key, entry.filename, in: project, event)
      }
      try insertParts(of: task, key, project, changes, event)
      return event.sequence
    }
  }

  /// Writes what belongs to a task.
  private func insertParts(
    of task: ImportedTask, _ key: Int64, _ project: Int64, _ changes: Changes, _ event: Event
  ) throws {
    for subtask in task.subtasks { try event.insert(SubtaskRow(task: key, subtask: subtask)) }
    for var review in task.reviews {
      review.task = key
      try event.insert(review)
    }
    for var cost in task.costs {
      cost.project = project
      cost.task = key
      try event.insert(cost)
    }
    for var comment in task.comments {
      comment.task = key
      try event.insert(comment)
    }
    for var part in task.output {
      part.task = key
      try event.insert(part)
    }
    for attachment in task.attachments {
      var row = attachment.row
      row.task = key
      if let blob = attachment.blob { try changes.keep(blob) }
      try event.insert(row)
    }
  }

  private static let deletedTask = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename = ?2 AND tasks.deleted_at = ?3
    ORDER BY tasks.id LIMIT 1
    """)

  private func find(
    _ task: TaskReference, _ project: Int64, _ changes: Changes
  ) throws -> TaskEntry? {
    guard let deletedAt = task.deletedAt else {
      return try changes.findTask(named: task.filename, in: project)
    }
    return try changes.reading.first(
      Self.deletedTask, [.int(project), .text(task.filename.text), .int(deletedAt.nanoseconds)],
      TaskEntry.init(row:))
  }

  /// Puts an imported task into its place in the tree.
  private func place(
    _ task: ImportedTask, _ project: Int64, _ changes: Changes, _ last: inout Int64
  ) throws {
    guard let entry = try find(task.reference, project, changes) else { return }
    if let parent = try task.parent.flatMap({ try find($0, project, changes) }) {
      last = try changes.place(entry, below: parent)
    } else if task.parent == nil, let name = work.parent {
      guard let parent = try changes.findTask(name, in: project) else {
        throw HoldfastError.taskNotFound(name, in: work.project)
      }
      last = try changes.place(entry, below: parent, isLast: true)
    }
  }

  private func writeEdges(
    of task: ImportedTask, _ project: Int64, _ changes: Changes, _ progress: inout Progress
  ) throws {
    for edge in task.edges {
      guard let blocker = try find(edge.blocker, project, changes),
        let current = try find(task.reference, project, changes)
      else { continue }
      do {
        try write(edge, edge.type, from: blocker, to: current, changes, &progress)
      } catch let error as HoldfastError where error.code == .dependencyCycle {
        progress.notes.add(
          "\(current.filename) waits for \(blocker.filename), and that for it: the edge was kept as "
            + "see-also")
        try write(edge, .seeAlso, from: blocker, to: current, changes, &progress)
      }
    }
  }

  private func write(
    _ edge: ImportedEdge, _ type: DependencyType, from blocker: TaskEntry, to task: TaskEntry,
    _ changes: Changes, _ progress: inout Progress
  ) throws {
    progress.last =
      try changes.addEdge(from: blocker, to: task, type, edge.onFailure, as: .imported)
      ?? progress.last
  }

  private func write(
    _ signal: Signal, _ project: Int64, _ changes: Changes, _ last: inout Int64
  ) throws {
    var signal = signal
    signal.project = project
    signal.task = try existing(TaskFilename(stored: signal.planFile), project, changes)
    let made = signal
    last = try changes.record(.imported, project: project, task: signal.task) { event in
      event.note = EventNote("signal \(made.type) for \(made.planFile) imported")
      try event.insert(made)
      return event.sequence
    }
  }

  private func write(
    _ line: AuditLine, _ project: Int64, _ changes: Changes, _ last: inout Int64
  ) throws {
    let task =
      try existing(TaskFilename(stored: line.taskFile), project, changes)
      ?? deletedTask(TaskID(stored: line.taskFile), project, changes)
    last = try changes.record(.imported, project: project, task: task) { event in
      event.note = EventNote("a line of the audit trail imported")
      var line = line
      line.id = event.sequence
      line.project = project
      line.task = task
      try event.insert(line)
      return event.sequence
    }
  }

  /// A deleted task that keeps the id by which lines of the trail name it.
  private func deletedTask(_ id: TaskID, _ project: Int64, _ changes: Changes) throws -> Int64? {
    guard let task = try changes.findTask(givenID: id), task.project == project else { return nil }
    return task.id
  }

  func existing(_ filename: TaskFilename, _ project: Int64, _ changes: Changes) throws
    -> Int64?
  {
    guard !filename.text.isEmpty, let task = try changes.findTask(filename, in: project),
      task.filename == filename
    else { return nil }
    return task.id
  }
}

struct ImportBatchAnswer: Output {
  let lastSequence: Int64
  let notes: [String]
  static var placeholder: ImportBatchAnswer { ImportBatchAnswer(lastSequence: 0, notes: []) }
  func write(_ out: inout ObjectWriter) { out.field("last_seq", lastSequence, "The last event.") }
}

extension ImportedTask {
  /// Refuses numbers that no operation would have written.
  fileprivate func check() throws(HoldfastError) {
    do throws(HoldfastError) {
      try entry.graph.checkNumbers()
      for cost in costs { try cost.checkNumbers() }
    } catch {
      throw HoldfastError(error.code, "task \(entry.filename): \(error.message)")
    }
  }
}
