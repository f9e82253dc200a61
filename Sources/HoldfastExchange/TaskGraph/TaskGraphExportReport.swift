public import HoldfastModel

/// What was exported.
public struct TaskGraphExportReport: Output {
  public var tasks = 0
  public var dependencies = 0
  public var attachments = 0
  public var agents = 0
  public var locks = 0
  /// Edges that hold nothing, and tasks whose tags have no place there.
  public var leftOut = 0
  /// The statuses that are not known there, and what they became.
  public var statuses: [TranslatedStatus] = []

  public static var placeholder: TaskGraphExportReport { TaskGraphExportReport() }

  public func write(_ out: inout ObjectWriter) {
    out.field("tasks", Int64(tasks), "Tasks that were written.")
    out.field("dependencies", Int64(dependencies), "Edges that were written.")
    out.field("attachments", Int64(attachments), "Attachments that were written.")
    out.field("agents", Int64(agents), "Agents that were written.")
    out.field("locks", Int64(locks), "Locks that were written.")
    out.field(
      "left_out", Int64(leftOut), "Edges that hold nothing, and tags of tasks, which have no place."
    )
    out.list(
      "statuses", statuses, "The statuses that are not known there, and what they became.")
  }

  /// Notes that a task has another status there.
  mutating func note(
    _ task: String, _ status: TaskStatus, of workflow: String, as written: String
  ) {
    let place = statuses.firstIndex {
      $0.status == status && UTF8Order.areSame($0.workflow, workflow)
    }
    if place == nil {
      statuses.append(TranslatedStatus(workflow: workflow, status: status, written: written))
    }
    statuses[place ?? statuses.count - 1].add(task)
  }
}

/// A status that another system does not know.
public struct TranslatedStatus: Output, Equatable {
  /// The workflow of its tasks.
  public let workflow: String
  public let status: TaskStatus
  /// What it became.
  public let written: String
  /// How many tasks have it.
  public private(set) var count = 0
  /// The ids of the first of them.
  public private(set) var tasks: [String] = []

  /// The tasks that are named at most.
  static let namedMax = 100

  init(workflow: String, status: TaskStatus, written: String) {
    self.workflow = workflow
    self.status = status
    self.written = written
  }

  mutating func add(_ task: String) {
    count += 1
    if tasks.count < Self.namedMax { tasks.append(task) }
  }

  public static var placeholder: TranslatedStatus {
    TranslatedStatus(workflow: "train", status: .ready, written: "pending")
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("workflow", workflow, "The workflow of its tasks.")
    out.field("status", status.text, "The status.")
    out.field("became", written, "What it is there.")
    out.field("count", Int64(count), "How many tasks have it.")
    out.list("tasks", tasks, "Their ids, at most \(Self.namedMax).")
  }
}
