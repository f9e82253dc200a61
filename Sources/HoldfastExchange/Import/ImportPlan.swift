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
  var topics: [ImportedTopic] = []
  var tasks: [ImportedTask] = []
  var signals: [Signal] = []
  var audit: [AuditLine] = []
  /// Places in ``tasks`` by name, so that a name is taken once.
  var taskByName: [TaskFilename: Int] = [:]
  var topicNames: Set<TopicName> = []

  init(name: ProjectName) { self.name = name }

  /// Adds a task; false when the name is taken.
  mutating func add(_ task: ImportedTask) -> Bool {
    guard taskByName[task.entry.filename] == nil else { return false }
    taskByName[task.entry.filename] = tasks.count
    tasks.append(task)
    return true
  }

  /// Adds an attachment to a task that came before; false when the task has one in its place.
  mutating func add(_ attachment: ImportedAttachment, to task: TaskFilename) throws -> Bool {
    guard let index = taskByName[task] else {
      throw HoldfastError(.invalidField, "its task \(task.text.quoted) did not come before")
    }
    let isTaken = tasks[index].attachments.contains {
      $0.row.orderIndex == attachment.row.orderIndex
    }
    if !isTaken { tasks[index].attachments.append(attachment) }
    return !isTaken
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
  var attachments: [ImportedAttachment] = []
  /// The task that contains it, by its filename.
  var parent: TaskFilename?
  /// Its edges to the tasks that it waits for, or has to do with.
  var edges: [ImportedEdge] = []

  /// What an import takes as one text at most, in bytes; the same as the doors take.
  static let contentMax = 16 * 1024 * 1024
}

extension ImportedTask {
  /// Nobody here holds what somebody elsewhere held: it waits to be claimed.
  mutating func forgetHolder() {
    entry.graph.owner = ""
    entry.graph.session = ""
    entry.graph.offeredTo = ""
    entry.graph.leaseSeconds = 0
    entry.graph.fence = 0
    entry.graph.activeSince = nil
    guard let workflow = Workflow.builtIn(entry.graph.workflow), !workflow.isMovedByEvents,
      workflow.category(entry.status) == .active,
      let start = workflow.status(meaning: .open)
    else { return }
    entry.status = start
  }
}

/// What is attached to a task, with the content that the store is to keep.
struct ImportedAttachment: Sendable {
  var row: Attachment
  var blob: Blob?
}

/// An edge of the task graph, as a source has it.
struct ImportedEdge: Sendable {
  let blocker: TaskFilename
  let type: DependencyType
  let onFailure: FailurePolicy
}

/// What an import left out or changed, in sentences.
struct ImportNotes: Sendable {
  static let sentencesMax = 200
  private(set) var sentences: [String] = []
  private(set) var leftOut = 0

  mutating func add(_ sentence: String) {
    if sentences.count < Self.sentencesMax { sentences.append(sentence) } else { leftOut += 1 }
  }
}
