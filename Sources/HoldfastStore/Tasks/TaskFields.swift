public import HoldfastModel

/// The fields of a task that its creation sets and its replacement replaces.
public struct TaskFields: Sendable {
  public let status: String
  public let description: String
  public let branch: String
  public let topic: String
  public let goal: String
  public let implemented: String
  public let createdAt: Timestamp?
  public let phaseTimes: PhaseTimes
  public let executionState: ExecutionState
  public let reviewCycle: Int64
  public let latestReviewFeedback: String
  public let clickupTaskID: String
  public let linear: LinearLink

  public init(reading fields: inout Fields) throws(HoldfastError) {
    status = try fields.value("status", "One of the workflow's statuses.", default: "")
    description = try fields.value("description", "What it is about, in a line.", default: "")
    branch = try fields.value("branch", "The git branch of the work.", default: "")
    topic = try fields.value("topic", "The topic it belongs to.", default: "")
    goal = try fields.value("goal", "What is true when it is done.", default: "")
    implemented = try fields.value("implemented", "A note on its implementation.", default: "")
    createdAt = try fields.time("created_at", "When it was created.")
    phaseTimes = PhaseTimes(
      planning: try fields.time("planning_at", "When it entered planning."),
      implementing: try fields.time("implementing_at", "When it entered implementing."),
      reviewing: try fields.time("reviewing_at", "When it entered reviewing."),
      verifying: try fields.time("verifying_at", "When it entered verifying."),
      done: try fields.time("done_at", "When it was done."))
    executionState = try fields.value(
      "execution_state", "What goes on right now.", default: ExecutionState.empty)
    reviewCycle = try fields.value(
      "review_cycle", "How often changes were requested.", in: 0...Int64.max, default: 0)
    latestReviewFeedback = try fields.value(
      "latest_review_feedback", "What the last review asked for.", default: "")
    clickupTaskID = try fields.value("clickup_task_id", "The task in ClickUp.", default: "")
    linear = try LinearLink(reading: &fields)
  }

  /// Sets all of them; an empty status and an unset creation time take defaults instead.
  func apply(to task: inout TaskEntry, workflow: Workflow, defaultTime: Timestamp) throws {
    if !status.isEmpty {
      let status = try workflow.status(status)
      if status != task.status { try task.checkMayBecome(status, workflow) }
      task.status = status
    }
    task.description = description
    task.branch = branch
    task.topic = topic
    task.goal = goal
    task.implemented = implemented
    task.createdAt = createdAt ?? task.createdAt ?? defaultTime
    task.phaseTimes = phaseTimes
    task.executionState = executionState
    task.reviewCycle = reviewCycle
    task.latestReviewFeedback = latestReviewFeedback
    task.clickupTaskID = clickupTaskID
    task.linear = linear
  }
}

extension TaskEntry {
  /// Refuses a status in which somebody works on the task while nobody holds it; events may lead there.
  func checkMayBecome(_ status: TaskStatus, _ workflow: Workflow) throws(HoldfastError) {
    guard !workflow.isMovedByEvents, workflow.category(status) == .active, graph.owner.isEmpty
    else { return }
    throw HoldfastError(
      .invalidTransition,
      "\(filename.text.isEmpty ? "a task" : filename.text) becomes \(status) by being claimed: claim it, "
        + "or name the agent in a patch of it")
  }
}

extension LinearLink {
  public init(reading fields: inout Fields) throws(HoldfastError) {
    issueID = try fields.value("linear_issue_id", "The issue in Linear.", default: "")
    identifier = try fields.value("linear_identifier", "The issue's short name.", default: "")
    url = try fields.value("linear_url", "The issue's page.", default: "")
    teamKey = try fields.value("linear_team_key", "The issue's team.", default: "")
    projectID = try fields.value("linear_project_id", "The issue's project.", default: "")
  }
}
