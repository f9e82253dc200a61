internal import HoldfastDatabase
public import HoldfastModel

/// Lists the topics of a project by name, in the order of bytes: those that were made, and those that
/// tasks were created with.
public struct TopicList: Listing {
  public typealias Element = Topic
  public static let name = "topic_list"
  public static let summary = "Lists the topics of a project by name."
  public static let access = Access.read
  public static let listName: StaticString = "topics"

  public let project: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
  }

  private static let topics = SQL(
    """
    WITH RECURSIVE used(name) AS (
      SELECT min(topic) FROM tasks WHERE project = ?1 AND topic <> '' AND deleted_at IS NULL
      UNION ALL
      SELECT (
        SELECT min(topic) FROM tasks
        WHERE project = ?1 AND topic > used.name AND topic <> '' AND deleted_at IS NULL)
      FROM used WHERE used.name IS NOT NULL)
    SELECT \(Topic.table.columnList) FROM topics WHERE topics.project = ?1
    UNION ALL
    SELECT 0, ?1, used.name, NULL FROM used
    WHERE used.name IS NOT NULL
      AND used.name NOT IN (SELECT topics.name FROM topics WHERE topics.project = ?1)
    ORDER BY 3
    """)

  public func run(in view: StoreView, _ each: (Topic) throws -> Void) throws -> ListEnd {
    if let key = try view.projectKey(project) {
      try view.reading.query(Self.topics, [.int(key)]) { try each(Topic(row: $0)) }
    }
    return ListEnd()
  }
}
