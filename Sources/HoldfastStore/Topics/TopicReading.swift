internal import HoldfastDatabase
public import HoldfastModel

extension StoreView {
  private static let topicByName: SQL = "SELECT 1 FROM topics WHERE project = ?1 AND name = ?2"

  /// Whether the project has a topic of that name.
  func hasTopic(_ name: TopicName, in project: Int64) throws -> Bool {
    try reading.exists(Self.topicByName, [.int(project), .text(name.text)])
  }
}

extension Changes {
  /// Writes a new topic.
  func insertTopic(_ topic: Topic) throws {
    try record(.topicCreated, project: topic.project) { event in
      event.note = EventNote("topic \(topic.name) created")
      try event.insert(topic)
    }
  }
}

extension Topic: Output {
  public static var placeholder: Topic {
    Topic(project: 1, name: TopicName(stored: "topic"), createdAt: nil)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("name", name.text, "The topic's name, unique in its project.")
    out.time("created_at", createdAt, "When it was created; unset for one that only tasks name.")
  }
}
