public import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Creates a task.
public struct TaskCreate: Mutation {
  public static let name = "task_create"
  public static let summary = "Creates a task; any of its fields may be given."
  public static let access = Access.write

  public let project: ProjectName
  /// nil for a task that is called by its id.
  public let filename: TaskFilename?
  public let fields: TaskFields
  public let graph: GraphFields
  /// An id of the caller's choice.
  public let id: TaskID?
  public let blockers: [BlockerField]
  public let outcome: TaskOutcomeFields
  public let content: [UInt8]
  /// What to say of names of fields that nobody reads.
  let slips: [String]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    graph = try GraphFields(reading: &fields)
    // No client of the older contract sends one.
    if !graph.title.isEmpty { fields.refusesUnknown = true }
    let filename = try fields.value(
      "filename",
      "The task's name; a trailing .md is left out. A task with a title may leave it out: its id is "
        + "its name then.", default: "")
    self.filename = filename.isEmpty ? nil : try TaskFilename(filename)
    id = try fields.optional("id", "An id of your own, unique in the store.")
    blockers = try fields.value(
      "blocked_by", "The tasks that must be done first: ids, or {task, on_failure}.",
      default: [BlockerField]())
    self.fields = try TaskFields(reading: &fields)
    outcome = try TaskOutcomeFields(reading: &fields)
    content = try fields.value(
      "content", "The task's text.", default: ContentBytes(bytes: [])
    ).bytes
    slips = fields.slips {
      Fields.describe(Self.name) { (fields: inout Fields) throws(HoldfastError) in
        _ = try Self(reading: &fields)
      }.fields.map(\.name)
    }
  }

  public func check() throws(HoldfastError) {
    // In the words for a task that has no name.
    if filename == nil, graph.title.isEmpty { _ = try TaskFilename("") }
  }

  public func prepare() throws -> TaskText { TaskText(content) }

  public func run(_ text: TaskText, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let key = try changes.projectKeyForWriting(project)
    if let filename {
      try changes.foreseeTask(filename, in: key)
      if try !changes.isFree(filename, in: key),
        let existing = try changes.findTask(named: filename, in: key)
      {
        throw HoldfastError(
          .alreadyExists, "plan already exists: \(project)/\(filename)",
          details: [("id", .string(changes.id(of: existing).text))])
      }
    }
    let workflow = try changes.workflow(graph.workflowName, in: key)
    var task = TaskEntry(
      project: key, filename: filename ?? TaskFilename(stored: ""),
      status: try workflow.start())
    task.graph.workflow = graph.workflowName
    try fields.apply(to: &task, workflow: workflow, defaultTime: changes.now)
    outcome.apply(to: &task)
    try graph.apply(to: &task, in: changes)
    if let id { try changes.give(id, to: &task) }
    if filename == nil { try changes.nameByID(&task) }
    let created = try changes.create(task, text)
    // A task at the end makes nobody wait that did not wait before.
    if graph.siblingOrder != nil { try changes.checkNoCycle(around: created) }
    for blocker in blockers { try changes.addBlocker(blocker, to: created) }
    var answer = try changes.answer(created.current(in: changes), content: content)
    answer.warnings = try slips + changes.warnings(aboutAssignee: graph.assignee)
    return .done(answer)
  }
}

/// A text that may hold U+0000, which names may not, and that need not be UTF-8.
public struct ContentBytes: FieldValue {
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  public static var fieldSchema: FieldSchema { .bytes }
  public static var placeholder: ContentBytes { ContentBytes(bytes: []) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    bytes = try BytesValue(json, field: field).bytes
  }

  public var fieldJSON: JSON { BytesValue(bytes).json }
}
