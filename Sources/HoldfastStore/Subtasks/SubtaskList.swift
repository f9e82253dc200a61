public import HoldfastModel

/// Lists a task's subtasks by number.
public struct SubtaskList: Listing {
  public static let name = "subtask_list"
  public static let summary = "Lists a task's subtasks by number."
  public static let access = Access.read
  public static let listName: StaticString = "subtasks"

  public let project: ProjectName
  public let task: TaskFilename

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
  }

  public func run(in view: StoreView, _ each: (Subtask) throws -> Void) throws -> ListEnd {
    let task = try view.task(task, in: project)
    for row in try view.subtaskRows(of: task) { try each(row.subtask) }
    return ListEnd(revision: task.revision)
  }
}
