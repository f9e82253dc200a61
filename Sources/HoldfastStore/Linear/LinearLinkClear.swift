public import HoldfastDatabase
public import HoldfastModel

/// Removes a task's link to Linear, if it has one.
public struct LinearLinkClear: Mutation {
  public static let name = "linear_link_clear"
  public static let summary = "Removes a task's link to Linear, if it has one."
  public static let access = Access.write

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, as: .linearUnlinked, "no longer linked to Linear") {
      $0.linear = LinearLink()
    }
  }
}
