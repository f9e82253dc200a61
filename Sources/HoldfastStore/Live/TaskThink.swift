public import HoldfastDatabase
public import HoldfastModel

/// Says what an agent is at, on tasks that it holds.
public struct TaskThink: Mutation {
  public static let name = "task_think"
  public static let summary =
    "Says what an agent is at, on one, some or all of the tasks that it holds; none clears it."
  public static let access = Access.write

  public let project: ProjectName
  public let agent: AgentID
  public let thought: String
  /// Empty for all that the agent holds in the project.
  public let tasks: [TaskFilename]
  public let fence: Int64?
  /// Whether tasks that the agent does not hold are passed over.
  public let isForgiving: Bool

  /// The longest thought, in bytes.
  public static let bytesMax = 4096
  /// The most tasks of one call.
  public static let tasksMax = 1000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.requiredCaller("agent", "Who holds the tasks.")
    thought = try fields.value("thought", "What it is at; left out, nothing.", default: "")
    let task: TaskFilename? = try fields.optional("task", "The task: filename or id.")
    let others = try fields.value(
      "tasks", "Several tasks; without any, all that the agent holds.", default: [TaskFilename]())
    tasks = (task.map { [$0] } ?? []) + others
    fence = try fields.optional("fence", "The fence of the claim, for a single task.")
    isForgiving = try fields.value(
      "held_only", "Whether tasks that it does not hold are passed over; else they are refused.",
      default: false)
  }

  public func check() throws(HoldfastError) {
    guard thought.utf8.count <= Self.bytesMax else {
      throw FieldPosition("thought").mustBe("at most \(Self.bytesMax) bytes long")
    }
    guard tasks.count <= Self.tasksMax else {
      throw FieldPosition("tasks").mustBe("at most \(Self.tasksMax) tasks")
    }
    guard fence == nil || tasks.count == 1 else {
      throw FieldPosition("fence").invalid("fence is of one claim: name its task alone")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<UpdatedCount> {
    let agent = try changes.agent(agent)
    let holder = Holder(agent: agent.name, fence: fence)
    var updated: Set<Int64> = []
    for task in try wanted(of: agent, changes) where updated.insert(task.id).inserted {
      if isForgiving, task.graph.owner != agent.name.text {
        updated.remove(task.id)
        continue
      }
      try changes.check(holder, of: task)
      try changes.set(
        task, as: .taskChanged, by: agent.name,
        note: EventNote(
          "\(task.filename): "
            + (thought.isEmpty
              ? "\(agent.name) thinks nothing" : "\(agent.name) thinks: \(thought)"))
      ) { $0.graph.thought = thought }
    }
    try changes.heartbeat(of: agent)
    return .done(UpdatedCount(count: Int64(updated.count)))
  }

  private func wanted(of agent: Agent, _ changes: Changes) throws -> [TaskEntry] {
    guard tasks.isEmpty else {
      return try tasks.map { try changes.taskForWriting($0, in: project) }
    }
    guard let project = try changes.projectKey(project) else { return [] }
    return try changes.rows(StoreView.tasksOfOwner, [.text(agent.name.text)])
      .filter { $0.project == project }
  }
}

/// How many rows a call was about.
public struct UpdatedCount: Output {
  let count: Int64

  public static var placeholder: UpdatedCount { UpdatedCount(count: 1) }

  public func write(_ out: inout ObjectWriter) {
    out.field("updated_count", count, "How many tasks it was about.")
  }
}
