public import HoldfastDatabase
public import HoldfastModel

/// Sets or clears a task's goal.
public struct GoalSet: Mutation {
  public static let name = "goal_set"
  public static let summary = "Sets a task's goal; an empty one clears it."
  public static let access = Access.write

  public let project: ProjectName
  public let task: TaskFilename
  public let goal: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    goal = try fields.value("goal", "What is true when the task is done.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(task, in: project)
    let note = EventNote("goal of \(task.filename) \(goal.isEmpty ? "cleared" : "set")")
    let changed = try changes.set(task, as: .taskChanged, note: note) { $0.goal = goal }
    return .done(try changes.answer(changed))
  }
}
