public import HoldfastDatabase
public import HoldfastModel

/// Changes many tasks by one merge patch.
public struct TaskBulkUpdate: Mutation {
  public static let name = "task_bulk_update"
  public static let summary =
    "Changes up to 1,000 tasks by one patch: those that are named, or that meet conditions."
  public static let access = Access.write

  public let project: ProjectName
  public let tasks: [TaskFilename]
  public let filter: FilterField?
  public let patch: PatchField
  /// Who does it, as for one task.
  public let holder: Holder
  public let isAtomic: Bool

  /// The most tasks of one call.
  public static let tasksMax = 1000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    tasks = try fields.value(
      "tasks", "The tasks: filenames or ids.", default: [TaskFilename]())
    filter = try fields.optional(
      "filter", "Instead of tasks: the conditions of a list of tasks, which at most 1,000 meet.")
    patch = try fields.required(
      "patch", "What to change, as for one task; its text and its place are changed one by one.")
    let agent: AgentID? = try fields.caller("agent", "Who does it; nobody for a person.")
    let isForced = try fields.value(
      "force", "Whether it is done although others hold the tasks.", default: false)
    holder = Holder(agent: agent, isForced: isForced)
    isAtomic = try fields.value(
      "atomic", "Whether nothing is changed when one of the tasks cannot be.", default: false)
  }

  public func check() throws(HoldfastError) {
    guard tasks.isEmpty != (filter == nil) else {
      throw FieldPosition("tasks").invalid("name tasks, or give a filter; not both")
    }
    guard tasks.count <= Self.tasksMax else {
      throw FieldPosition("tasks").mustBe("at most \(Self.tasksMax) tasks, not \(tasks.count)")
    }
    try filter?.conditions.check()
    try patch.rows.check()
    guard !patch.rows.graph.changesPlace, !patch.rows.changes.changesAge else {
      throw FieldPosition("patch").invalid(
        "patch: parent, sibling_order, join_mode and created_at move a task: change them one by one"
      )
    }
    guard !patch.rows.changes.isEmpty || !patch.rows.graph.isEmpty else {
      throw FieldPosition("patch").mustBe("an object with at least one field to change")
    }
  }

  /// What the filter found before the write.
  public struct Found: Sendable {
    let rows: [(row: Int64, revision: Int64)]
  }

  public func prepare() throws -> Found { Found(rows: []) }

  public func prepare(over store: Store) throws -> Found {
    guard let filter else { return Found(rows: []) }
    let reads = StoreReads(store)
    guard let project = try reads.read({ try $0.projectKey(project) }) else {
      return Found(rows: [])
    }
    let conditions = try reads.read { try filter.conditions.filter(in: project, $0) }
    var rows: [(Int64, Int64)] = []
    var walk = TaskWalk(
      filter: conditions, keys: try conditions.keys(reads), limit: Int64(Self.tasksMax),
      isSlim: true)
    while !walk.hasEnded {
      try reads.read { try walk.step(in: $0) { rows.append(($0.entry.id, $0.entry.revision)) } }
    }
    guard walk.nextCursor == nil else {
      throw FieldPosition("filter").invalid(
        "filter: it does not end within \(Self.tasksMax) tasks, or 20,000 to look through; "
          + "narrow it, or name the tasks")
    }
    return Found(rows: rows)
  }

  public func run(_ found: Found, in changes: Changes) throws -> WriteVerdict<BulkAnswer> {
    var answer = BulkAnswer()
    var changed: Set<Int64> = []
    for (name, find) in try filter == nil ? named(changes) : met(found, changes) {
      do {
        guard let task = try find(), changed.insert(task.id).inserted else { continue }
        let after = try changes.set(task.current(in: changes), by: patch.rows, holder)
        answer.results.append(
          .init(task: changes.id(of: after).text, isChanged: after.revision != task.revision))
      } catch let error as HoldfastError {
        guard !isAtomic, !changes.isHalfDone else { throw error.about(name) }
        answer.results.append(.init(task: name, error: error))
      }
    }
    answer.unblocked = try changes.unblocked(besides: changed)
    answer.failed = try changes.failed()
    answer.warnings = try changes.warnings(
      aboutAssignee: patch.rows.graph.assignee.applied(to: "", empty: ""))
    return .done(answer)
  }

  private typealias Finding = (name: String, find: () throws -> TaskEntry?)

  private func named(_ changes: Changes) throws -> [Finding] {
    tasks.map { task in (task.text, { try changes.task(task, in: project) }) }
  }

  /// What the filter found, without those that changed since and no longer meet it.
  private func met(_ found: Found, _ changes: Changes) throws -> [Finding] {
    guard let filter, let project = try changes.projectKey(project) else { return [] }
    let conditions = try filter.conditions.filter(in: project, changes)
    // Before the first change, which may have others meet the conditions or not.
    let tasks = try found.rows.compactMap { row, revision -> Finding? in
      guard let task = try changes.taskRow(row), task.deletedAt == nil,
        conditions.accepts(task, at: changes.transaction.now)
      else { return nil }
      return (
        changes.id(of: task).text,
        {
          guard conditions.search == nil || task.revision == revision else {
            throw HoldfastError(
              .conflict, "\(task.filename) was changed while it was looked for: repeat the call")
          }
          return task
        }
      )
    }
    return tasks
  }
}

extension HoldfastError {
  /// The same, with the task that it is about in front.
  fileprivate func about(_ task: String) -> HoldfastError {
    HoldfastError(
      code, message.contains(task) ? message : "\(task): \(message)",
      details: details.map { ($0.name, $0.value) })
  }
}

/// What became of each of many tasks.
public struct BulkAnswer: Output {
  var results: [Result] = []
  var unblocked: [TaskID] = []
  var failed: [TaskID] = []
  var warnings: [String] = []

  /// What became of one task.
  struct Result: Output {
    let task: String
    var isChanged = false
    var error: HoldfastError?

    static var placeholder: Result { Result(task: TaskID.placeholder.text, isChanged: true) }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "BulkResult" }

    func write(_ out: inout ObjectWriter) {
      out.field("task", task, "The task's id, or what it was called where it is not there.")
      out.field("changed", ifTrue: isChanged, "Whether it was changed; not when it was so already.")
      out.field("error", unlessEmpty: error?.message, "Why it was not.")
      out.field("code", unlessEmpty: error?.code.name, "The error's code.")
    }
  }

  public static var placeholder: BulkAnswer { BulkAnswer() }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "BulkUpdate" }

  public func write(_ out: inout ObjectWriter) {
    out.field("success", !results.contains { $0.error != nil }, "Whether no task was refused.")
    out.field(
      "updated_count", Int64(results.count { $0.isChanged }), "How many tasks were changed.")
    out.list("results", results, "What became of each task.")
    out.list(
      "unblocked", unlessEmpty: unblocked.map(\.text), "The tasks that this change made ready.")
    out.list(
      "failed", unlessEmpty: failed.map(\.text), "The tasks that failed because of this change.")
    out.list(
      "warnings", unlessEmpty: warnings, "What the writer should know about what was written.")
  }
}
