public import HoldfastDatabase
public import HoldfastModel

/// Sets what reviewers and checks say about a task's pull request; always both.
public struct PRStateSet: Mutation {
  public static let name = "pr_state_set"
  public static let summary =
    "Sets what reviewers and checks say about a task's pull request; what is left out is emptied."
  public static let access = Access.write

  public let target: TaskTarget
  public let reviewDecision: String
  public let checkStatus: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    reviewDecision = try fields.value(
      "pr_review_decision", "Such as APPROVED, CHANGES_REQUESTED or REVIEW_REQUIRED.", default: "")
    checkStatus = try fields.value(
      "pr_check_status", "Such as SUCCESS, FAILURE or PENDING.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let message = "pull request: reviews \(reviewDecision.quoted), checks \(checkStatus.quoted)"
    return try changes.changeColumns(of: target, message) {
      $0.pullRequest.reviewDecision = reviewDecision
      $0.pullRequest.checkStatus = checkStatus
    }
  }
}
