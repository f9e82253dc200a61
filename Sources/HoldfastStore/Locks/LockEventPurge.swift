internal import HoldfastDatabase
internal import HoldfastModel

/// Takes away what happened to locks long ago: behind every agent that is alive, and older than a day.
enum LockEventPurge {
  /// How long it is kept in any case, in nanoseconds.
  static let kept: Int64 = 86_400_000_000_000

  private static let oldest: SQL = """
    SELECT seq, happened_at FROM lock_events WHERE id = (SELECT min(id) FROM lock_events)
    """
  private static let place: SQL = """
    SELECT min(lock_positions.position) FROM lock_positions
    JOIN heartbeats ON heartbeats.id = lock_positions.agent WHERE heartbeats.leased_at IS NOT NULL
    """
  private static let old = SQL(
    """
    SELECT \(LockEvent.table.columnList) FROM lock_events
    WHERE seq <= ?1 AND happened_at < ?2 ORDER BY id LIMIT ?3
    """)
  private static let cut: SQL = "UPDATE lock_cut SET through = ?1 WHERE id = 1"

  /// Whether there is something that nobody needs any more.
  static func isDue(_ view: StoreView) throws -> Bool {
    let oldest = try view.reading.first(oldest) { (sequence: $0.int(0), at: $0.int(1)) }
    guard let oldest, oldest.at < view.reading.now - kept else { return false }
    return try oldest.sequence <= floor(view)
  }

  /// What has this number or a lower one is behind everybody.
  private static func floor(_ view: StoreView) throws -> Int64 {
    try view.reading.first(place) { $0.optionalInt(0) ?? .max } ?? .max
  }

  /// Takes some of it away, all of one call together.
  ///
  /// - Returns: How much.
  static func run(in changes: Changes, limit: Int) throws -> Int {
    let old = try changes.reading.all(
      old,
      [.int(try floor(changes)), .int(changes.now.nanoseconds - kept), .int(Int64(limit))],
      LockEvent.init(row:))
    guard let last = old.last else { return 0 }
    try changes.delete(allApart: old)
    try changes.transaction.execute(cut, [.int(last.sequence)])
    return old.count
  }
}
