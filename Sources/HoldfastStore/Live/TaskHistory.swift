internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Tells through which statuses a task went, who held it, and how long each took.
///
/// A task's history is its events: the patches of its row say when status and holder changed, whatever
/// changed them. Steps that an import brought in times of their own come before them.
public struct TaskHistory: Query {
  public static let name = "task_history"
  public static let summary =
    "Tells through which statuses a task went, who held it, and how long each took."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  public func run(in view: StoreView) throws -> TaskHistoryAnswer {
    let task = try view.task(target.task, in: target.project)
    return TaskHistoryAnswer(
      steps: try view.history(of: task), now: Timestamp(nanoseconds: view.reading.now))
  }
}

extension StoreView {
  /// Events of a task that never change its row's status.
  private static let others: [EventType] = [
    .costLogged, .timeLogged, .commentAdded, .commentChanged, .commentDeleted, .outputAppended,
    .dependencyAdded, .dependencyRemoved,
  ]
  private static let events = SQL(
    """
    SELECT seq, type, at, data FROM events WHERE task = ?1
      AND type NOT IN (\(others.map { "'\($0.rawValue)'" }.joined(separator: ", ")))
    ORDER BY seq
    """)

  private static let kinds =
    [ImportedStep.kind, AuditKind.planCreated.rawValue]
    + [AuditKind.planTransition, .planCancelled].map(\.rawValue)
    + [
      EventType.taskClaimed, .taskReleased, .taskFinished, .taskFailed, .taskReopened, .taskChanged,
      .contentChanged,
    ].map(\.rawValue)
  private static let imported = SQL(
    """
    SELECT \(AuditLine.table.columnList) FROM audit_lines
    WHERE audit_lines.task = ?1
      AND audit_lines.kind IN (\(kinds.map { "'\($0)'" }.joined(separator: ", ")))
    ORDER BY audit_lines.happened_at, audit_lines.id
    """)

  /// The steps of a task, the oldest first.
  package func history(of task: TaskEntry) throws -> [HistoryStep] {
    let workflow = try workflow(of: task)
    var fold = HistoryFold(task: task.id, id: id(of: task))
    try reading.query(Self.imported, [.int(task.id)]) { row in
      fold.add(AuditLine(row: row)) { workflow.knownCategory($0) }
    }
    try reading.query(Self.events, [.int(task.id)]) { row in
      try fold.add(
        sequence: row.int(0), type: row.text(1), at: Timestamp(nanoseconds: row.int(2)),
        data: row.bytes(3)
      ) { workflow.knownCategory($0) }
    }
    return fold.steps
  }
}

/// Makes the steps of a task out of its events.
private struct HistoryFold {
  let task: Int64
  let id: TaskID
  private(set) var steps: [HistoryStep] = []
  private var status = ""
  private var owner = ""
  private var reason = ""
  private var phase = ""
  /// When it was created elsewhere.
  private var created: Timestamp?

  init(task: Int64, id: TaskID) {
    self.task = task
    self.id = id
  }

  mutating func add(
    sequence: Int64, type: String, at: Timestamp, data: [UInt8],
    _ category: (TaskStatus) -> StatusCategory?
  ) throws {
    guard let patch = patch(in: try JSONReader.read(data)) else { return }
    let before = (status: status, owner: owner)
    if let text = patch["status"]?.stringValue { status = text }
    if let text = patch["owner"]?.stringValue { owner = text }
    if let text = patch["reason"]?.stringValue { reason = text }
    if let text = patch["phase"]?.stringValue { phase = text }
    let isChange = before.status != status || before.owner != owner
    guard isChange || type == EventType.taskDeclined.rawValue else { return }
    if !steps.isEmpty, steps[steps.count - 1].end == nil { steps[steps.count - 1].end = at }
    let category =
      category(TaskStatus(stored: status)) ?? Self.category(after: type)
      ?? (before.status == status ? steps.last?.category : nil)
    // A status that its workflow has lost since: the time of the end says that it was one.
    let hasEnded = category?.isFinal ?? (patch["completed_at"]?.int64Value != nil)
    steps.append(
      HistoryStep(
        id: sequence, task: id, status: status, category: category, hasEnded: hasEnded,
        // Who ended it is the one who held it until then.
        worker: owner.isEmpty && hasEnded ? before.owner : owner, phase: phase, reason: reason,
        start: steps.isEmpty && category == .open ? created ?? at : at))
  }

  /// What the status means that an event of that type leads to, in a workflow without events of its own;
  /// nil where it may be any.
  private static func category(after type: String) -> StatusCategory? {
    switch EventType(rawValue: type) {
    case .taskClaimed: .active
    case .taskReleased, .taskReopened: .open
    case .taskFailed: .failed
    default: nil
    }
  }

  /// Adds what a line of the trail says, which an import brought: a step, or an event of another store.
  mutating func add(_ line: AuditLine, _ category: (TaskStatus) -> StatusCategory?) {
    guard line.kind != ImportedStep.kind else {
      return add(ImportedStep(line), sequence: line.id, category)
    }
    guard line.kind != AuditKind.planCreated.rawValue else { return created = line.happenedAt }
    let detail = try? JSONReader.read(Array(line.detail.utf8))
    func text(_ key: String) -> String { detail?[key]?.stringValue ?? "" }
    if steps.isEmpty, let created, !text("from").isEmpty {
      add(ImportedStep(status: text("from"), start: created), sequence: line.id, category)
    }
    let to =
      line.kind == EventType.taskReleased.rawValue && text("to").isEmpty ? status : text("to")
    guard !to.isEmpty else { return }
    var step = ImportedStep(status: to, start: line.happenedAt)
    step.reason = text("reason")
    switch line.kind {
    case EventType.taskClaimed.rawValue: step.worker = text("agent")
    case EventType.taskReleased.rawValue: step.worker = ""
    case AuditKind.planTransition.rawValue: step.worker = owner
    default:
      let isOpen = category(TaskStatus(stored: to)) == .open
      step.worker = isOpen ? "" : text("agent").isEmpty ? owner : text("agent")
    }
    guard steps.isEmpty || step.status != status || step.worker != owner else { return }
    add(step, sequence: line.id, category)
  }

  /// Adds a step that an import brought.
  private mutating func add(
    _ step: ImportedStep, sequence: Int64, _ category: (TaskStatus) -> StatusCategory?
  ) {
    if !steps.isEmpty, steps[steps.count - 1].end == nil { steps[steps.count - 1].end = step.start }
    status = step.status
    let category = category(TaskStatus(stored: status))
    let hasEnded = category?.isFinal ?? false
    owner = hasEnded ? "" : step.worker
    reason = step.reason
    steps.append(
      HistoryStep(
        id: sequence, task: id, status: status, category: category, hasEnded: hasEnded,
        worker: step.worker, phase: step.phase, reason: step.reason, start: step.start,
        end: step.end))
  }

  /// What an event wrote into the task's row; nil for nothing.
  private func patch(in event: JSON) -> JSON? {
    event["rows"]?.arrayValue?.lazy.compactMap { entry -> JSON? in
      guard let parts = entry.arrayValue, parts.count == 3,
        parts[0].stringValue == TaskEntry.table.name, parts[1].int64Value == task
      else { return nil }
      return parts[2]
    }.first
  }
}

/// A step of a task's history elsewhere, which an import brings as a line of the audit trail.
public struct ImportedStep: Sendable {
  public var status: String
  /// Who held the task, or ended it; empty for nobody.
  public var worker = ""
  public var phase = ""
  public var reason = ""
  public var start: Timestamp
  public var end: Timestamp?

  static let kind = "task_history"

  public init(status: String, start: Timestamp) {
    self.status = status
    self.start = start
  }

  init(_ line: AuditLine) {
    let detail = try? JSONReader.read(Array(line.detail.utf8))
    status = detail?["status"]?.stringValue ?? ""
    worker = line.instanceTitle
    phase = detail?["phase"]?.stringValue ?? ""
    reason = line.message
    start = line.happenedAt
    end = detail?["ended_at"]?.stringValue.flatMap { try? Timestamp.parse($0) } ?? nil
  }

  /// The step as a line of the audit trail of its task.
  public func line(of task: TaskFilename) -> AuditLine {
    var detail = [("status", JSON.string(status))]
    if !phase.isEmpty { detail.append(("phase", .string(phase))) }
    if let end { detail.append(("ended_at", .string(end.description))) }
    var line = AuditLine(kind: Self.kind, happenedAt: start)
    line.taskFile = task.text
    line.instanceTitle = worker
    line.message = reason
    line.detail = JSON.object(JSONObject(detail)).renderedText()
    return line
  }
}

/// A time in which neither a task's status nor its holder changed.
package struct HistoryStep: Output {
  let id: Int64
  let task: TaskID
  package let status: String
  /// nil where its workflow has lost the status since, and no event says what it meant.
  package let category: StatusCategory?
  /// Whether the task had ended.
  let hasEnded: Bool
  package let worker: String
  /// The kind of work that it was.
  package let phase: String
  package let reason: String
  package let start: Timestamp
  package fileprivate(set) var end: Timestamp?

  /// Whether an agent worked on it.
  var isWork: Bool { !worker.isEmpty && !hasEnded }

  func milliseconds(until end: Timestamp) -> Int64 {
    let (length, isOver) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    return (isOver ? (end.nanoseconds > start.nanoseconds ? .max : 0) : max(0, length)) / 1_000_000
  }

  package static var placeholder: HistoryStep {
    HistoryStep(
      id: 1, task: .placeholder, status: "pending", category: .open, hasEnded: false, worker: "",
      phase: "", reason: "", start: Timestamp(nanoseconds: 0))
  }

  package static func schemaName(_ shape: ObjectWriter.Shape) -> String { "TaskHistoryStep" }

  package func write(_ out: inout ObjectWriter) {
    out.field("id", id, "The number of the event that began it.")
    out.field("task_id", task.text, "The task.")
    out.field("worker_id", unlessEmpty: worker, "The agent that held it, or that ended it.")
    out.field("status", status, "Its status.")
    out.field(
      "category", unlessEmpty: category?.name,
      "What the status means; left out where the workflow has lost it and nothing tells.")
    out.field("reason", unlessEmpty: reason, "Why.")
    out.time("timestamp", start, "When it began.")
    out.time("end_timestamp", unlessUnset: end, "When it ended; unset for what still is.")
  }
}

/// Through which statuses a task went.
public struct TaskHistoryAnswer: Output {
  let steps: [HistoryStep]
  /// nil when nobody works on it.
  var current: Int64?
  var byStatus: [(name: String, time: Int64)] = []
  var byAgent: [(name: String, time: Int64)] = []

  init(steps: [HistoryStep], now: Timestamp) {
    self.steps = steps
    for step in steps {
      if let end = step.end {
        let time = step.milliseconds(until: end)
        Self.add(time, to: step.status, in: &byStatus)
        if step.isWork { Self.add(time, to: step.worker, in: &byAgent) }
      } else if step.isWork {
        current = step.milliseconds(until: now)
      }
    }
  }

  private static func add(
    _ time: Int64, to name: String, in times: inout [(name: String, time: Int64)]
  ) {
    if let index = times.firstIndex(where: { UTF8Order.areSame($0.name, name) }) {
      times[index].time = times[index].time.addingUpToMax(time)
    } else {
      times.append((name, time))
    }
  }

  public static var placeholder: TaskHistoryAnswer {
    TaskHistoryAnswer(steps: [], now: Timestamp(nanoseconds: 0))
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "TaskHistory" }

  public func write(_ out: inout ObjectWriter) {
    out.list("history", steps, "The steps, the oldest first.")
    out.field(
      "current_duration_ms", unlessNil: current, "How long its holder has been working on it.")
    out.field(
      "time_per_status_ms", rendered: Self.object(byStatus), "The length of ended steps by status.")
    out.field(
      "time_per_agent_ms", rendered: Self.object(byAgent), "The length of ended work by agent.")
  }

  private static func object(_ times: [(name: String, time: Int64)]) -> [UInt8] {
    JSON.object(JSONObject(times.map { ($0.name, .number(JSONNumber($0.time))) })).rendered()
  }
}
