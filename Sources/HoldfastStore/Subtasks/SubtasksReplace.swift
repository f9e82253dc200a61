public import HoldfastDatabase
public import HoldfastModel

/// Replaces all subtasks of a task.
public struct SubtasksReplace: Mutation {
  public static let name = "subtasks_replace"
  public static let summary = "Replaces all subtasks of a task; an empty list removes them."
  public static let access = Access.write

  public let target: TaskTarget
  public let subtasks: [Subtask]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    subtasks = try fields.value(
      "subtasks", "The subtasks; one without a status is pending.", default: [Subtask]())
  }

  public func check() throws(HoldfastError) {
    guard subtasks.count <= Subtask.countMax else {
      throw HoldfastError(
        .invalidField,
        "a task has at most \(Subtask.countMax) subtasks, not \(subtasks.count)")
    }
    var seen: Set<Int64> = []
    for subtask in subtasks where !seen.insert(subtask.number).inserted {
      throw HoldfastError(.invalidField, "duplicate task_number: \(subtask.number)")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SubtasksAnswer> {
    let task = try changes.taskForWriting(target)
    let existing = try changes.subtaskRows(of: task)
    let sorted = subtasks.sorted { $0.number < $1.number }
    guard sorted != existing.map(\.subtask) else {
      return .done(SubtasksAnswer(subtasks: sorted, revision: task.revision))
    }
    let note = EventNote("subtasks of \(task.filename) replaced: \(sorted.count) now")
    let changed = try changes.change(task, as: .subtasksReplaced, note: note) { _, event in
      try event.replaceSubtasks(existing, by: sorted, of: task)
    }
    return .done(SubtasksAnswer(subtasks: sorted, revision: changed.revision))
  }
}

/// All subtasks of a task.
public struct SubtasksAnswer: Output {
  public let subtasks: [Subtask]
  public let revision: Int64?

  public static var placeholder: SubtasksAnswer { SubtasksAnswer(subtasks: [], revision: nil) }

  public func write(_ out: inout ObjectWriter) {
    out.list("subtasks", subtasks, "The subtasks by number.")
  }
}
