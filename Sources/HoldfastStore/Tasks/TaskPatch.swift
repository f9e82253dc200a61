public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Changes some fields of a task by a merge patch (RFC 7396): left out keeps, null clears.
///
/// A new text is read as a plan, as ``ContentPut`` does; a goal in the same patch wins over its own.
public struct TaskPatch: Mutation {
  public static let name = "task_patch"
  public static let summary = "Changes some fields of a task: left out keeps, null clears."
  public static let access = Access.write

  public let project: ProjectName
  public let task: TaskFilename
  public let rows: RowPatch
  public let content: Change<ContentBytes>
  public let holder: Holder

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    rows = try RowPatch(reading: &fields)
    content = try fields.change("content", "The task's text; its goal and subtasks follow it.")
    holder = try Holder(reading: &fields)
  }

  public func check() throws(HoldfastError) { try rows.check() }

  public func prepare() throws -> PlanIngest? {
    switch content {
    case .keep: nil
    case .clear: try PlanIngest([])
    case .set(let text): try PlanIngest(text.bytes)
    }
  }

  public func run(_ ingest: PlanIngest?, in store: Changes) throws -> WriteVerdict<TaskAnswer> {
    var task = try store.taskForWriting(task, in: project)
    try store.checkClaim(holder, of: task)
    if let agent = holder.agent { _ = try store.agent(agent) }
    guard let ingest else {
      return .done(try answer(store.set(task, by: rows, holder), in: store))
    }
    task = try store.claim(task, asToldBy: rows, holder)
    let workflow = try store.workflow(of: task)
    let note = try rows.note(of: task, workflow)
    let changed = try store.change(task, as: .contentChanged, note: note) { entry, event in
      try ingest.apply(to: &entry, event, in: store)
      try rows.apply(to: &entry, workflow, holder, in: store)
    }
    try store.checkPlace(of: changed, before: task)
    var answer = try answer(changed, in: store)
    answer.warnings += ingest.warnings
    return .done(answer)
  }

  private func answer(_ task: TaskEntry, in store: Changes) throws -> TaskAnswer {
    var answer = try store.answer(task.current(in: store))
    answer.unblocked = try store.unblocked(by: task)
    answer.failed = try store.failed()
    if rows.graph.assignee.isChange {
      answer.warnings = try store.warnings(aboutAssignee: task.graph.assignee)
    }
    return answer
  }
}

/// What a merge patch does with a task's row, without its text.
public struct RowPatch: Sendable {
  public let changes: TaskChanges
  public let graph: GraphChanges

  public init(reading fields: inout Fields) throws(HoldfastError) {
    changes = try TaskChanges(reading: &fields)
    graph = try GraphChanges(reading: &fields)
  }

  /// Refuses what no field may become.
  func check() throws(HoldfastError) {
    try changes.check()
    try graph.check()
  }

  /// What the history says of a change of the status; nil where it stays.
  func note(of task: TaskEntry, _ workflow: Workflow) throws -> EventNote? {
    guard case .set(let text) = changes.status else { return nil }
    let status = try workflow.status(text)
    guard status != task.status else { return nil }
    return EventNote(
      "task \(task.filename) changed",
      detail: JSONObject(
        [("from", .string(task.status.text)), ("to", .string(status.text))]
          + (task.graph.owner.isEmpty ? [] : [("agent", .string(task.graph.owner))])))
  }

  func apply(
    to task: inout TaskEntry, _ workflow: Workflow, _ holder: Holder, in store: Changes
  ) throws {
    let before = task
    try changes.apply(to: &task, workflow: workflow)
    try graph.apply(to: &task, in: store)
    guard !workflow.isMovedByEvents, task.status != before.status else { return }
    if before.graph.category.isFinal, !workflow.category(task.status).isFinal {
      try store.checkMayReopen(holder, before)
    } else {
      try store.checkNotHeldByAnother(holder, before)
    }
    if !holder.isForced { try workflow.checkStep(from: before.status, to: task.status) }
    try before.checkMayBecome(task.status, workflow)
    switch workflow.category(task.status) {
    case .done where !holder.isForced: try store.checkNoOpenChildren(before)
    case .open: task.endClaim()
    default: break
    }
  }
}

extension Changes {
  /// Changes a task's row by a patch.
  func set(_ task: TaskEntry, by patch: RowPatch, _ holder: Holder) throws -> TaskEntry {
    let before = task
    let task = try claim(task, asToldBy: patch, holder)
    // What is refused from here on leaves a claim behind.
    let hasClaimed = task.revision != before.revision
    do {
      let workflow = try workflow(of: task)
      let note = try patch.note(of: task, workflow) ?? EventNote("task \(task.filename) changed")
      let changed = try set(task, as: .taskChanged, note: note) {
        try patch.apply(to: &$0, workflow, holder, in: self)
      }
      try checkPlace(of: changed, before: task)
      return changed
    } catch {
      isHalfDone = isHalfDone || hasClaimed
      throw error
    }
  }

  /// Claims a task for the agent whose patch sets it to work, with all checks of a claim; by force also
  /// from its holder.
  fileprivate func claim(
    _ task: TaskEntry, asToldBy patch: RowPatch, _ holder: Holder
  ) throws -> TaskEntry {
    let owner = task.graph.owner
    let workflow = try workflow(of: task)
    guard !workflow.isMovedByEvents, let name = holder.agent,
      case .set(let text) = patch.changes.status,
      workflow.category(try workflow.status(text)) == .active,
      try owner.isEmpty
        || owner != name.text
          && (holder.isForced || !isLive(task, at: transaction.leaseTime))
    else { return task }
    _ = try TaskClaim(of: task, by: name, isForced: holder.isForced)
      .take(task, agent(name), LockPaths([]), self)
    return try taskRow(task.id) ?? task
  }
}
