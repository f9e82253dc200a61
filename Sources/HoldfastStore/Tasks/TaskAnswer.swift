public import HoldfastModel

/// A task as it is answered: its entry, and where wanted its text.
public struct TaskAnswer: Output {
  public var entry: TaskEntry
  public var id: TaskID
  /// The text's bytes; nil where the answer leaves it out.
  public var content: [UInt8]?
  /// What the writer of its text should know, a sentence each.
  public var warnings: [String] = []
  /// The task that contains it.
  public var parent: TaskID?
  /// The tasks that it waits for, without those that have ended well.
  public var blockedBy: [TaskID] = []
  /// The tasks that the change made ready.
  public var unblocked: [TaskID] = []
  /// The tasks that failed because of the change.
  public var failed: [TaskID] = []
  /// Whether it was what it was to become already.
  public var isUnchanged = false

  public init(entry: TaskEntry, id: TaskID, content: [UInt8]?, warnings: [String] = []) {
    self.entry = entry
    self.id = id
    self.content = content
    self.warnings = warnings
  }

  public var revision: Int64? { entry.revision }
  public var textEvent: Int64? { entry.content }

  public static var placeholder: TaskAnswer {
    TaskAnswer(
      entry: TaskEntry(project: 1, filename: TaskFilename(stored: "task"), status: .ready),
      id: TaskID(stored: "k3m9qz"), content: [])
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String {
    shape == .native ? "Task" : "TaskEntry"
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("filename", entry.filename.text, "The task's name in its project.")
    out.field("status", entry.status.text, "Where it stands in its workflow.")
    out.field("id", id.text, "The short id, unique in the store.")
    out.field("revision", entry.revision, "Changes with every change of these fields.")
    out.field("description", unlessEmpty: entry.description, "What it is about, in a line.")
    out.field("branch", unlessEmpty: entry.branch, "The git branch of the work.")
    out.field("topic", unlessEmpty: entry.topic, "The topic it belongs to.")
    out.field("goal", unlessEmpty: entry.goal, "What is true when it is done.")
    out.content("content", unlessEmpty: content ?? [], "Its text, usually Markdown.")
    out.object("execution_state", entry.executionState, "What goes on right now.")
    out.time("created_at", entry.createdAt, "When it was created.")
    out.time("planning_at", entry.phaseTimes.planning, "When it entered planning.")
    out.time("implementing_at", entry.phaseTimes.implementing, "When it entered implementing.")
    out.time("reviewing_at", entry.phaseTimes.reviewing, "When it entered reviewing.")
    out.time("verifying_at", entry.phaseTimes.verifying, "When it entered verifying.")
    out.time("done_at", entry.phaseTimes.done, "When it was done.")
    out.field("implemented", unlessEmpty: entry.implemented, "A note on its implementation.")
    out.field("review_cycle", unlessZero: entry.reviewCycle, "How often changes were requested.")
    out.field(
      "latest_review_feedback", unlessEmpty: entry.latestReviewFeedback,
      "What the last review asked for.")
    writeLinks(&out)
    writeGraph(&out)
    out.time("deleted_at", unlessUnset: entry.deletedAt, "When it was deleted.")
    out.list(
      "warnings", unlessEmpty: warnings, "What the writer should know about what was written.")
    out.field(
      "changed", ifFalse: !isUnchanged,
      "False where the task was already what it was to become.")
    out.list(
      "unblocked", unlessEmpty: unblocked.map(\.text), "The tasks that this change made ready.")
    out.list(
      "failed", unlessEmpty: failed.map(\.text), "The tasks that failed because of this change.")
  }

  private func writeLinks(_ out: inout ObjectWriter) {
    let request = entry.pullRequest
    out.field("pr_url", unlessEmpty: request.url, "The pull request.")
    out.field(
      "pr_review_decision", unlessEmpty: request.reviewDecision, "What its reviewers decided.")
    out.field("pr_check_status", unlessEmpty: request.checkStatus, "What its checks say.")
    out.field("pr_create_state", unlessEmpty: request.createState, "How its creation ended.")
    out.field("pr_create_error", unlessEmpty: request.createError, "Why its creation failed.")
    out.field("pr_create_attempts", unlessZero: request.createAttempts, "How often it was tried.")
    out.time("pr_create_attempted_at", request.createAttemptedAt, "When it was tried last.")
    let verification = entry.verification
    out.field("verified_sha", unlessEmpty: verification.sha, "The verified commit.")
    out.field("verified_base_sha", unlessEmpty: verification.baseSHA, "The commit it is based on.")
    out.time("verified_at", verification.at, "When it was verified.")
    out.field("verified_by", unlessEmpty: verification.by, "Who verified it.")
    out.field(
      "stale_verification_reason", unlessEmpty: verification.staleReason,
      "Why the verification no longer holds.")
    out.field("blocked_reason", unlessEmpty: entry.block.reason, "Why it does not go on.")
    out.field("blocked_source", unlessEmpty: entry.block.source, "Who or what blocked it.")
    out.time("blocked_at", entry.block.at, "When it was blocked.")
    out.field("clickup_task_id", unlessEmpty: entry.clickupTaskID, "The task in ClickUp.")
    out.field("linear_issue_id", unlessEmpty: entry.linear.issueID, "The issue in Linear.")
    out.field("linear_identifier", unlessEmpty: entry.linear.identifier, "The issue's short name.")
    out.field("linear_url", unlessEmpty: entry.linear.url, "The issue's page.")
    out.field("linear_team_key", unlessEmpty: entry.linear.teamKey, "The issue's team.")
    out.field("linear_project_id", unlessEmpty: entry.linear.projectID, "The issue's project.")
  }
}

extension ExecutionState: Output {
  public static var placeholder: ExecutionState { .empty }

  public func write(_ out: inout ObjectWriter) {
    out.field("execution_phase", unlessEmpty: phase, "The phase inside the status.")
    out.field("active_agent_type", unlessEmpty: activeAgentType, "What kind of agent is at work.")
    out.field("active_wave", unlessZero: activeWave, "The wave at work.")
  }
}
