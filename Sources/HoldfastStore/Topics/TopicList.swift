internal import HoldfastDatabase
public import HoldfastModel

/// Lists the topics of a project by name, in the order of bytes.
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
    SELECT \(Topic.table.columnList) FROM topics WHERE topics.project = ?1 ORDER BY topics.name
    """)

  public func run(in view: StoreView, _ each: (Topic) throws -> Void) throws -> ListEnd {
    if let key = try view.projectKey(project) {
      try view.reading.query(Self.topics, [.int(key)]) { try each(Topic(row: $0)) }
    }
    return ListEnd()
  }
}
