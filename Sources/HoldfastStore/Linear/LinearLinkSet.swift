public import HoldfastDatabase
public import HoldfastModel

/// Links a task to an issue in Linear; what the link leaves out becomes empty.
public struct LinearLinkSet: Mutation {
  public static let name = "linear_link_set"
  public static let summary = "Links a task to an issue in Linear, whoever else is linked to it."
  public static let access = Access.write

  public let target: TaskTarget
  public let link: LinearLink

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    link = try LinearLink(reading: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(
      of: target, as: .linearLinked, "linked to Linear issue \(link.issueID)"
    ) { $0.linear = link }
  }
}
