public import HoldfastDatabase
public import HoldfastModel

/// Sets or clears a task's goal.
public struct GoalSet: Mutation {
  public static let name = "goal_set"
  public static let summary = "Sets a task's goal; an empty one clears it."
  public static let access = Access.write

  public let target: TaskTarget
  public let goal: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    goal = try fields.value("goal", "What is true when the task is done.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let note = EventNote("goal of \(task.filename) \(goal.isEmpty ? "cleared" : "set")")
    let changed = try changes.set(task, as: .taskChanged, note: note) { $0.goal = goal }
    return .done(try changes.answer(changed))
  }
}
