public import HoldfastModel

/// The fields of a task that its creation sets and its replacement leaves alone.
public struct TaskOutcomeFields: Sendable {
  public let pullRequest: PullRequest
  public let verification: Verification
  public let block: Block

  public init(reading fields: inout Fields) throws(HoldfastError) {
    pullRequest = PullRequest(
      url: try fields.value("pr_url", "The pull request.", default: ""),
      reviewDecision: try fields.value(
        "pr_review_decision", "What its reviewers decided.", default: ""),
      checkStatus: try fields.value("pr_check_status", "What its checks say.", default: ""),
      createState: try fields.value("pr_create_state", "How its creation ended.", default: ""),
      createError: try fields.value("pr_create_error", "Why its creation failed.", default: ""),
      createAttempts: try fields.value(
        "pr_create_attempts", "How often it was tried.", in: 0...Int64.max, default: 0),
      createAttemptedAt: try fields.time("pr_create_attempted_at", "When it was tried last."))
    verification = Verification(
      sha: try fields.value("verified_sha", "The verified commit.", default: ""),
      baseSHA: try fields.value("verified_base_sha", "The commit it is based on.", default: ""),
      at: try fields.time("verified_at", "When it was verified."),
      by: try fields.value("verified_by", "Who verified it.", default: ""),
      staleReason: try fields.value(
        "stale_verification_reason", "Why the verification no longer holds.", default: ""))
    block = Block(
      reason: try fields.value("blocked_reason", "Why it does not go on.", default: ""),
      source: try fields.value("blocked_source", "Who or what blocked it.", default: ""),
      at: try fields.time("blocked_at", "When it was blocked."))
  }

  /// Sets all of them.
  func apply(to task: inout TaskEntry) {
    task.pullRequest = pullRequest
    task.verification = verification
    task.block = block
  }
}
