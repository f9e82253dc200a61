internal import HoldfastDatabase
public import HoldfastModel

/// Names the task that an operation is about.
public struct TaskTarget: Sendable {
  public let project: ProjectName
  /// The task's filename or id.
  public let task: TaskFilename

  public init(project: ProjectName, task: TaskFilename) {
    self.project = project
    self.task = task
  }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
  }
}

extension StoreView {
  /// The task, or nil where project or task is not there.
  func find(_ target: TaskTarget) throws -> TaskEntry? {
    try projectKey(target.project).flatMap { try findTask(target.task, in: $0) }
  }

  /// The task as an answer, without its text.
  func slimAnswer(_ task: TaskEntry) throws -> TaskAnswer {
    try answer(task, content: nil)
  }
}

extension Changes {
  /// The task to be changed, after the check of the revision the caller expects.
  func taskForWriting(_ target: TaskTarget) throws -> TaskEntry {
    try taskForWriting(target.task, in: target.project)
  }

  /// Changes columns of one task's row and nothing else.
  ///
  /// Where every column has its new value already, nothing is recorded: a poller that reports the
  /// same state again and again leaves no history.
  ///
  /// - Parameters:
  ///   - target: The task.
  ///   - type: What kind of change it is.
  ///   - message: What the history says, after the task's filename.
  ///   - body: Changes the columns.
  /// - Returns: The task after the change, without its text.
  /// - Throws: 404 without the task, 412 when its revision is not the expected one.
  func changeColumns(
    of target: TaskTarget, as type: EventType = .taskChanged, _ message: String,
    _ body: (inout TaskEntry) -> Void
  ) throws -> WriteVerdict<TaskAnswer> {
    let task = try taskForWriting(target)
    return .done(try slimAnswer(try changeColumns(of: task, as: type, message, body)))
  }

  /// Changes columns of a task's row that was read in this transaction.
  func changeColumns(
    of task: TaskEntry, as type: EventType = .taskChanged, _ message: String,
    _ body: (inout TaskEntry) -> Void
  ) throws -> TaskEntry {
    try set(task, as: type, note: EventNote("\(task.filename): \(message)"), body)
  }
}
