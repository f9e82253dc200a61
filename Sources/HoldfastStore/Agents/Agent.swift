public import HoldfastDatabase
public import HoldfastModel

/// A worker of the fleet, known over the whole store.
public struct Agent: Record {
  public var id: Int64
  /// Its identity.
  public var name: AgentID
  /// What people call it.
  public var title = ""
  /// What it can do, for tasks that ask for it.
  public var tags = TagList.none
  /// How many tasks it may hold at once.
  public var maxClaims = Agent.maxClaimsDefault
  public var registeredAt: Timestamp
  /// The number of the event of its connection: what came before is not news to it.
  public var joined: Int64
  public var disconnectedAt: Timestamp?

  static let maxClaimsDefault: Int64 = 5

  public init(name: AgentID, registeredAt: Timestamp, joined: Int64) {
    id = 0
    self.name = name
    self.registeredAt = registeredAt
    self.joined = joined
  }

  public static let table = Table(
    "agents",
    [
      ("name", .null), ("title", .text("")), ("tags", .text("")),
      ("max_claims", .int(maxClaimsDefault)), ("registered_at", .null), ("joined", .null),
      ("disconnected_at", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    name = AgentID(stored: columns.text())
    title = columns.text()
    tags = TagList(stored: columns.text())
    maxClaims = columns.int()
    registeredAt = Timestamp(nanoseconds: columns.int())
    joined = columns.int()
    disconnectedAt = columns.time()
  }

  public var values: [SQLValue] {
    [
      .text(name.text), .text(title), .text(tags.stored), .int(maxClaims), .time(registeredAt),
      .int(joined), .time(disconnectedAt),
    ]
  }
}

/// When an agent was heard of last.
struct Heartbeat: Record {
  /// The key of the agent.
  var id: Int64
  /// By the machine's clock.
  var seenAt: Timestamp
  /// The store's lease time then: its lease began anew. nil once the lease has ended and what the agent
  /// held is free.
  var leasedAt: Int64?

  static let table = Table("heartbeats", [("seen_at", .null), ("leased_at", .null)])

  init(id: Int64, seenAt: Timestamp, leasedAt: Int64?) {
    self.id = id
    self.seenAt = seenAt
    self.leasedAt = leasedAt
  }

  init(row: any Row) {
    self.init(
      id: row.int(0), seenAt: Timestamp(nanoseconds: row.int(1)), leasedAt: row.optionalInt(2))
  }

  /// The heartbeat that stands behind other columns of a row; nil when there is none.
  init?(row: any Row, from column: Int) {
    guard let id = row.optionalInt(column) else { return nil }
    self.init(
      id: id, seenAt: Timestamp(nanoseconds: row.int(column + 1)),
      leasedAt: row.optionalInt(column + 2))
  }

  var values: [SQLValue] { [.time(seenAt), .optional(leasedAt)] }
}
