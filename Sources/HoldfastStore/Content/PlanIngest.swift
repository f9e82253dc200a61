internal import HoldfastJSON
internal import HoldfastModel

/// A text on its way into its task, with what is derived from it: goal and subtasks.
///
/// Made outside of the transaction; the text itself is stored to the byte.
public struct PlanIngest: Sendable {
  let text: TaskText
  let document: PlanDocument

  /// Reads the text as a plan.
  ///
  /// - Throws: ``HoldfastError`` for a plan whose tasks cannot be told apart, or has too many.
  init(_ content: [UInt8]) throws(HoldfastError) {
    text = TaskText(content)
    document = PlanDocument(parsing: content)
    try document.check()
  }

  var warnings: [String] { document.warnings }

  /// Sets the text, the goal when the document has one, and the subtasks when it has waves.
  func apply(to task: inout TaskEntry, _ event: Event, in changes: Changes) throws {
    event.set(text, of: &task)
    event.note = EventNote("content of \(task.filename) changed")
    try changes.ingest(document, into: &task, event)
  }
}

extension Changes {
  /// Takes goal and subtasks of a task from its plan; what the plan does not say stays.
  ///
  /// Subtasks that the plan no longer has are added to the event's note.
  func ingest(_ plan: PlanDocument, into task: inout TaskEntry, _ event: Event) throws {
    if let goal = plan.goal { task.goal = goal }
    guard plan.hasTasks else { return }
    let existing = try subtaskRows(of: task)
    let merged = plan.merged(into: existing.map(\.subtask))
    try event.replaceSubtasks(existing, by: merged.subtasks, of: task)
    if !merged.removed.isEmpty { event.note?.tellOfRemovedSubtasks(merged.removed) }
  }
}

extension EventNote {
  fileprivate mutating func tellOfRemovedSubtasks(_ numbers: [Int64]) {
    message += "; subtasks removed: \(numbers.map(String.init).joined(separator: ", "))"
    var detail = detail ?? JSONObject()
    detail.set("removed_subtasks", .array(numbers.map { .number(JSONNumber($0)) }))
    self.detail = detail
  }
}
