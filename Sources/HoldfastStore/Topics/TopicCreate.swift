public import HoldfastDatabase
public import HoldfastModel

/// Creates a topic.
public struct TopicCreate: Mutation {
  public static let name = "topic_create"
  public static let summary = "Creates a topic, under which tasks can be grouped."
  public static let access = Access.write

  public let project: ProjectName
  public let topic: TopicName
  public let createdAt: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    topic = try fields.required("name", "The topic's name; not blank.")
    createdAt = try fields.time("created_at", "When it was created; now when left out.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Topic> {
    let key = try changes.projectKeyForWriting(project)
    guard try !changes.hasTopic(topic, in: key) else {
      throw HoldfastError(.alreadyExists, "topic already exists: \(project)/\(topic)")
    }
    let created = Topic(project: key, name: topic, createdAt: createdAt ?? changes.now)
    try changes.insertTopic(created)
    return .done(created)
  }
}
