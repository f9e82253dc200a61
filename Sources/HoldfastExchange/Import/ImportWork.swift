internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// What is left to be written of one project, once everything that is there was taken out.
struct ImportWork: Sendable {
  enum Item: Sendable {
    /// Deletes the tasks that the project has.
    case clearing
    case agent(ImportedAgent)
    case alias(ProjectName)
    /// A workflow of the project; as a replacement, in the place of the one that it has.
    case workflow(Workflow, isReplacement: Bool)
    /// Has the project accept any status.
    case anyStatus
    case topic(ImportedTopic)
    case task(ImportedTask)
    /// The place in the tree of a task that was written before.
    case place(ImportedTask)
    /// Its edges.
    case edges(ImportedTask)
    case signal(Signal)
    case audit(AuditLine)
    case lockEvent(ImportedLockEvent)
    case lockPosition(AgentID, number: Int64)
    case lock(ImportedLock)

    /// About how many bytes its rows have; its event holds them once more.
    var size: Int {
      switch self {
      case .clearing, .alias, .topic, .place, .lockPosition, .anyStatus: 100
      case .workflow: WorkflowDefinition.bytesMax
      case .agent(let agent): agent.agent.byteCount
      case .edges(let task): 200 + 100 * task.edges.count
      case .task(let task):
        task.text.bytes.count + task.entry.byteCount + 100 * task.subtasks.count
          + task.subtasks.reduce(0) { $0 + $1.title.utf8.count }
          + task.reviews.reduce(0) { $0 + $1.byteCount }
          + task.costs.reduce(0) { $0 + $1.byteCount }
          + task.comments.reduce(0) { $0 + $1.byteCount }
          + task.output.reduce(0) { $0 + $1.byteCount }
          + task.attachments.reduce(0) { $0 + 500 + ($1.blob?.content.count ?? 0) }
      case .signal(let signal): signal.byteCount
      case .audit(let line): line.byteCount
      case .lockEvent(let event): event.line.byteCount
      case .lock(let lock): 200 + lock.path.text.utf8.count
      }
    }
  }

  let project: ProjectName
  /// The project's row when it has to be made; of a project that is there, what it lacks is filled.
  var row: Project?
  var items: [Item] = []
  /// The last event that the comparison with the store has seen.
  var knownThrough: Int64 = 0
  var source = ""
  /// Whether all of it is one transaction.
  var isAtomic = false
  /// The task of the project that gets what nothing contains.
  var parent: TaskFilename?

  private static let itemsMax = 200
  private static let bytesMax = 1024 * 1024

  /// The work in transactions that hold up nobody for long.
  func batches(source: String) -> [ImportWork] {
    var batches: [ImportWork] = []
    var batch = self
    batch.source = source
    guard !isAtomic else { return [batch] }
    batch.items = []
    var bytes = 0
    for item in items {
      if batch.items.count >= Self.itemsMax || bytes + item.size > Self.bytesMax,
        !batch.items.isEmpty
      {
        batches.append(batch)
        batch.items = []
        bytes = 0
      }
      batch.items.append(item)
      bytes += item.size
    }
    batches.append(batch)
    return batches
  }
}

extension Record {
  fileprivate var byteCount: Int { values.reduce(0) { $0 + $1.byteCount } }
}
