public import HoldfastDatabase
public import HoldfastModel

/// A namespace of tasks, named after a repository's main checkout.
public struct Project: Record {
  public var id: Int64
  public var name: ProjectName
  /// The repository's first commit, or its path while it has none; empty when never recorded.
  public var identity = ""
  /// Whether tasks keep statuses of another vocabulary as they are.
  public var acceptsAnyStatus = false
  /// The project's configuration as TOML text; nil while it has none.
  public var config: String?
  public var createdAt: Timestamp?
  public var deletedAt: Timestamp?
  /// The project this one is only another name of.
  public var aliasOf: Int64?

  public init(name: ProjectName, createdAt: Timestamp?) {
    id = 0
    self.name = name
    self.createdAt = createdAt
  }

  public static let table = Table(
    "projects",
    [
      ("name", .null), ("identity", .text("")), ("accepts_any_status", .int(0)),
      ("config", .null), ("created_at", .null), ("deleted_at", .null), ("alias_of", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    name = ProjectName(stored: columns.text())
    identity = columns.text()
    acceptsAnyStatus = columns.bool()
    config = columns.optionalText()
    createdAt = columns.time()
    deletedAt = columns.time()
    aliasOf = columns.optionalInt()
  }

  public var values: [SQLValue] {
    [
      .text(name.text), .text(identity), .bool(acceptsAnyStatus), .optional(config),
      .time(createdAt), .time(deletedAt), .optional(aliasOf),
    ]
  }
}
