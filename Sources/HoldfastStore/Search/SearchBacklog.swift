internal import HoldfastDatabase

/// The tasks of which the index may not know all.
struct SearchBacklog {
  /// Up to which event the index knows the tasks.
  let cursor: Int64
  /// The tasks of later events, each with the first of them, in that order.
  private(set) var tasks: [(id: Int64, sequence: Int64)] = []
  /// The last event that was looked at.
  private(set) var through: Int64
  /// How many were looked at.
  private(set) var eventCount = 0

  private static let state: SQL = "SELECT seq FROM search_state WHERE id = 1"
  private static let events: SQL = """
    SELECT seq, task FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2
    """

  /// Where the index stands.
  static func cursor(_ view: any ReadTransaction) throws -> Int64 {
    guard let cursor = try view.first(state, [], { $0.int(0) }) else { throw SearchIndex.Damage() }
    return cursor
  }

  /// Looks at events behind the index.
  init(_ view: any ReadTransaction, eventsMax: Int) throws {
    cursor = try Self.cursor(view)
    through = cursor
    var seen: Set<Int64> = []
    try view.query(Self.events, [.int(cursor), .int(Int64(eventsMax))]) { row in
      through = row.int(0)
      eventCount += 1
      if let task = row.optionalInt(1), seen.insert(task).inserted {
        tasks.append((task, through))
      }
    }
  }
}
