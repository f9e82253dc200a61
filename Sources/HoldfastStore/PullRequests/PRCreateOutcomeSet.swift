public import HoldfastDatabase
public import HoldfastModel

/// Records how the creation of a task's pull request ended; all four values are replaced.
public struct PRCreateOutcomeSet: Mutation {
  public static let name = "pr_create_outcome_set"
  public static let summary = "Records how the creation of a task's pull request ended."
  public static let access = Access.write

  public let target: TaskTarget
  /// The state, or nil for none.
  public let state: PRCreateState?
  public let error: String
  public let attempts: Int64
  public let attemptedAt: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    state = try PRCreateState.parse(
      try fields.value(
        "state", "created, adopted, skipped, failed or blocked; empty for none.", default: ""))
    error = try fields.value("error", "Why it failed.", default: "")
    attempts = try fields.value(
      "attempts", "How often it was tried.", in: 0...Int64.max, default: 0)
    attemptedAt = try fields.time("attempted_at", "When it was tried last.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.changeColumns(of: target, "pull request: \(state?.rawValue ?? "no outcome")") {
      $0.pullRequest.createState = state?.rawValue ?? ""
      $0.pullRequest.createError = error
      $0.pullRequest.createAttempts = attempts
      $0.pullRequest.createAttemptedAt = attemptedAt
    }
  }
}
