public import HoldfastDatabase
public import HoldfastModel

/// Puts a task under a topic, which comes into being when new; an empty name takes it out.
public struct TopicAssign: Mutation {
  public static let name = "topic_assign"
  public static let summary =
    "Puts a task under a topic, which comes into being when new; an empty topic clears."
  public static let access = Access.write

  public let target: TaskTarget
  /// The topic, or nil for none.
  public let topic: TopicName?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    let text: String = try fields.required("topic", "The topic's name; empty for none.")
    topic = text.isEmpty ? nil : try TopicName(text)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    if let topic, try !changes.hasTopic(topic, in: task.project) {
      try changes.insertTopic(Topic(project: task.project, name: topic, createdAt: changes.now))
    }
    let message = topic.map { "topic \($0)" } ?? "no topic"
    let changed = try changes.changeColumns(of: task, message) { $0.topic = topic?.text ?? "" }
    return .done(try changes.answer(changed))
  }
}
