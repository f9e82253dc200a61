public import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Creates a task.
public struct TaskCreate: Mutation {
  public static let name = "task_create"
  public static let summary = "Creates a task; any of its fields may be given."
  public static let access = Access.write

  public let project: ProjectName
  public let filename: TaskFilename
  public let fields: TaskFields
  public let outcome: TaskOutcomeFields
  public let content: [UInt8]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    filename = try TaskFilename(
      try fields.text("filename", "The task's name; a trailing .md is left out."))
    self.fields = try TaskFields(reading: &fields)
    outcome = try TaskOutcomeFields(reading: &fields)
    content = try fields.value(
      "content", "The task's text.", default: ContentBytes(bytes: [])
    ).bytes
  }

  public func prepare() throws -> TaskText { TaskText(content) }

  public func run(_ text: TaskText, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let key = try changes.projectKeyForWriting(project)
    try changes.foreseeTask(filename, in: key)
    if try !changes.isFree(filename, in: key),
      let existing = try changes.findTask(named: filename, in: key)
    {
      throw HoldfastError(
        .alreadyExists, "plan already exists: \(project)/\(filename)",
        details: [("id", .string(changes.facts.ids.id(row: existing.id).text))])
    }
    var task = TaskEntry(project: key, filename: filename, status: .ready)
    try fields.apply(to: &task, workflow: try changes.workflow(of: key), defaultTime: changes.now)
    outcome.apply(to: &task)
    let created = try changes.record(.taskCreated, project: key) { event in
      task.revision = event.sequence
      event.set(text, of: &task)
      event.note = EventNote("task \(filename) created")
      task.id = try event.insert(task)
      event.task = task.id
      try changes.bindSignals(to: task.id, filename, in: key, event)
      return task
    }
    return .done(changes.answer(created, content: content))
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
