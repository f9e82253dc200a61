internal import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// The fields of the task graph that a new task may be given.
public struct GraphFields: Sendable {
  public let title: String
  public let workflow: String
  public let phase: String
  public let parent: TaskFilename?
  public let priority: Priority
  public let joinMode: JoinMode
  public let siblingOrder: Int64?
  public let siblingPolicy: FailurePolicy
  public let neededTags: TagList
  public let wantedTags: TagList
  public let tags: TagList
  public let points: Int64?
  public let estimate: Int64?
  public let dueAt: Timestamp?
  public let deferUntil: Timestamp?
  public let assignee: String

  /// The longest title, in bytes.
  public static let titleBytesMax = 1024

  public init(reading fields: inout Fields) throws(HoldfastError) {
    title = try Self.title(
      try fields.value("title", "What it is called.", default: ""))
    workflow = try fields.value(
      "workflow",
      "Whose statuses it has: graph, repository, standard or one that the project has defined. With a "
        + "title it is graph, without one that of the project's plans.", default: "")
    phase = try fields.value("phase", "What kind of work it is.", default: "")
    parent = try fields.optional("parent", "The task that contains it: filename or id.")
    priority = try fields.value("priority", "How urgent it is.", default: Priority.medium)
    joinMode = try fields.value(
      "join_mode", "then: it waits for the siblings before it; also: it runs beside the last one.",
      default: JoinMode.then)
    siblingOrder = try fields.optional(
      "sibling_order", "Its place among its siblings; without one behind all of them.")
    siblingPolicy = try fields.value(
      "sibling_policy", "What its failed children do to those behind them.",
      default: FailurePolicy.block)
    neededTags = try fields.value(
      "needed_tags", "An agent must have all of these.", default: TagList.none)
    wantedTags = try fields.value(
      "wanted_tags", "An agent must have one of these.", default: TagList.none)
    tags = try fields.value("tags", "What it has to do with.", default: TagList.none)
    points = try Self.amount(try fields.optional("points", "How large it is."), "points")
    estimate = try Self.amount(
      try fields.optional("time_estimate_ms", "How long it should take."), "time_estimate_ms")
    dueAt = try fields.time("due_at", "When it should be done.")
    deferUntil = try fields.time("defer_until", "It is not ready before.")
    assignee = try fields.value("assignee", "The agent that it is for.", default: "")
  }

  static var placeholder: GraphFields {
    Fields.ofNothing { fields throws(HoldfastError) in try GraphFields(reading: &fields) }
  }

  static func title(_ text: String) throws(HoldfastError) -> String {
    guard text.utf8.count <= titleBytesMax else {
      throw FieldPosition("title").mustBe("at most \(titleBytesMax) bytes long")
    }
    return text
  }

  /// A whole number that counts something.
  static func amount(_ value: Int64?, _ name: String) throws(HoldfastError) -> Int64? {
    if let value, value < 0 {
      throw FieldPosition(name).mustBe("a whole number from 0, not \(value)")
    }
    return value
  }

  /// The workflow as a row has it.
  var workflowName: String {
    if workflow == Workflow.standard.name { return "" }
    return workflow.isEmpty && !title.isEmpty ? Workflow.graph.name : workflow
  }

  /// Sets all of them in a new task.
  func apply(to task: inout TaskEntry, in changes: Changes) throws {
    task.graph.title = title
    task.graph.phase = phase
    task.graph.priority = priority
    task.graph.joinMode = joinMode
    task.graph.siblingPolicy = siblingPolicy
    task.graph.neededTags = neededTags
    task.graph.wantedTags = wantedTags
    task.graph.tags = tags
    task.graph.points = points
    task.graph.estimate = estimate
    task.graph.dueAt = dueAt
    task.graph.deferUntil = deferUntil
    task.graph.assignee = assignee
    if let parent {
      let row = try changes.graphTask(parent, in: task.project)
      task.graph.parent = row.id
      task.graph.siblingOrder = try siblingOrder ?? changes.nextSiblingOrder(in: row.id)
      try changes.checkDepth(below: row)
    }
  }
}

/// A task that must be done first, and what becomes of the other one when it is not.
public struct BlockerField: FieldValue {
  public let task: TaskFilename
  public let onFailure: FailurePolicy

  public init(task: TaskFilename, onFailure: FailurePolicy = .block) {
    self.task = task
    self.onFailure = onFailure
  }

  public static var fieldSchema: FieldSchema { .either([.text(lengthMin: 1), objectSchema]) }
  private static var objectSchema: FieldSchema {
    .object(
      Fields.describe("Blocker") { fields throws(HoldfastError) in
        _ = try Self(reading: &fields)
      })
  }
  public static var placeholder: BlockerField { BlockerField(task: .placeholder) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      self.init(task: try TaskFilename(json, field: field))
      return
    }
    var fields = Fields(object)
    do throws(HoldfastError) {
      try self.init(reading: &fields)
    } catch {
      try fields.refuseUnknown(in: field, Self.objectSchema)
      throw error
    }
    try fields.refuseUnknown(in: field, Self.objectSchema)
  }

  private init(reading fields: inout Fields) throws(HoldfastError) {
    task = try fields.required("task", "The task that must be done first.")
    onFailure = try fields.value(
      "on_failure", "What happens when it does not end well.", default: FailurePolicy.block)
  }
}

extension StoreView {
  /// How deep a tree of tasks may be.
  static var depthMax: Int { 100 }

  /// A task that another one names, in the same project.
  func graphTask(_ reference: TaskFilename, in project: Int64) throws -> TaskEntry {
    guard let task = try findTask(reference, in: project) else {
      throw HoldfastError(
        .taskNotFound, "task not found: \(reference)",
        details: [("task", .string(reference.text))])
    }
    return task
  }

  /// The tasks that contain a task, the nearest first; it ends where one comes again.
  func ancestors(of task: TaskEntry) throws -> [TaskEntry] {
    var found: [TaskEntry] = []
    var next = task.graph.parent
    while let id = next, !found.contains(where: { $0.id == id }), id != task.id,
      let parent = try taskRow(id)
    {
      found.append(parent)
      next = parent.graph.parent
    }
    return found
  }
}

extension Changes {
  private static let lastOrder: SQL = """
    SELECT sibling_order FROM tasks WHERE parent = ?1 ORDER BY sibling_order DESC LIMIT 1
    """

  /// The place behind all children of a task.
  func nextSiblingOrder(in parent: Int64) throws -> Int64 {
    let last = try transaction.first(Self.lastOrder, [.int(parent)]) { $0.int(0) }
    // The younger stands behind the older there.
    return last.map { $0 == .max ? $0 : $0 + 1 } ?? 0
  }

  /// Refuses one more level below a task.
  ///
  /// - Parameter levels: How many levels come below it.
  func checkDepth(below parent: TaskEntry, levels: Int = 1) throws {
    let depth = try ancestors(of: parent).count + 1
    guard depth + levels <= Self.depthMax else {
      throw HoldfastError(
        .invalidField,
        "a tree of tasks is at most \(Self.depthMax) levels deep, and this would be level "
          + "\(depth + levels): put it higher up")
    }
  }

  /// Gives a new task an id of the caller's choice.
  func give(_ id: TaskID, to task: inout TaskEntry) throws {
    let reference = TaskFilename(stored: id.text)
    let isTaken =
      try findTask(givenID: id) != nil || isRow(id)
      || findTask(named: reference, in: task.project) != nil
    guard !isTaken else {
      throw HoldfastError(
        .alreadyExists, "task \(id) already exists: choose another id, or leave it out",
        details: [("id", .string(id.text))])
    }
    task.graph.givenID = id
  }

  /// Whether an import may give this id to a task: nobody has it.
  package func isFree(_ id: TaskID) throws -> Bool {
    try findTask(givenID: id) == nil && !isRow(id)
  }

  private static let withGivenID = Lookup<TaskEntry>(by: [], where: [.isNotNull("given_id")])

  /// The next row for a new task whose id no other task was given.
  ///
  /// - Parameter isGood: What else its id must be.
  package func nextTaskRow(where isGood: (TaskID) throws -> Bool = { _ in true }) throws -> Int64 {
    var key = try memory.nextKey(of: TaskEntry.table, in: transaction)
    let noneIsGiven = try memory.isEmpty(Self.withGivenID, [], in: transaction)
    while true {
      let id = facts.ids.id(row: key)
      if try isGood(id), try noneIsGiven || findTask(givenID: id) == nil { return key }
      key += 1
    }
  }

  /// Whether a task has this id by its row.
  private func isRow(_ id: TaskID) throws -> Bool {
    try facts.ids.row(id: id).map { try taskRow($0) != nil } ?? false
  }

  /// Gives a new task the row whose id nobody has, and that id as its filename.
  func nameByID(_ task: inout TaskEntry) throws {
    if let id = task.graph.givenID {
      task.filename = TaskFilename(stored: id.text)
      return
    }
    task.id = try nextTaskRow { try isFree(TaskFilename(stored: $0.text), in: task.project) }
    task.filename = TaskFilename(stored: facts.ids.id(row: task.id).text)
  }

  /// Writes a new task, with an event of its own.
  func create(_ task: TaskEntry, _ text: TaskText) throws -> TaskEntry {
    try record(.taskCreated, project: task.project) { event in
      var task = task
      if task.id == 0, task.graph.givenID == nil { task.id = try nextTaskRow() }
      task.revision = event.sequence
      event.set(text, of: &task)
      event.note = EventNote("task \(task.filename) created")
      try event.insert(&task)
      event.task = task.id
      try bindSignals(to: task.id, task.filename, in: task.project, event)
      return task
    }.current(in: self)
  }
}
