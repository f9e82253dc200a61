public import HoldfastModel

/// Gives one task with its text.
public struct TaskGet: Query {
  public static let name = "task_get"
  public static let summary = "Gives one task with its text."
  public static let access = Access.read

  public let project: ProjectName
  public let task: TaskFilename
  /// So many bytes of the text are left out at its start.
  public let from: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    from = try fields.value(
      "from", "Leaves out so many bytes at the start of a long text.", in: 0...Int64(Int32.max),
      default: 0)
  }

  public func run(in view: StoreView) throws -> TaskAnswer {
    var answer = try view.findAnswer(task, in: project) ?? view.answer(view.task(task, in: project))
    if from > 0 { answer.content = answer.content.map { Array($0.dropFirst(Int(from))) } }
    return answer
  }
}
