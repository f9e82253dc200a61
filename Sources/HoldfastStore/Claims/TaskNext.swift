internal import HoldfastDatabase
public import HoldfastModel

/// Says what an agent should do now, and why; nothing is claimed by that.
public struct TaskNext: Query {
  public static let name = "task_next"
  public static let summary =
    "Says what to do now and why: what the agent holds, else the best ready task, else what blocks."
  public static let access = Access.read

  public let project: ProjectName
  public let agent: AgentID?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.caller("agent", "Who asks; without it, a person.")
  }

  /// How many blocked tasks are looked at for the most urgent one.
  private static let blockedMax = 1000
  static let blocked = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.category = 0
      AND tasks.open_blockers + tasks.waits_for_sibling + tasks.waits_for_ancestor > 0
      AND tasks.deleted_at IS NULL
    ORDER BY tasks.id LIMIT \(blockedMax)
    """)

  public func run(in view: StoreView) throws -> NextAnswer {
    let agent = try agent.map(view.agent)
    guard let project = try view.projectKey(project) else {
      return NextAnswer(.nothing, "the project has no tasks", nil)
    }
    if let agent, let held = try held(by: agent, in: project, view) {
      return NextAnswer(
        .held, "\(agent.name) holds it: go on with it, then complete or release it",
        try view.slimAnswer(held))
    }
    if let best = try view.bestReady(for: agent, in: project) {
      return NextAnswer(
        .ready, "it is the most urgent task that can be claimed: \(reason(best))",
        try view.slimAnswer(best))
    }
    return try obstacle(for: agent, in: project, view)
  }

  private func reason(_ task: TaskEntry) -> String {
    let graph = task.graph
    return "priority \(graph.priority.name)"
      + (graph.assignee.isEmpty ? "" : ", assigned to \(graph.assignee)")
      + (graph.dueAt.map { ", due \($0)" } ?? "")
  }

  /// The most urgent task that an agent holds; among equal ones that which it has held longest.
  private func held(by agent: Agent, in project: Int64, _ view: StoreView) throws -> TaskEntry? {
    try view.tasks(heldBy: agent, in: project).min {
      (-$0.graph.priority.value, $0.graph.claimedAt?.nanoseconds ?? 0, $0.id)
        < (-$1.graph.priority.value, $1.graph.claimedAt?.nanoseconds ?? 0, $1.id)
    }
  }

  /// What keeps the most urgent of the blocked tasks from starting.
  private func obstacle(
    for agent: Agent?, in project: Int64, _ view: StoreView
  ) throws -> NextAnswer {
    let blocked = try view.reading.all(Self.blocked, [.int(project)], TaskEntry.init(row:))
    let waiting = blocked.min {
      (-$0.graph.priority.value, $0.graph.age, $0.id)
        < (-$1.graph.priority.value, $1.graph.age, $1.id)
    }
    if let waiting, let last = try view.lastObstacle(of: waiting) {
      let ids = (view.id(of: last), view.id(of: waiting))
      let state: String
      if !last.graph.owner.isEmpty {
        state = "\(last.graph.owner) holds it"
      } else if last.graph.ready != nil {
        state = agent == nil ? "it can be claimed" : "it is for others"
      } else {
        state = "it is \(last.status)"
      }
      return NextAnswer(
        .blocked, "nothing is ready; \(ids.1) waits for \(ids.0) in the end: \(state)",
        try view.slimAnswer(last))
    }
    if agent != nil, let other = try view.bestReady(for: nil, in: project) {
      return NextAnswer(
        .blocked, "what is ready is for agents with other tags, or for one alone",
        try view.slimAnswer(other))
    }
    return NextAnswer(.nothing, "nothing waits to be started", nil)
  }
}

extension StoreView {
  /// The best task that can be claimed: by that agent, or by anybody.
  func bestReady(for agent: Agent?, in project: Int64) throws -> TaskEntry? {
    let now = reading.now
    let rights = try rightsOfReady(for: agent, in: project)
    var found = try rights.compactMap { try bestReady(rights: $0, in: project) }
    found += try TaskReady.due(self).compactMap { task in
      var task = task
      task.graph.ready = task.rank(at: now)
      guard task.project == project, task.graph.ready != nil,
        agent == nil || rights.contains(task.graph.rights)
      else { return nil }
      return task
    }
    return found.min(by: Self.isBetter)
  }

  /// The task at the end of a chain of waiting, the nearest way: the one that itself waits for nothing.
  fileprivate func lastObstacle(of task: TaskEntry) throws -> TaskEntry? {
    var seen: Set<Int64> = [task.id]
    var next = try obstacles(of: task).map(\.task)
    var index = 0
    while index < next.count, index < 200 {
      let obstacle = next[index]
      index += 1
      guard seen.insert(obstacle.id).inserted else { continue }
      var behind = try obstacles(of: obstacle).map(\.task)
      if obstacle.graph.openChildren > 0 {
        behind += try children(of: obstacle).filter(\.isOpen)
      }
      if behind.isEmpty { return obstacle }
      next += behind
    }
    return next.first
  }
}

/// What to do now.
public struct NextAnswer: Output {
  /// Which kind of advice it is.
  enum Kind: String {
    /// A task that the agent holds already.
    case held
    /// A task that it can claim.
    case ready
    /// A task of others that has to move first.
    case blocked
    /// There is nothing.
    case nothing
  }

  let kind: Kind
  let reason: String
  let task: TaskAnswer?

  init(_ kind: Kind, _ reason: String, _ task: TaskAnswer?) {
    self.kind = kind
    self.reason = reason
    self.task = task
  }

  public static var placeholder: NextAnswer { NextAnswer(.ready, "", .placeholder) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Next" }

  public func write(_ out: inout ObjectWriter) {
    out.field("kind", kind.rawValue, "held, ready, blocked or nothing.")
    out.field("reason", reason, "Why, in a sentence.")
    out.object("task", unlessNil: task, "The task; none where there is nothing.")
  }
}
