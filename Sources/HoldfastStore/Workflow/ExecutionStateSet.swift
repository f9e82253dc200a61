public import HoldfastDatabase
public import HoldfastModel

/// Sets what goes on with a task, as given: the workflow's rules do not apply.
public struct ExecutionStateSet: Mutation {
  public static let name = "execution_state_set"
  public static let summary = "Sets phase, agent and wave of a task's execution, as given."
  public static let access = Access.write

  public let target: TaskTarget
  public let state: ExecutionState

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    state = try ExecutionState(reading: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, "execution state set") { $0.executionState = state }
  }
}
