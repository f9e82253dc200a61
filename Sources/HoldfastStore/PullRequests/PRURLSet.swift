public import HoldfastDatabase
public import HoldfastModel

/// Sets the address of a task's pull request; empty removes it.
public struct PRURLSet: Mutation {
  public static let name = "pr_url_set"
  public static let summary = "Sets the address of a task's pull request; empty removes it."
  public static let access = Access.write

  public let target: TaskTarget
  public let url: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    url = try fields.required("pr_url", "The pull request's page; empty for none.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let message = url.isEmpty ? "no pull request" : "pull request \(url)"
    return try changes.changeColumns(of: target, message) { $0.pullRequest.url = url }
  }
}
