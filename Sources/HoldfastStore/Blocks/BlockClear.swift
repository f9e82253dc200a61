public import HoldfastDatabase
public import HoldfastModel

/// Ends a task's block; a task that is not blocked stays as it is.
public struct BlockClear: Mutation {
  public static let name = "block_clear"
  public static let summary = "Ends a task's block, if it has one."
  public static let access = Access.write

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, "no longer blocked") { $0.block = Block() }
  }
}
