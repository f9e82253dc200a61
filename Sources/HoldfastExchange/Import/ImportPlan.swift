internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Everything that a source holds, read and checked, in the store's own values.
///
/// Nothing is written before it is whole.
struct ImportPlan: Sendable {
  var projects: [ImportedProject] = []
  var notes = ImportNotes()
  /// Whether equal signals of the source are one signal, as two databases of one system hold it; in
  /// a store's own export each line is a signal of its own.
  var mergesEqualSignals = true
  /// Projects of the source that were not asked for.
  var others: Set<ProjectName> = []
  /// Agents, which belong to no project.
  var agents: [ImportedAgent] = []
  /// Whether all of it comes in in one transaction.
  var isAtomic = false

  /// The project of that name, made when missing.
  mutating func withProject<R>(
    _ name: ProjectName, _ body: (inout ImportedProject) throws -> R
  ) rethrows -> R {
    if let index = projects.lastIndex(where: { $0.name == name }) {
      return try body(&projects[index])
    }
    projects.append(ImportedProject(name: name))
    return try body(&projects[projects.count - 1])
  }
}

/// One project of a source.
struct ImportedProject: Sendable {
  let name: ProjectName
  /// The project's own row, where the source has one.
  var row: Project?
  /// Its other names.
  var aliases: [ProjectName] = []
  /// The workflows that it has defined.
  var workflows: [Workflow] = []
  var topics: [ImportedTopic] = []
  var tasks: [ImportedTask] = []
  var signals: [Signal] = []
  var audit: [AuditLine] = []
  /// What happened to files, in its order.
  var lockEvents: [ImportedLockEvent] = []
  /// How far agents had read that: the number of the last one that each knows.
  var lockPositions: [(agent: AgentID, number: Int64)] = []
  /// Files that agents hold.
  var locks: [ImportedLock] = []
  /// Places in ``tasks`` by name, so that a name is taken once.
  var taskByName: [TaskFilename: Int] = [:]
  var topicNames: Set<TopicName> = []

  init(name: ProjectName) { self.name = name }

  /// Adds a task; false when the name is taken, which a deleted one does not do.
  mutating func add(_ task: ImportedTask) -> Bool {
    guard task.entry.deletedAt == nil else {
      tasks.append(task)
      return true
    }
    guard taskByName[task.entry.filename] == nil else { return false }
    taskByName[task.entry.filename] = tasks.count
    tasks.append(task)
    return true
  }

  /// Adds an attachment to a task that came before; false when the task has one in its place.
  mutating func add(_ attachment: ImportedAttachment, to task: TaskReference) throws -> Bool {
    let index =
      task.deletedAt == nil
      ? taskByName[task.filename] : tasks.lastIndex { $0.reference == task }
    guard let index else {
      throw HoldfastError(
        .invalidField, "its task \(task.filename.text.quoted) did not come before")
    }
    let isTaken = tasks[index].attachments.contains {
      $0.row.orderIndex == attachment.row.orderIndex
    }
    if !isTaken { tasks[index].attachments.append(attachment) }
    return !isTaken
  }

  /// Adds a workflow; false when the name is taken.
  mutating func add(_ workflow: Workflow) -> Bool {
    let isTaken = workflows.contains { UTF8Order.areSame($0.name, workflow.name) }
    if !isTaken { workflows.append(workflow) }
    return !isTaken
  }

  /// The workflow of a task's row; that of plans has any status.
  func workflow(named name: String) throws(HoldfastError) -> Workflow {
    if name.isEmpty { return .foreign }
    if let workflow = Workflow.builtIn(name) { return workflow }
    if let workflow = workflows.first(where: { UTF8Order.areSame($0.name, name) }) {
      return workflow
    }
    throw HoldfastError(.invalidField, "its workflow \(name.quoted) did not come before")
  }

  /// Adds a topic; false when the name is taken.
  mutating func add(_ topic: ImportedTopic) -> Bool {
    guard topicNames.insert(topic.name).inserted else { return false }
    topics.append(topic)
    return true
  }
}

struct ImportedTopic: Sendable {
  let name: TopicName
  let createdAt: Timestamp?
}

/// A task with all that belongs to it; written in one transaction.
struct ImportedTask: Sendable {
  var entry: TaskEntry
  var text = TaskText([])
  var subtasks: [Subtask] = []
  var reviews: [PRReview] = []
  var costs: [Cost] = []
  var comments: [Comment] = []
  var output: [OutputPart] = []
  var attachments: [ImportedAttachment] = []
  /// What the history says about how it came, for programs.
  var detail: JSONObject?
  /// The task that contains it.
  var parent: TaskReference?
  /// Its edges to the tasks that it waits for, or has to do with.
  var edges: [ImportedEdge] = []

  /// What an import takes as one text at most, in bytes; the same as the doors take.
  static let contentMax = 16 * 1024 * 1024
}

extension ImportedTask {
  var reference: TaskReference {
    TaskReference(entry.filename, deletedAt: entry.deletedAt)
  }
}

extension TaskEntry {
  /// Nobody elsewhere holds what somebody here holds: there it waits to be claimed.
  ///
  /// - Parameters:
  ///   - workflow: The task's workflow.
  ///   - now: Until when it was worked on, where that is not known otherwise.
  mutating func forgetHolder(in workflow: Workflow, now: Timestamp? = nil) {
    if let now, let since = graph.activeSince {
      graph.activeTime += max(0, now.nanoseconds - since.nanoseconds) / 1_000_000
    }
    graph.owner = ""
    graph.session = ""
    graph.offeredTo = ""
    graph.leaseSeconds = 0
    graph.fence = 0
    graph.activeSince = nil
    guard !workflow.isMovedByEvents, workflow.category(status) == .active,
      let start = workflow.status(after: .release)
    else { return }
    status = start
  }
}

/// A task of a source: its filename, and when it was deleted, because others may have had the name.
struct TaskReference: Hashable, Sendable {
  var filename: TaskFilename
  let deletedAt: Timestamp?

  init(_ filename: TaskFilename, deletedAt: Timestamp? = nil) {
    self.filename = filename
    self.deletedAt = deletedAt
  }
}

/// An agent of another store.
struct ImportedAgent: Sendable {
  var agent: Agent
  var seenAt: Timestamp?
  /// What the history says about how it came, for programs.
  var detail: JSONObject?
}

/// An agent that took or gave back a file elsewhere.
struct ImportedLockEvent: Sendable {
  let agent: AgentID
  let path: LockPath
  let isTaken: Bool
  /// Its place in the source's sequence.
  let number: Int64
  /// The same as a line of the audit trail.
  let line: AuditLine

  init(
    agent: AgentID, path: LockPath, isTaken: Bool, reason: String, number: Int64, at: Timestamp
  ) {
    self.agent = agent
    self.path = path
    self.isTaken = isTaken
    self.number = number
    var line = AuditLine(
      kind: (isTaken ? EventType.locksTaken : .locksReleased).rawValue, happenedAt: at)
    line.instanceTitle = agent.text
    line.message = reason
    line.detail = JSON.object(JSONObject([("path", .string(path.text))])).renderedText()
    self.line = line
  }
}

/// A file that an agent holds.
struct ImportedLock: Sendable {
  let agent: AgentID
  let path: LockPath
  let reason: String
  let lockedAt: Timestamp
  let task: TaskFilename?
}

/// What is attached to a task, with the content that the store is to keep.
struct ImportedAttachment: Sendable {
  var row: Attachment
  var blob: Blob?
}

/// An edge of the task graph, as a source has it.
struct ImportedEdge: Sendable {
  var blocker: TaskReference
  let type: DependencyType
  let onFailure: FailurePolicy
}

/// What an import left out or changed, in sentences.
struct ImportNotes: Sendable {
  static let sentencesMax = 200
  private(set) var sentences: [String] = []
  private(set) var leftOut = 0
  /// Tasks of the source that do not come in.
  private(set) var tasksLeftOut = 0

  /// How many were left out, in words; empty for none.
  var leftOutWords: [String] { leftOut > 0 ? ["and \(leftOut) more"] : [] }

  mutating func add(_ sentence: String) {
    if sentences.count < Self.sentencesMax { sentences.append(sentence) } else { leftOut += 1 }
  }

  /// Notes that a task does not come in, and why.
  mutating func leaveOut(_ task: String, _ reason: String) {
    tasksLeftOut += 1
    add("\(task) was left out: \(reason)")
  }
}
