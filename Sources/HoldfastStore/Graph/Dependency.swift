public import HoldfastDatabase
public import HoldfastModel

/// An edge of the task graph: one task has to do with another, and mostly waits for it.
public struct Dependency: Record {
  public var id: Int64 = 0
  public var project: Int64
  /// The row of the task that waits.
  public var task: Int64
  /// The row of the task that it waits for.
  public var blocker: Int64
  public var type: DependencyType
  /// What becomes of the one that waits when the other one does not end well.
  public var onFailure: FailurePolicy
  public var createdAt: Timestamp?

  public init(
    project: Int64, task: Int64, blocker: Int64, type: DependencyType = .blocks,
    onFailure: FailurePolicy = .block, createdAt: Timestamp?
  ) {
    self.project = project
    self.task = task
    self.blocker = blocker
    self.type = type
    self.onFailure = onFailure
    self.createdAt = createdAt
  }

  public static let table = Table(
    "dependencies",
    [
      ("project", .null), ("task", .null), ("blocker", .null), ("type", .null),
      ("on_failure", .text("block")), ("created_at", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    task = columns.int()
    blocker = columns.int()
    type = DependencyType(rawValue: columns.text()) ?? .relatesTo
    onFailure = FailurePolicy(rawValue: columns.text()) ?? .block
    createdAt = columns.time()
  }

  public var values: [SQLValue] {
    [
      .int(project), .int(task), .int(blocker), .text(type.rawValue), .text(onFailure.rawValue),
      .time(createdAt),
    ]
  }

  /// Whether the edge holds the one that waits, given how the other one stands.
  func holds(_ blocker: Standing) -> Bool {
    guard type.isBlocking else { return false }
    switch blocker {
    case .open: return true
    case .done, .gone: return false
    case .endedBadly: return onFailure != .release
    }
  }

  public static func wrote(_ old: Dependency?, _ new: Dependency?, in changes: Changes) throws {
    try changes.follow(old, new)
  }
}

/// How a task stands towards those that wait for it.
enum Standing: Sendable {
  /// It has not ended.
  case open
  case done
  /// It failed, or was cancelled.
  case endedBadly
  /// It is deleted, or not there yet.
  case gone
}
