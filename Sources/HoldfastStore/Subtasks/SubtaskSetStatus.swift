public import HoldfastDatabase
public import HoldfastModel

/// Sets the status of one subtask.
public struct SubtaskSetStatus: Mutation {
  public static let name = "subtask_status_set"
  public static let summary = "Sets the status of one subtask."
  public static let access = Access.write

  public let target: TaskTarget
  public let number: SubtaskNumber
  public let status: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    number = try fields.required("task_number", "The number of the subtask.")
    status = try fields.text(
      "status", "Usually one of \(SubtaskStatus.known.joined(separator: ", ")).")
  }

  init(project: ProjectName, task: TaskFilename, number: SubtaskNumber, status: String) {
    target = TaskTarget(project: project, task: task)
    self.number = number
    self.status = status
  }

  public func check() throws(HoldfastError) {
    guard status.isEmpty else { return }
    throw FieldPosition("status").invalid("status must not be empty")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SubtaskAnswer> {
    guard let task = try changes.find(target),
      let row = try changes.subtaskRow(number.value, of: task)
    else {
      throw HoldfastError(
        .notFound, "subtask not found: \(target.project)/\(target.task)#\(number.value)")
    }
    try changes.checkWrite(to: task, under: target.fence)
    var changed = row
    changed.subtask.status = status
    guard changed.subtask != row.subtask else {
      return .done(SubtaskAnswer(subtask: row.subtask, revision: task.revision))
    }
    let note = EventNote("subtask \(number.value) of \(task.filename): \(status)")
    let written = try changes.change(task, as: .subtaskChanged, note: note) { _, event in
      try event.update(row, to: changed)
    }
    return .done(SubtaskAnswer(subtask: changed.subtask, revision: written.revision))
  }
}

/// A subtask, and the revision of its task.
public struct SubtaskAnswer: Output {
  public let subtask: Subtask
  public let revision: Int64?

  public static var placeholder: SubtaskAnswer {
    SubtaskAnswer(subtask: .placeholder, revision: nil)
  }
  public static func schemaName(_ shape: ObjectWriter.Shape) -> String {
    Subtask.schemaName(shape)
  }
  public func write(_ out: inout ObjectWriter) { subtask.write(&out) }
}
