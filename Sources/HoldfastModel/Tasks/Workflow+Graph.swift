extension Workflow {
  /// The workflow of that name, when it is one of those that come built in.
  public static func builtIn(_ name: String) -> Workflow? { builtIns[name] }

  /// The names of those that come built in.
  public static var builtInNames: [String] { builtIns.keys.sorted() }

  /// The statuses of all of them, each once.
  public static var builtInStatuses: [TaskStatus] {
    Set(builtIns.values.flatMap(\.statuses)).sorted()
  }

  /// The same, and the other words that stand for them.
  public static var builtInWords: Set<TaskStatus> {
    Set(builtIns.values.flatMap { $0.statuses + $0.aliases.keys })
  }

  /// What a status may mean, which depends on the workflow of its task.
  public static func categories(of status: TaskStatus) -> Set<StatusCategory> {
    Set(builtIns.values.map { $0.category(status) })
  }

  private static let builtIns = Dictionary(
    uniqueKeysWithValues: [standard, graph, repository].map { ($0.name, $0) })

  /// The five statuses of the task graph.
  public static let graph = Workflow(
    name: "graph",
    statuses: [.pending, .inProgress, .completed, .failed, .cancelled],
    aliases: [TaskStatus(stored: "working"): .inProgress, .assigned: .pending],
    categories: [
      .pending: .open, .inProgress: .active, .completed: .done, .failed: .failed,
      .cancelled: .cancelled,
    ],
    steps: [
      .pending: [.inProgress, .completed, .failed, .cancelled],
      .inProgress: [.pending, .completed, .failed, .cancelled],
      .completed: [.pending],
      .failed: [.pending],
      .cancelled: [],
    ])

  /// The fourteen statuses of the task repository.
  public static let repository = Workflow(
    name: "repository",
    statuses: [
      // The first of a category is the one that claims and their ends lead to.
      .ready, .unstarted, .pending, .queued, .running, .interactive, .resumable, .idle, .delegated,
      .paused, .blocked, .succeeded, .failed, .cancelled,
    ],
    categories: [
      .unstarted: .open, .pending: .open, .ready: .open, .queued: .open, .running: .active,
      .interactive: .active, .resumable: .active, .idle: .active, .delegated: .active,
      .paused: .waiting, .blocked: .waiting, .succeeded: .done, .failed: .failed,
      .cancelled: .cancelled,
    ],
    steps: [
      .unstarted: [.pending],
      .pending: [.ready, .cancelled, .blocked],
      .ready: [.running, .queued, .delegated, .cancelled],
      .queued: [.running, .cancelled],
      .running: [
        .paused, .interactive, .resumable, .idle, .succeeded, .failed, .cancelled, .blocked,
      ],
      .paused: [.running, .cancelled],
      .interactive: [.running, .paused, .cancelled],
      .resumable: [.running, .cancelled],
      .idle: [.running, .succeeded, .cancelled],
      .blocked: [.ready, .running, .cancelled],
      .delegated: [.running, .cancelled, .failed],
      .failed: [.ready, .running],
      .succeeded: [], .cancelled: [],
    ])
}

extension TaskStatus {
  // Those of the task graph.
  public static let pending = TaskStatus(stored: "pending")
  /// Another word for a pending task that is for one agent.
  public static let assigned = TaskStatus(stored: "assigned")
  public static let inProgress = TaskStatus(stored: "in_progress")
  public static let completed = TaskStatus(stored: "completed")
  public static let failed = TaskStatus(stored: "failed")

  // Those of the task repository.
  public static let unstarted = TaskStatus(stored: "none")
  public static let queued = TaskStatus(stored: "queued")
  public static let running = TaskStatus(stored: "running")
  public static let interactive = TaskStatus(stored: "interactive")
  public static let resumable = TaskStatus(stored: "resumable")
  public static let idle = TaskStatus(stored: "idle")
  public static let delegated = TaskStatus(stored: "delegated")
  public static let paused = TaskStatus(stored: "paused")
  public static let blocked = TaskStatus(stored: "blocked")
  public static let succeeded = TaskStatus(stored: "succeeded")
}
