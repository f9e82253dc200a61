public import HoldfastDatabase
public import HoldfastModel

/// Forgets how the creation of a task's pull request ended.
public struct PRCreateOutcomeClear: Mutation {
  public static let name = "pr_create_outcome_clear"
  public static let summary = "Forgets how the creation of a task's pull request ended."
  public static let access = Access.write

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, "pull request: no outcome") {
      $0.pullRequest.createState = ""
      $0.pullRequest.createError = ""
      $0.pullRequest.createAttempts = 0
      $0.pullRequest.createAttemptedAt = nil
    }
  }
}
