internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

extension StoreView {
  fileprivate static let taskByName = Lookup<TaskEntry>(
    by: ["project", "filename"], where: [.isNull("deleted_at")])
  private static let taskByKey = Lookup<TaskEntry>(by: ["id", "project"])
  private static let taskByGivenID = Lookup<TaskEntry>(by: ["given_id"])

  /// The task of exactly that filename.
  package func findTask(named name: TaskFilename, in project: Int64) throws -> TaskEntry? {
    try first(Self.taskByName, [.int(project), .text(name.text)])
  }

  /// The task of that id in the project, which may be deleted, but not one that was erased.
  func findTask(id: TaskFilename, in project: Int64) throws -> TaskEntry? {
    if let task = try findTask(givenID: TaskID(stored: id.text)) {
      return task.project == project ? task : nil
    }
    guard let key = facts.ids.row(id: TaskID(stored: id.text)),
      let task = try first(Self.taskByKey, [.int(key), .int(project)]), !task.isErased
    else { return nil }
    return task
  }

  /// The task to which a caller gave that id, in whatever project.
  package func findTask(givenID id: TaskID) throws -> TaskEntry? {
    try first(Self.taskByGivenID, [.text(id.text)])
  }

  /// The task of that filename or, when none has it, of that id in the project.
  public func findTask(_ reference: TaskFilename, in project: Int64) throws -> TaskEntry? {
    if let task = try findTask(named: reference, in: project) { return task }
    guard let task = try findTask(id: reference, in: project), task.deletedAt == nil else {
      return nil
    }
    return task
  }

  /// The task, or the refusal that it is not there.
  public func task(_ reference: TaskFilename, in project: ProjectName) throws -> TaskEntry {
    guard let key = try projectKey(project), let task = try findTask(reference, in: key) else {
      throw HoldfastError.taskNotFound(reference, in: project)
    }
    return task
  }

  /// Texts up to this many bytes come with their tasks.
  private static let shortTextBytes: Int64 = 65536
  private static let withText = SQL(
    """
    SELECT \(TaskEntry.table.columnList), events.content
    FROM tasks LEFT JOIN events ON events.seq = tasks.content AND tasks.content_bytes <= \(shortTextBytes)
    WHERE tasks.project = (
        SELECT coalesce(alias_of, id) FROM projects WHERE name = ?1 AND deleted_at IS NULL)
      AND tasks.filename = ?2 AND tasks.deleted_at IS NULL
    """, mayBeShared: true)

  /// The task of exactly that filename as an answer with its text, by one question for all of it unless
  /// the text is long: such answers are not made many at a time.
  func findAnswer(_ filename: TaskFilename, in project: ProjectName) throws -> TaskAnswer? {
    try reading.first(Self.withText, [.text(project.text), .text(filename.text)]) { row in
      let task = TaskEntry(row: row)
      return task.contentBytes <= Self.shortTextBytes
        ? (task, row.bytes(row.columnCount - 1)) : (task, nil)
    }.map { task, content in try answer(task, content: content ?? self.content(of: task)) }
  }

  private static let contentOfEvent: SQL = "SELECT content FROM events WHERE seq = ?1"

  /// The task's text, exactly as it was given.
  public func content(of task: TaskEntry) throws -> [UInt8] {
    guard let event = task.content else { return [] }
    return try reading.first(Self.contentOfEvent, [.int(event)]) { $0.bytes(0) } ?? []
  }

  /// The task as an answer, with its text.
  public func answer(_ task: TaskEntry) throws -> TaskAnswer {
    try answer(task, content: try content(of: task))
  }

  /// The task as an answer with a text that is at hand; nil leaves the text out.
  public func answer(_ task: TaskEntry, content: [UInt8]?) throws -> TaskAnswer {
    var answer = TaskAnswer(entry: task, id: id(of: task), content: content)
    answer.parent = try task.graph.parent.flatMap(taskRow).map(id(of:))
    if task.graph.openBlockers > 0 { answer.blockedBy = try openBlockers(of: task).map(id(of:)) }
    return answer
  }
}

extension HoldfastError {
  /// The refusal for a task that is not there; its form depends on the route.
  public static func taskNotFound(_ task: TaskFilename, in project: ProjectName) -> HoldfastError {
    HoldfastError(
      .taskNotFound, "task not found: \(task)",
      details: [("project", .string(project.text)), ("task", .string(task.text))])
  }
}

extension Changes {
  /// Asks together what the making of a task will ask.
  func foreseeTask(_ filename: TaskFilename, in project: Int64) throws {
    try together(
      { _ = try self.isFree(filename, in: project) },
      { _ = try self.workflow(of: project) },
      { _ = try self.isAwaitedByNone(filename, in: project) },
      { try self.memory.foreseeKey(of: TaskEntry.table, in: self.transaction) })
  }

  /// Whether no task has that filename.
  func isFree(_ filename: TaskFilename, in project: Int64) throws -> Bool {
    try memory.isEmpty(Self.taskByName, [.int(project), .text(filename.text)], in: transaction)
  }

  /// The task to be changed, after the check of the revision the caller expects.
  public func taskForWriting(_ reference: TaskFilename, in project: ProjectName) throws
    -> TaskEntry
  {
    let task = try task(reference, in: project)
    try checkRevision(of: task)
    return task
  }

  func checkRevision(of task: TaskEntry) throws {
    guard let expected = caller.expectedRevision, expected != "\(task.revision)" else { return }
    throw HoldfastError(
      .revisionMismatch,
      "\(task.filename) has revision \(task.revision), not \(expected.legible): "
        + "read it again, then repeat the change",
      details: [("current", .number(.init(task.revision)))])
  }

  /// Sets fields of the task's row, with an event of that type.
  ///
  /// - Returns: The task after the change. Nothing is recorded, and the revision stays, when the
  ///   fields had these values already.
  @discardableResult
  public func set(
    _ task: TaskEntry, as type: EventType, by agent: AgentID? = nil,
    note: @autoclosure () -> EventNote, _ body: (inout TaskEntry) throws -> Void
  ) throws -> TaskEntry {
    var changed = task
    try body(&changed)
    guard changed.values != task.values else { return task }
    return try change(task, as: type, by: agent, note: note()) { entry, _ in entry = changed }
  }

  /// Writes what `body` changes in the task's row and in those that belong to it.
  ///
  /// One event of that type holds all of it. The revision always changes.
  ///
  /// - Returns: The task after the change.
  @discardableResult
  public func change(
    _ task: TaskEntry, as type: EventType, by agent: AgentID? = nil, note: EventNote? = nil,
    _ body: (inout TaskEntry, Event) throws -> Void
  ) throws -> TaskEntry {
    try record(type, project: task.project, task: task.id, by: agent) { event in
      // Before the body, which may have more to say.
      event.note = note
      var changed = task
      try body(&changed, event)
      changed.revision = event.sequence
      try event.update(task, to: &changed)
      return changed
    }.current(in: self)
  }
}
