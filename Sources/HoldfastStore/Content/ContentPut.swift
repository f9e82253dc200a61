public import HoldfastDatabase
public import HoldfastModel

/// Replaces a task's text, and brings goal and subtasks in line with it.
///
/// A subtask that the document still has keeps its status; without waves, or without a goal line,
/// subtasks and goal stay as they are.
public struct ContentPut: Mutation {
  public static let name = "content_set"
  public static let summary =
    "Replaces a task's text; its goal and subtasks follow the plan in it, progress is kept."
  public static let access = Access.write

  public let target: TaskTarget
  public let content: [UInt8]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    content = try fields.bytes("content", "The text, kept to the byte.")
  }

  public func prepare() throws -> PlanIngest { try PlanIngest(content) }

  public func run(_ ingest: PlanIngest, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let changed = try changes.change(task, as: .contentChanged) { entry, event in
      try ingest.apply(to: &entry, event, in: changes)
    }
    var answer = try changes.answer(changed, content: content)
    answer.warnings = ingest.warnings
    if content.isEmpty, task.contentBytes > 0 {
      answer.warnings.append("the text is empty now; it had \(task.contentBytes) bytes")
    }
    return .done(answer)
  }
}
