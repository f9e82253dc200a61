public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Sets a task's status by hand, past the table of moves; no phase time changes.
public struct TaskStatusSet: Mutation {
  public static let name = "task_status_set"
  public static let summary =
    "Sets a task's status by hand, whatever its workflow says; stamps no phase time."
  public static let access = Access.write

  public let target: TaskTarget
  public let override: StatusOverride

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    override = try fields.required("target", "The status; planned is ready with a plan.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let workflow = try changes.workflow(of: task)
    guard workflow.isMovedByEvents else {
      throw HoldfastError(
        .invalidTransition,
        "\(task.filename) is of the workflow \(workflow.name): complete, fail, cancel, release or reopen "
          + "it, with force where its table does not allow it")
    }
    let note = EventNote(
      "\(task.filename): \(task.status) → \(override.status), set by hand",
      detail: JSONObject([
        ("target", .string(override.rawValue)), ("from", .string(task.status.text)),
        ("to", .string(override.status.text)),
      ]))
    let changed = try changes.change(task, as: .taskStatusSet, note: note) { task, _ in
      task.status = override.status
      task.executionState = override.executionState(after: task.executionState)
    }
    return .done(try changes.answer(changed))
  }
}
