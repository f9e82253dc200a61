public import HoldfastDatabase
public import HoldfastModel

/// A file of a project that one agent works on alone.
///
/// Its lease is that of its agent: it ends when the agent is silent for too long.
public struct Lock: Record {
  public var id: Int64 = 0
  public var project: Int64
  public var path: LockPath
  public var agent: Int64
  /// The task with whose end it ends.
  public var boundTo: Int64?
  public var reason: String
  public var lockedAt: Timestamp
  /// The number of the event that gave it to the agent.
  public var fence: Int64

  init(
    project: Int64, path: LockPath, agent: Int64, boundTo: Int64?, reason: String,
    lockedAt: Timestamp, fence: Int64
  ) {
    self.project = project
    self.path = path
    self.agent = agent
    self.boundTo = boundTo
    self.reason = reason
    self.lockedAt = lockedAt
    self.fence = fence
  }

  /// What those wait for who wait for news of a project's locks: this, and the name they know it by.
  static let waitKey = "locks:"

  public static let table = Table(
    "locks",
    [
      ("project", .null), ("path", .null), ("agent", .null), ("bound_to", .null),
      ("reason", .text("")), ("locked_at", .null), ("fence", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    path = LockPath(stored: columns.text())
    agent = columns.int()
    boundTo = columns.optionalInt()
    reason = columns.text()
    lockedAt = Timestamp(nanoseconds: columns.int())
    fence = columns.int()
  }

  public var values: [SQLValue] {
    [
      .int(project), .text(path.text), .int(agent), .optional(boundTo), .text(reason),
      .time(lockedAt), .int(fence),
    ]
  }
}

/// Why a lock came or went.
enum LockCause: String, Sendable {
  /// Somebody took it.
  case taken
  /// Its holder gave it back.
  case release
  /// Its task ended.
  case taskEnd = "task_end"
  /// Its agent left.
  case disconnect
  /// Its agent was silent for too long.
  case expired
  /// Somebody else took it away.
  case admin
}

/// One line of the shared sequence of what happened to locks; the log says the same, row by row.
struct LockEvent: Record {
  var id: Int64 = 0
  /// The number of its event in the log; all files of one call have the same.
  var sequence: Int64
  var project: Int64
  var path: LockPath
  var agent: Int64
  var cause: LockCause
  var reason: String
  var happenedAt: Timestamp

  init(_ lock: Lock, _ cause: LockCause, reason: String, sequence: Int64, at time: Timestamp) {
    self.sequence = sequence
    project = lock.project
    path = lock.path
    agent = lock.agent
    self.cause = cause
    self.reason = reason
    happenedAt = time
  }

  static let table = Table(
    "lock_events",
    [
      ("seq", .null), ("project", .null), ("path", .null), ("agent", .null), ("cause", .null),
      ("reason", .text("")), ("happened_at", .null),
    ])

  init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    sequence = columns.int()
    project = columns.int()
    path = LockPath(stored: columns.text())
    agent = columns.int()
    cause = LockCause(rawValue: columns.text()) ?? .release
    reason = columns.text()
    happenedAt = Timestamp(nanoseconds: columns.int())
  }

  var values: [SQLValue] {
    [
      .int(sequence), .int(project), .text(path.text), .int(agent), .text(cause.rawValue),
      .text(reason), .time(happenedAt),
    ]
  }
}

/// How far an agent has read what happened to a set of files.
struct LockPosition: Record {
  var id: Int64 = 0
  let agent: Int64
  let project: Int64
  /// The files, as one short text.
  let filter: String
  /// The number of the last event that it was told of, or that was of none of its files.
  var position: Int64

  init(agent: Int64, project: Int64, filter: String, position: Int64) {
    self.agent = agent
    self.project = project
    self.filter = filter
    self.position = position
  }

  static let table = Table(
    "lock_positions",
    [("agent", .null), ("project", .null), ("filter", .null), ("position", .null)])

  init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    agent = columns.int()
    project = columns.int()
    filter = columns.text()
    position = columns.int()
  }

  var values: [SQLValue] { [.int(agent), .int(project), .text(filter), .int(position)] }
}
