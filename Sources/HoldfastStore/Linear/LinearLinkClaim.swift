public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Links a task to an issue in Linear unless another task is linked to it.
public struct LinearLinkClaim: Mutation {
  public static let name = "linear_link_claim"
  public static let summary =
    "Links a task to an issue in Linear unless another task of the given statuses is linked to it."
  public static let access = Access.write

  public let target: TaskTarget
  public let link: LinearLink
  public let statuses: [String]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    link = try fields.value("link", "The issue.", default: LinearLink())
    statuses = try fields.value(
      "statuses", "Only tasks of these statuses stand in the way; none for all.", default: [])
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let holder = try changes.linkedTask(
      to: link.issueID, in: task.project, statuses: statuses, except: task.id)
    if let holder {
      throw HoldfastError(
        .conflict, "linear issue \(link.issueID) is linked to \(holder) already",
        details: [("conflict_filename", .string(holder.text))])
    }
    let changed = try changes.changeColumns(
      of: task, as: .linearLinked, "linked to Linear issue \(link.issueID)"
    ) { $0.linear = link }
    return .done(try changes.slimAnswer(changed))
  }
}
