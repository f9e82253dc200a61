public import HoldfastDatabase
public import HoldfastModel

/// A topic that groups tasks of a project.
public struct Topic: Record {
  public var id: Int64
  public var project: Int64
  public var name: TopicName
  public var createdAt: Timestamp?

  public init(project: Int64, name: TopicName, createdAt: Timestamp?) {
    id = 0
    self.project = project
    self.name = name
    self.createdAt = createdAt
  }

  public static let table = Table(
    "topics", [("project", .null), ("name", .null), ("created_at", .null)])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    name = TopicName(stored: columns.text())
    createdAt = columns.time()
  }

  public var values: [SQLValue] { [.int(project), .text(name.text), .time(createdAt)] }
}
