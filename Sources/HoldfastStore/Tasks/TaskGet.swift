public import HoldfastModel

/// Gives one task with its text.
public struct TaskGet: Query {
  public static let name = "task_get"
  public static let summary = "Gives one task with its text."
  public static let access = Access.read

  public let project: ProjectName
  public let task: TaskFilename

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
  }

  public func run(in view: StoreView) throws -> TaskAnswer {
    if let found = try view.findAnswer(task, in: project) { return found }
    return try view.answer(try view.task(task, in: project))
  }
}
