public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Deletes a task: its name is free again, and what belongs to it is out of sight with it.
///
/// The row stays as a tombstone, so the history keeps its subject and the task can be restored. Its
/// signals that were not done end as failed, also claimed ones: a later task of the same name must
/// not receive them.
///
/// A hard delete leaves only a mark that there was a task: ``Changes/erase(_:)``. It also takes one that was
/// deleted before.
public struct TaskDelete: Mutation {
  public static let name = "task_delete"
  public static let summary = """
    Deletes a task; task_restore brings it back while its name is free, unless the delete is hard.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let task: TaskFilename
  public let agent: AgentID?
  public let isForced: Bool
  public let cascades: Bool
  public let isHard: Bool
  private let folder: String?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    agent = try fields.caller("agent", "Who deletes it; nobody for a person.")
    isForced = try fields.value(
      "force", "Whether it is deleted although another agent holds it.", default: false)
    cascades = try fields.value(
      "cascade", "Whether the tasks that it contains are deleted with it.", default: false)
    isHard = try fields.value(
      "hard", "Whether nothing of it is kept, neither its content nor its history.", default: false)
    folder = fields.projectFolder
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<DeletedTask> {
    let task = try subject(in: changes)
    let inner = try isHard ? changes.allContained(in: task) : changes.descendants(of: task)
    guard inner.isEmpty || cascades else {
      throw HoldfastError(
        .hasChildren, "Task has children; use cascade=true to delete",
        details: [("children", .number(.init(Int64(inner.count))))])
    }
    // The deepest first, so that none is left without the one that contains it.
    let tasks = inner.reversed() + [task]
    for task in tasks where task.deletedAt == nil { try delete(task, changes) }
    var answer = DeletedTask(
      filename: task.filename, id: changes.id(of: task), deletedAt: changes.now)
    if isHard {
      answer.isErased = true
      for task in tasks { answer.files += try changes.erase(task) }
      if folder == nil { answer.filesLeft = answer.files.map(\.text) }
    }
    return .done(answer)
  }

  /// The task to be deleted; a hard delete also takes one that was deleted before.
  private func subject(in changes: Changes) throws -> TaskEntry {
    do {
      return try changes.taskForWriting(task, in: project)
    } catch let error as HoldfastError where isHard && error.code == .taskNotFound {
      guard let key = try changes.projectKey(project),
        let deleted = try changes.deletedTask(task, in: key)
      else { throw error }
      try changes.checkRevision(of: deleted)
      return deleted
    }
  }

  public static let actsBesideStore = true

  public func ended(_ prepared: Void, _ result: Result<DeletedTask?, any Error>) throws {
    guard case .success(let answer?) = result, folder != nil else { return }
    for file in answer.files { try ProjectFolder(folder, of: project).removeLeft(file) }
  }
}

extension TaskDelete {
  private func delete(_ task: TaskEntry, _ changes: Changes) throws {
    let task = try task.current(in: changes)
    let isOthers = !task.graph.owner.isEmpty && task.graph.owner != agent?.text
    // A person may delete what an agent holds, but for good only on purpose.
    if isOthers, !isForced, agent != nil || isHard {
      throw HoldfastError(
        .notOwner,
        "Task is claimed by worker '\(task.graph.owner)'. Use force=true to override.",
        details: [("holder", .string(task.graph.owner))])
    }
    try changes.change(task, as: .taskDeleted, note: EventNote("task \(task.filename) deleted")) {
      deleted, event in
      deleted.deletedAt = changes.now
      try changes.endSignals(of: task, event)
    }
  }
}

extension Changes {
  private static let tasksOfProject = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.deleted_at IS NULL ORDER BY tasks.id DESC
    """)

  /// Deletes all tasks of a project, so that others can have their names and ids.
  ///
  /// - Returns: How many there were.
  package func deleteTasks(of project: Int64, note: String) throws -> Int {
    let tasks = try reading.all(Self.tasksOfProject, [.int(project)], TaskEntry.init(row:))
    for task in tasks {
      let task = try task.current(in: self)
      try change(task, as: .taskDeleted, note: EventNote("task \(task.filename) \(note)")) {
        deleted, event in
        deleted.deletedAt = now
        deleted.graph.givenID = nil
        try endSignals(of: task, event)
      }
    }
    return tasks.count
  }
}

/// What is left to say of a deleted task.
public struct DeletedTask: Output {
  public let filename: TaskFilename
  public let id: TaskID
  public let deletedAt: Timestamp
  public var isErased = false
  /// The files that were written for its attachments, which go with it.
  var files: [LockPath] = []
  /// Those that stay, because their folder is not known here.
  public var filesLeft: [String] = []

  public static var placeholder: DeletedTask {
    DeletedTask(
      filename: TaskFilename(stored: "task"), id: TaskID(stored: "k3m9qz"),
      deletedAt: Timestamp(nanoseconds: 0))
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("filename", filename.text, "The name that is free again.")
    out.field("id", id.text, "The short id, by which the task can be restored.")
    out.time("deleted_at", deletedAt, "When it was deleted.")
    out.field("erased", ifTrue: isErased, "Whether nothing of it is kept.")
    out.list(
      "files_left", unlessEmpty: filesLeft,
      "Files of its attachments that stay, because the project's folder is not known here.")
  }
}
