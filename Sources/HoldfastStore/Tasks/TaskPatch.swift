public import HoldfastDatabase
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
  public let changes: TaskChanges
  public let content: Change<ContentBytes>

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.required("task", "The task's filename or id.")
    changes = try TaskChanges(reading: &fields)
    content = try fields.change("content", "The task's text; its goal and subtasks follow it.")
  }

  public func check() throws(HoldfastError) { try changes.check() }

  public func prepare() throws -> PlanIngest? {
    switch content {
    case .keep: nil
    case .clear: try PlanIngest([])
    case .set(let text): try PlanIngest(text.bytes)
    }
  }

  public func run(_ ingest: PlanIngest?, in store: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try store.taskForWriting(task, in: project)
    let workflow = try store.workflow(of: task.project)
    guard let ingest else {
      let note = EventNote("task \(task.filename) changed")
      let changed = try store.set(task, as: .taskChanged, note: note) {
        try changes.apply(to: &$0, workflow: workflow)
      }
      return .done(try store.answer(changed))
    }
    let changed = try store.change(task, as: .contentChanged) { entry, event in
      try ingest.apply(to: &entry, event, in: store)
      try changes.apply(to: &entry, workflow: workflow)
    }
    var answer = store.answer(changed, content: ingest.text.bytes)
    answer.warnings = ingest.warnings
    return .done(answer)
  }
}
