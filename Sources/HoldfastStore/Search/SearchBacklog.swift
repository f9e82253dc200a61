internal import HoldfastDatabase

/// The tasks of which the index may not know all.
struct SearchBacklog {
  /// The event behind which it begins.
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

  private static let last: SQL = "SELECT coalesce(max(seq), 0) FROM events"

  /// The last event of all.
  static func end(_ view: any ReadTransaction) throws -> Int64 {
    try view.first(last, [], { $0.int(0) }) ?? 0
  }

  /// Looks at events behind the index.
  ///
  /// - Parameter start: From which event on; nil for where the index stands.
  init(_ view: any ReadTransaction, after start: Int64? = nil, eventsMax: Int) throws {
    cursor = try start ?? Self.cursor(view)
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
