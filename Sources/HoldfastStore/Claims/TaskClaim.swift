public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Gives an agent a task: a certain one, or the best that it can start now.
///
/// One transaction checks everything and takes the task: that it is there, that nobody else holds it,
/// that it is open, the agent's limit and tags, and what the task waits for.
public struct TaskClaim: Mutation {
  public static let name = "task_claim"
  public static let summary = """
    Gives an agent a task under a lease: a certain one, or the best it can start; nothing without one.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let agent: AgentID
  /// nil for the best one that is ready.
  public let task: TaskFilename?
  /// Only a task with all of these.
  public let tags: TagList
  /// The process of the agent; two of them with one id do not both win.
  public let session: String
  /// In seconds; 0 for what the store is set to.
  public let leaseSeconds: Int64
  public let isForced: Bool
  /// Files that are locked with the claim, and free again when the task ends.
  public let files: [LockPath]
  public let waitMilliseconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.requiredCaller("agent", "Who claims; connect it first.")
    task = try fields.optional("task", "A certain task; without it, the best that is ready.")
    tags = try fields.value("tags", "Only a task with all of these tags.", default: TagList.none)
    session = try fields.value(
      "session", "Your process: two with one agent id do not both get the task.", default: "")
    leaseSeconds = try fields.value(
      "lease_seconds", "Length of the lease in seconds; 0 takes the store's.", in: 0...86_400,
      default: 0)
    isForced = try fields.value(
      "force", "Takes a certain task from its holder, and whatever it waits for.", default: false)
    files = try fields.value(
      "files",
      "Files to be locked with the claim, relative to the project's folder: all of them, or no claim.",
      default: [])
    waitMilliseconds = try fields.value(
      "wait_ms", "How long to wait for a task to be ready, in milliseconds.", in: 0...30_000,
      default: 0)
  }

  /// The claim that a change of the status asks for.
  init(of task: TaskEntry, by agent: AgentID, isForced: Bool) {
    project = ProjectName(stored: "")
    self.agent = agent
    self.task = task.filename
    self.isForced = isForced
    tags = .none
    session = ""
    leaseSeconds = 0
    files = []
    waitMilliseconds = 0
  }

  public func check() throws(HoldfastError) {
    guard task != nil || !isForced else {
      throw FieldPosition("force").invalid("force takes a certain task: name it as task")
    }
    guard session.utf8.count <= 128 else {
      throw FieldPosition("session").mustBe("at most 128 bytes long")
    }
    try LockPaths.check(files, "files")
  }

  public func prepare() -> LockPaths { LockPaths(files) }

  public var waiting: Waiting? {
    guard waitMilliseconds > 0, task == nil else { return nil }
    // What an agent may have depends on its own tags.
    return Waiting(
      key: Readiness.waitKey + project.text, tag: "\(agent)\n\(tags.stored)",
      milliseconds: waitMilliseconds)
  }

  public func run(
    _ files: LockPaths, in changes: Changes
  ) throws -> WriteVerdict<ClaimAnswer> {
    let project = try changes.projectKey(project)
    if let task {
      guard let project else { throw HoldfastError.taskNotFound(task, in: self.project) }
      let found = try changes.graphTask(task, in: project)
      let agent = try changes.agent(agent)
      return .done(try take(found, agent, files, changes))
    }
    let agent = try changes.agent(agent)
    guard let project else { return .wait }
    try changes.sweepTasks()
    guard
      let best = try changes.bestReady(for: agent, tags: tags, in: project)
    else { return .wait }
    try changes.checkLimit(of: agent)
    return .done(try claim(best, agent, files, changes))
  }

  /// Writes the claim with the locks that belong to it.
  private func claim(
    _ task: TaskEntry, _ agent: Agent, _ files: LockPaths, _ changes: Changes
  ) throws -> ClaimAnswer {
    try locking(files, agent, task, changes) { try changes.claim(task, by: agent, self) }
  }

  /// Locks the files once `claim` has claimed the task; when somebody has one of them, before that nothing
  /// is done.
  private func locking(
    _ files: LockPaths, _ agent: Agent, _ task: TaskEntry, _ changes: Changes,
    _ claim: () throws -> ClaimAnswer
  ) throws -> ClaimAnswer {
    guard !files.paths.isEmpty else { return try claim() }
    let wish = try changes.wish(files, of: agent, in: task.project)
    try LockWish.refuse(wish.conflicts)
    var answer = try claim()
    answer.locks = try changes.grant(
      wish, to: agent, in: task.project, task: task.id, reason: "")
    return answer
  }

  /// Claims a certain task after all checks, in the order in which the contract names them.
  func take(
    _ task: TaskEntry, _ agent: Agent, _ files: LockPaths, _ changes: Changes
  ) throws -> ClaimAnswer {
    let leaseTime = try changes.transaction.leaseTime
    let isLive = changes.isLive(task, at: leaseTime)
    if isLive, task.graph.owner == agent.name.text, !isOtherProcess(task) {
      return try locking(files, agent, task, changes) {
        try changes.heartbeat(of: agent)
        return try changes.claimAnswer(task.current(in: changes), agent, isHeld: true)
      }
    }
    if isLive, !task.graph.owner.isEmpty, !isForced {
      throw HoldfastError(
        .alreadyClaimed, "Task is already claimed",
        details: [("holder", .string(task.graph.owner))])
    }
    // A claim whose lease has ended is over before another one begins.
    let free =
      task.graph.owner.isEmpty || isLive
      ? task
      : try changes.release(
        task, reason: "lease expired")
    let isTakenOver = isLive && !free.graph.owner.isEmpty
    guard isTakenOver || isOpen(free, for: agent) else {
      let workflow = try changes.workflow(of: free)
      if free.graph.category == .open {
        let other = free.graph.assignee.isEmpty ? free.graph.offeredTo : free.graph.assignee
        throw HoldfastError(
          .invalidTransition,
          "\(free.filename) is for \(other) alone: claim another one, or have it assigned to you",
          details: [("assignee", .string(other))])
      }
      throw HoldfastError.invalidStep(
        from: free.status, to: workflow.status(after: .claim) ?? .inProgress,
        allowed: workflow.next(after: free.status))
    }
    try changes.checkLimit(of: agent)
    try changes.checkTags(of: agent, for: free)
    if !isForced { try changes.checkIsReady(free) }
    return try claim(free, agent, files, changes)
  }

  /// Whether another process of the same agent has the task.
  private func isOtherProcess(_ task: TaskEntry) -> Bool {
    !session.isEmpty && !task.graph.session.isEmpty && session != task.graph.session
  }

  /// Whether it can be started by the agent as far as it goes by its status.
  private func isOpen(_ task: TaskEntry, for agent: Agent) -> Bool {
    task.graph.category == .open
      && [task.graph.assignee, task.graph.offeredTo].allSatisfy {
        $0.isEmpty || $0 == agent.name.text
      }
  }
}

/// A task that an agent has been given.
public struct ClaimAnswer: Output {
  public let task: TaskAnswer
  public let agent: AgentID
  public let fence: Int64
  public let leaseUntil: Timestamp?
  /// Whether the agent had it already.
  public let isHeld: Bool
  /// The locks that came with it.
  public var locks: [LockAnswer] = []

  public static var placeholder: ClaimAnswer {
    ClaimAnswer(
      task: .placeholder, agent: .placeholder, fence: 1, leaseUntil: nil, isHeld: false)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Claim" }

  public var revision: Int64? { task.revision }
  public var textEvent: Int64? { task.textEvent }

  public func write(_ out: inout ObjectWriter) {
    out.object("task", task, "The task.")
    out.field("agent", agent.text, "Who holds it.")
    out.field("fence", fence, "The number of the claim: send it with each change of the task.")
    out.time(
      "lease_expires_at", leaseUntil, "About when the claim ends unless the agent is heard of.")
    out.field("already_held", ifTrue: isHeld, "Whether the agent had it already.")
    out.list("locks", unlessEmpty: locks, "The files that were locked with it.")
  }
}

extension StoreView {
  static let tasksOfOwner = Lookup<TaskEntry>(
    by: ["owner"], where: [.isNotEmpty("owner")])

  /// The tasks of a project that an agent holds, in no order.
  func tasks(heldBy agent: Agent, in project: Int64) throws -> [TaskEntry] {
    try rows(Self.tasksOfOwner, [.text(agent.name.text)]).filter { $0.project == project }
  }
}

extension Changes {
  /// Refuses one more task for an agent that holds as many as it may.
  func checkLimit(of agent: Agent) throws {
    let owner = [SQLValue.text(agent.name.text)]
    guard try memory.count(Self.tasksOfOwner, owner, in: transaction) < agent.maxClaims else {
      let held = try rows(Self.tasksOfOwner, owner)
      throw HoldfastError(
        .claimLimit, "Agent has reached claim limit",
        details: [
          ("max_claims", .number(.init(agent.maxClaims))),
          ("held", .array(held.map { .string(id(of: $0).text) })),
        ])
    }
  }

  /// Refuses a task whose tags the agent does not meet.
  func checkTags(of agent: Agent, for task: TaskEntry) throws {
    let rights = TagRights(needed: task.graph.neededTags, wanted: task.graph.wantedTags)
    if let tag = rights.missing(from: agent.tags) {
      throw HoldfastError(.tagMismatch, "Agent missing required tag: \(tag)")
    }
    guard rights.hasWanted(in: agent.tags) else {
      throw HoldfastError(.tagMismatch, "Agent has none of the wanted tags")
    }
  }

  /// Refuses a task that waits for others.
  func checkIsReady(_ task: TaskEntry) throws {
    let obstacles = try obstacles(of: task)
    guard !obstacles.isEmpty else { return }
    var seen: Set<Int64> = []
    let tasks = obstacles.map(\.task).filter { seen.insert($0.id).inserted }
    throw HoldfastError(
      .dependencyNotSatisfied,
      "\(id(of: task)) cannot be claimed yet: it waits for "
        + obstacles.map { "\(id(of: $0.task)) (\($0.kind.rawValue))" }.joined(separator: ", "),
      details: [("blocked_by", .array(tasks.map { .string(id(of: $0).text) }))])
  }

  /// Writes a claim.
  func claim(_ task: TaskEntry, by agent: Agent, _ claim: TaskClaim) throws -> ClaimAnswer {
    let seconds =
      claim.leaseSeconds == 0 ? facts.settings.agentLeaseSeconds : claim.leaseSeconds
    let until = try transaction.leaseTime + seconds * 1_000_000_000
    let workflow = try workflow(of: task)
    let status =
      workflow.isMovedByEvents ? task.status : workflow.status(after: .claim) ?? task.status
    let displaced = task.graph.owner
    let claimed = try change(
      task, as: .taskClaimed,
      note: EventNote(
        "\(task.filename) claimed by \(agent.name)"
          + (displaced.isEmpty ? "" : ", taken from \(displaced)"),
        detail: JSONObject(
          [
            ("agent", .string(agent.name.text)), ("from", .string(task.status.text)),
            ("to", .string(status.text)),
          ] + (displaced.isEmpty ? [] : [("displaced", .string(displaced))])))
    ) { entry, event in
      entry.status = status
      entry.graph.owner = agent.name.text
      entry.graph.session = claim.session
      entry.graph.offeredTo = ""
      entry.graph.claimedAt = now
      entry.graph.startedAt = entry.graph.startedAt ?? now
      entry.graph.fence = event.sequence
      entry.graph.leaseSeconds = seconds
      entry.graph.leaseUntil = until
      entry.graph.reason = ""
    }
    try heartbeat(of: agent)
    return try claimAnswer(claimed, agent, isHeld: false)
  }

  func claimAnswer(
    _ task: TaskEntry, _ agent: Agent, isHeld: Bool
  ) throws -> ClaimAnswer {
    let leaseTime = try transaction.leaseTime
    return ClaimAnswer(
      task: try answer(task), agent: agent.name, fence: task.graph.fence,
      leaseUntil: task.graph.leaseUntil.map {
        Timestamp(nanoseconds: transaction.now + ($0 - leaseTime))
      }, isHeld: isHeld)
  }
}
