public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Gives a task another id; edges, tags, texts and history are the task's and stay with it.
public struct TaskSetID: Mutation {
  public static let name = "task_set_id"
  public static let summary =
    "Gives a task another id; a task that is called by its id is called by the new one."
  public static let access = Access.write

  public let target: TaskTarget
  public let id: TaskID

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    id = try fields.required("id", "The new id, unique in the store.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let old = changes.id(of: task)
    guard old != id else { return .done(try changes.slimAnswer(task)) }
    var named = task
    try changes.give(id, to: &named)
    if UTF8Order.areSame(task.filename.text, old.text) {
      named.filename = TaskFilename(stored: id.text)
    }
    let note = EventNote(
      "\(task.filename) has the id \(id) instead of \(old)",
      detail: JSONObject([("from", .string(old.text)), ("to", .string(id.text))]))
    let renamed = try changes.change(task, as: .taskRenamed, note: note) { entry, event in
      entry.graph.givenID = named.graph.givenID
      guard named.filename != entry.filename else { return }
      entry.filename = named.filename
      try changes.moveSignals(of: task, to: named.filename, event)
    }
    return .done(try changes.slimAnswer(renamed))
  }
}
