public import HoldfastDatabase
public import HoldfastModel

/// Replaces the fields of a task that describe it; its text, its pull request, its verification and
/// its block stay.
public struct TaskReplace: Mutation {
  public static let name = "task_replace"
  public static let summary =
    "Replaces what describes a task: a field left out becomes empty. Never renames."
  public static let access = Access.write

  public let project: ProjectName
  public let task: TaskFilename
  public let filename: TaskFilename
  public let fields: TaskFields
  let fence: Int64?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try Self.filename(try fields.text("task", "The task's filename or id."))
    filename = try Self.filename(
      try fields.text("filename", "The task's name, as a check; a rename has its own operation."))
    self.fields = try TaskFields(reading: &fields)
    fence = try TaskTarget.fence(reading: &fields)
  }

  private static func filename(_ text: String) throws(HoldfastError) -> TaskFilename {
    guard !TaskFilename.normalised(text).isEmpty else {
      throw HoldfastError(.invalidField, "invalid task filename")
    }
    return try TaskFilename(text)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let found = try changes.projectKey(project).flatMap { try changes.findTask(task, in: $0) }
    // By its id a task is asked for in other words than its name.
    guard filename == found?.filename ?? task else {
      throw HoldfastError(.invalidField, "task filename does not match path")
    }
    guard let found else { throw HoldfastError.taskNotFound(task, in: project) }
    try changes.checkWrite(to: found, under: fence)
    let workflow = try changes.workflow(of: found)
    let replaced = try changes.set(
      found, as: .taskReplaced, note: EventNote("task \(found.filename) replaced")
    ) {
      try fields.apply(to: &$0, workflow: workflow, defaultTime: changes.now)
    }
    return .done(try changes.answer(replaced))
  }
}
