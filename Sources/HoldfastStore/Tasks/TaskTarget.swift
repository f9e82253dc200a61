internal import HoldfastDatabase
public import HoldfastModel

/// Names the task that an operation is about.
public struct TaskTarget: Sendable {
  public let project: ProjectName
  /// The task's filename or id.
  public let task: TaskFilename
  /// The claim under which it is changed; nil when the caller does not say, or changes nothing.
  let fence: Int64?

  public init(project: ProjectName, task: TaskFilename) {
    self.project = project
    self.task = task
    fence = nil
  }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    fence = nil
  }

  /// Reads a task that is to be changed by an operation which asks for no holder.
  init(writing fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    fence = try Self.fence(reading: &fields)
  }

  static func fence(reading fields: inout Fields) throws(HoldfastError) -> Int64? {
    try fields.optional(
      "fence", "The fence of the claim under which it is done; one of an earlier claim is refused.")
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
  /// The task to be changed, after the checks of the revision and of the claim that the caller names.
  func taskForWriting(_ target: TaskTarget) throws -> TaskEntry {
    let task = try task(target.task, in: target.project)
    try checkWrite(to: task, under: target.fence)
    return task
  }

  /// Refuses a change where the task has not the revision, or the claim, that the caller names.
  func checkWrite(to task: TaskEntry, under fence: Int64?) throws {
    try checkRevision(of: task)
    try checkClaim(Holder(agent: nil, fence: fence), of: task)
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
