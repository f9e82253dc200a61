public import HoldfastDatabase
public import HoldfastModel

/// A task as it is stored, without its text, which lives once in the event that set it.
public struct TaskEntry: Record {
  public var id: Int64
  public var project: Int64
  public var filename: TaskFilename
  public var status: TaskStatus
  public var description = ""
  public var branch = ""
  /// The name of the task's topic; empty for none.
  public var topic = ""
  public var goal = ""
  /// When and how it was implemented, in the client's words.
  public var implemented = ""
  public var createdAt: Timestamp?
  public var phaseTimes = PhaseTimes()
  public var executionState = ExecutionState.empty
  public var reviewCycle: Int64 = 0
  public var latestReviewFeedback = ""
  public var pullRequest = PullRequest()
  public var verification = Verification()
  public var block = Block()
  public var clickupTaskID = ""
  public var linear = LinearLink()
  /// The number of the event that holds the task's text; nil for an empty text.
  public var content: Int64?
  /// The length of the text in bytes.
  public var contentBytes: Int64 = 0
  /// The number of the event that changed this row last.
  public var revision: Int64
  public var deletedAt: Timestamp?
  public var graph = GraphColumns()

  public init(project: Int64, filename: TaskFilename, status: TaskStatus) {
    id = 0
    self.project = project
    self.filename = filename
    self.status = status
    revision = 0
  }

  public static let table = Table(
    "tasks",
    [
      ("project", .null), ("filename", .null), ("status", .null), ("description", .text("")),
      ("branch", .text("")), ("topic", .text("")), ("goal", .text("")),
      ("implemented", .text("")), ("created_at", .null), ("planning_at", .null),
      ("implementing_at", .null), ("reviewing_at", .null), ("verifying_at", .null),
      ("done_at", .null), ("execution_phase", .text("")), ("active_agent_type", .text("")),
      ("active_wave", .int(0)), ("review_cycle", .int(0)),
      ("latest_review_feedback", .text("")), ("pr_url", .text("")),
      ("pr_review_decision", .text("")), ("pr_check_status", .text("")),
      ("pr_create_state", .text("")), ("pr_create_error", .text("")),
      ("pr_create_attempts", .int(0)), ("pr_create_attempted_at", .null),
      ("verified_sha", .text("")), ("verified_base_sha", .text("")), ("verified_at", .null),
      ("verified_by", .text("")), ("stale_verification_reason", .text("")),
      ("blocked_reason", .text("")), ("blocked_source", .text("")), ("blocked_at", .null),
      ("clickup_task_id", .text("")), ("linear_issue_id", .text("")),
      ("linear_identifier", .text("")), ("linear_url", .text("")), ("linear_team_key", .text("")),
      ("linear_project_id", .text("")), ("content", .null), ("content_bytes", .int(0)),
      ("revision", .null), ("deleted_at", .null),
    ] + GraphColumns.logged, kept: GraphColumns.kept)

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    filename = TaskFilename(stored: columns.text())
    status = TaskStatus(stored: columns.text())
    description = columns.text()
    branch = columns.text()
    topic = columns.text()
    goal = columns.text()
    implemented = columns.text()
    createdAt = columns.time()
    phaseTimes = PhaseTimes(
      planning: columns.time(), implementing: columns.time(), reviewing: columns.time(),
      verifying: columns.time(), done: columns.time())
    executionState = ExecutionState(
      phase: columns.text(), activeAgentType: columns.text(), activeWave: columns.int())
    reviewCycle = columns.int()
    latestReviewFeedback = columns.text()
    pullRequest = PullRequest(
      url: columns.text(), reviewDecision: columns.text(), checkStatus: columns.text(),
      createState: columns.text(), createError: columns.text(), createAttempts: columns.int(),
      createAttemptedAt: columns.time())
    verification = Verification(
      sha: columns.text(), baseSHA: columns.text(), at: columns.time(), by: columns.text(),
      staleReason: columns.text())
    block = Block(reason: columns.text(), source: columns.text(), at: columns.time())
    clickupTaskID = columns.text()
    linear = LinearLink(
      issueID: columns.text(), identifier: columns.text(), url: columns.text(),
      teamKey: columns.text(), projectID: columns.text())
    content = columns.optionalInt()
    contentBytes = columns.int()
    revision = columns.int()
    deletedAt = columns.time()
    graph = GraphColumns(reading: &columns)
  }

  public var values: [SQLValue] {
    var out = RowWriter(columns: Self.table.columns.count)
    out.int(project)
    out.text(filename.text)
    out.text(status.text)
    out.text(description)
    out.text(branch)
    out.text(topic)
    out.text(goal)
    out.text(implemented)
    out.time(createdAt)
    out.time(phaseTimes.planning)
    out.time(phaseTimes.implementing)
    out.time(phaseTimes.reviewing)
    out.time(phaseTimes.verifying)
    out.time(phaseTimes.done)
    out.text(executionState.phase)
    out.text(executionState.activeAgentType)
    out.int(executionState.activeWave)
    out.int(reviewCycle)
    out.text(latestReviewFeedback)
    out.text(pullRequest.url)
    out.text(pullRequest.reviewDecision)
    out.text(pullRequest.checkStatus)
    out.text(pullRequest.createState)
    out.text(pullRequest.createError)
    out.int(pullRequest.createAttempts)
    out.time(pullRequest.createAttemptedAt)
    out.text(verification.sha)
    out.text(verification.baseSHA)
    out.time(verification.at)
    out.text(verification.by)
    out.text(verification.staleReason)
    out.text(block.reason)
    out.text(block.source)
    out.time(block.at)
    out.text(clickupTaskID)
    out.text(linear.issueID)
    out.text(linear.identifier)
    out.text(linear.url)
    out.text(linear.teamKey)
    out.text(linear.projectID)
    out.optionalInt(content)
    out.int(contentBytes)
    out.int(revision)
    out.time(deletedAt)
    graph.write(to: &out)
    return out.values
  }
}

/// When a task entered each phase; nil for never.
public struct PhaseTimes: Sendable, Equatable {
  public var planning: Timestamp?
  public var implementing: Timestamp?
  public var reviewing: Timestamp?
  public var verifying: Timestamp?
  public var done: Timestamp?

  public subscript(phase: TaskPhase) -> Timestamp? {
    get {
      switch phase {
      case .planning: planning
      case .implementing: implementing
      case .reviewing: reviewing
      case .verifying: verifying
      case .done: done
      }
    }
    set {
      switch phase {
      case .planning: planning = newValue
      case .implementing: implementing = newValue
      case .reviewing: reviewing = newValue
      case .verifying: verifying = newValue
      case .done: done = newValue
      }
    }
  }
}

/// A task's pull request, as its host last reported it.
public struct PullRequest: Sendable, Equatable {
  public var url = ""
  public var reviewDecision = ""
  public var checkStatus = ""
  public var createState = ""
  public var createError = ""
  public var createAttempts: Int64 = 0
  public var createAttemptedAt: Timestamp?
}

/// What was verified, and why it no longer holds.
public struct Verification: Sendable, Equatable {
  public var sha = ""
  public var baseSHA = ""
  public var at: Timestamp?
  public var by = ""
  public var staleReason = ""
}

/// Why a task does not go on.
public struct Block: Sendable, Equatable {
  public var reason = ""
  public var source = ""
  public var at: Timestamp?
}

/// A task's issue in Linear.
public struct LinearLink: Sendable, Equatable {
  public var issueID = ""
  public var identifier = ""
  public var url = ""
  public var teamKey = ""
  public var projectID = ""
}
