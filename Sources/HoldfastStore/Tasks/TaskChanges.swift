public import HoldfastModel

/// What a merge patch does with the fields of a task's row.
public struct TaskChanges: Sendable {
  private typealias TextPath = any WritableKeyPath<TaskEntry, String> & Sendable
  private typealias TimePath = any WritableKeyPath<TaskEntry, Timestamp?> & Sendable
  private typealias CountPath = any WritableKeyPath<TaskEntry, Int64> & Sendable

  /// One field of the row and what happens to it.
  private enum FieldChange: Sendable {
    case text(TextPath, Change<String>)
    case time(TimePath, Change<OptionalTime>)
    case count(CountPath, Change<Int64>, name: String)
  }

  public let status: Change<String>
  public let executionState: Change<ExecutionStateChanges>
  private var fields: [FieldChange] = []

  public init(reading fields: inout Fields) throws(HoldfastError) {
    status = try fields.change("status", "One of the workflow's statuses; it cannot be cleared.")
    executionState = try fields.change(
      "execution_state", "What goes on right now; merged field by field.")
    try readDescription(&fields)
    try readTimes(&fields)
    try readPullRequest(&fields)
    try readVerification(&fields)
    try readLinks(&fields)
  }

  private mutating func readDescription(_ fields: inout Fields) throws(HoldfastError) {
    try text(&fields, "description", \.description, "What it is about, in a line.")
    try text(&fields, "branch", \.branch, "The git branch of the work.")
    try text(&fields, "topic", \.topic, "The topic it belongs to.")
    try text(&fields, "goal", \.goal, "What is true when it is done.")
    try text(&fields, "implemented", \.implemented, "A note on its implementation.")
    try count(&fields, "review_cycle", \.reviewCycle, "How often changes were requested.")
    try text(
      &fields, "latest_review_feedback", \.latestReviewFeedback, "What the last review asked for.")
  }

  private mutating func readTimes(_ fields: inout Fields) throws(HoldfastError) {
    try time(&fields, "created_at", \.createdAt, "When it was created.")
    try time(&fields, "planning_at", \.phaseTimes.planning, "When it entered planning.")
    try time(
      &fields, "implementing_at", \.phaseTimes.implementing, "When it entered implementing.")
    try time(&fields, "reviewing_at", \.phaseTimes.reviewing, "When it entered reviewing.")
    try time(&fields, "verifying_at", \.phaseTimes.verifying, "When it entered verifying.")
    try time(&fields, "done_at", \.phaseTimes.done, "When it was done.")
  }

  private mutating func readPullRequest(_ fields: inout Fields) throws(HoldfastError) {
    try text(&fields, "pr_url", \.pullRequest.url, "The pull request.")
    try text(
      &fields, "pr_review_decision", \.pullRequest.reviewDecision, "What its reviewers decided.")
    try text(&fields, "pr_check_status", \.pullRequest.checkStatus, "What its checks say.")
    try text(&fields, "pr_create_state", \.pullRequest.createState, "How its creation ended.")
    try text(&fields, "pr_create_error", \.pullRequest.createError, "Why its creation failed.")
    try count(
      &fields, "pr_create_attempts", \.pullRequest.createAttempts, "How often it was tried.")
    try time(
      &fields, "pr_create_attempted_at", \.pullRequest.createAttemptedAt, "When it was tried last.")
  }

  private mutating func readVerification(_ fields: inout Fields) throws(HoldfastError) {
    try text(&fields, "verified_sha", \.verification.sha, "The verified commit.")
    try text(
      &fields, "verified_base_sha", \.verification.baseSHA, "The commit it is based on.")
    try time(&fields, "verified_at", \.verification.at, "When it was verified.")
    try text(&fields, "verified_by", \.verification.by, "Who verified it.")
    try text(
      &fields, "stale_verification_reason", \.verification.staleReason,
      "Why the verification no longer holds.")
    try text(&fields, "blocked_reason", \.block.reason, "Why it does not go on.")
    try text(&fields, "blocked_source", \.block.source, "Who or what blocked it.")
    try time(&fields, "blocked_at", \.block.at, "When it was blocked.")
  }

  private mutating func readLinks(_ fields: inout Fields) throws(HoldfastError) {
    try text(&fields, "clickup_task_id", \.clickupTaskID, "The task in ClickUp.")
    try text(&fields, "linear_issue_id", \.linear.issueID, "The issue in Linear.")
    try text(&fields, "linear_identifier", \.linear.identifier, "The issue's short name.")
    try text(&fields, "linear_url", \.linear.url, "The issue's page.")
    try text(&fields, "linear_team_key", \.linear.teamKey, "The issue's team.")
    try text(&fields, "linear_project_id", \.linear.projectID, "The issue's project.")
  }

  // MARK: Reading one field

  private mutating func text(
    _ fields: inout Fields, _ name: StaticString,
    _ path: TextPath, _ description: String
  ) throws(HoldfastError) {
    let change = try fields.change(name, description, as: String.self)
    if change.isChange { self.fields.append(.text(path, change)) }
  }

  private mutating func time(
    _ fields: inout Fields, _ name: StaticString,
    _ path: TimePath, _ description: String
  ) throws(HoldfastError) {
    let change = try fields.change(name, description, as: OptionalTime.self)
    if change.isChange { self.fields.append(.time(path, change)) }
  }

  private mutating func count(
    _ fields: inout Fields, _ name: StaticString,
    _ path: CountPath, _ description: String
  ) throws(HoldfastError) {
    let change = try fields.change(name, description, as: Int64.self)
    if change.isChange { self.fields.append(.count(path, change, name: "\(name)")) }
  }

  // MARK: Using it

  /// Whether it changes nothing.
  var isEmpty: Bool { !status.isChange && !executionState.isChange && fields.isEmpty }

  /// Whether it changes when the task was created, and so where it stands among its siblings.
  var changesAge: Bool {
    fields.contains { if case .time(let path, _) = $0 { path == \.createdAt } else { false } }
  }

  /// Refuses what no field may become.
  func check() throws(HoldfastError) {
    if case .clear = status {
      throw FieldPosition("status").mustBe("a status: a task always has one")
    }
    for case .count(_, .set(let value), let name) in fields where value < 0 {
      throw FieldPosition(name).mustBe("a whole number from 0, not \(value)")
    }
  }

  /// Does it.
  func apply(to task: inout TaskEntry, workflow: Workflow) throws {
    if case .set(let text) = status { task.status = try workflow.status(text) }
    switch executionState {
    case .keep: break
    case .clear: task.executionState = .empty
    case .set(let changes): changes.apply(to: &task.executionState)
    }
    for field in fields {
      switch field {
      case .text(let path, let change):
        task[keyPath: path] = change.applied(to: task[keyPath: path], empty: "")
      case .count(let path, let change, _):
        task[keyPath: path] = change.applied(to: task[keyPath: path], empty: 0)
      case .time(let path, let change):
        let current = OptionalTime(timestamp: task[keyPath: path])
        task[keyPath: path] = change.applied(to: current, empty: .unset).timestamp
      }
    }
  }
}
