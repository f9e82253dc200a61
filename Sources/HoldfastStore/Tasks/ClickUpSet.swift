public import HoldfastDatabase
public import HoldfastModel

/// Sets or clears a task's counterpart in ClickUp.
public struct ClickUpSet: Mutation {
  public static let name = "clickup_set"
  public static let summary =
    "Sets the id of a task's counterpart in ClickUp; an empty one clears it."
  public static let access = Access.write

  public let target: TaskTarget
  public let clickupTaskID: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    clickupTaskID = try fields.value("clickup_task_id", "The id in ClickUp.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let verb = clickupTaskID.isEmpty ? "cleared" : "set"
    let note = EventNote("ClickUp task of \(task.filename) \(verb)")
    let changed = try changes.set(task, as: .taskChanged, note: note) {
      $0.clickupTaskID = clickupTaskID
    }
    return .done(try changes.slimAnswer(changed))
  }
}
