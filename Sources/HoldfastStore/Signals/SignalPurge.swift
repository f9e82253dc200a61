public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Deletes signals that have ended; their history stays in the log.
public struct SignalPurge: Mutation {
  public static let name = "signal_purge"
  public static let summary = "Deletes done and failed signals that ended long enough ago."
  public static let access = Access.write

  public let project: ProjectName
  public let olderThanSeconds: Int64
  public let statuses: [String]

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    olderThanSeconds = try fields.required(
      "older_than_seconds", "Ended at least this many seconds ago; 0 for all.")
    statuses = try fields.value(
      "status", "Which ends: done, failed or both.", default: ["done", "failed"])
  }

  public func check() throws(HoldfastError) {
    guard (0...1_000_000_000).contains(olderThanSeconds) else {
      throw HoldfastError(
        .invalidField,
        "older_than_seconds must be a whole number from 0 to 1000000000, not \(olderThanSeconds)",
        details: [("field", "older_than_seconds")])
    }
    for status in statuses where SignalStatus(rawValue: status)?.isFinal != true {
      throw HoldfastError(
        .invalidField, "status must be done or failed, not \"\(status)\"",
        details: [("field", "status")])
    }
  }

  // A row ends after it is created, so the index on creation bounds the scan. The newest row of the
  // table stays: the number of a deleted one could be given out again.
  private static let ended = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.status = ?2 AND signals.status IN ('done', 'failed')
      AND signals.created_at <= ?3
      AND coalesce(signals.processed_at, signals.created_at) <= ?3
      AND signals.id < (SELECT max(id) FROM signals)
    ORDER BY signals.created_at, signals.id LIMIT ?4
    """)

  private static let newest: SQL = """
    SELECT 1 FROM signals WHERE id = (SELECT max(id) FROM signals) AND project = ?1 AND status = ?2
      AND coalesce(processed_at, created_at) <= ?3
    """

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SignalCount> {
    guard let key = try changes.projectKey(project) else {
      return .done(SignalCount(count: 0, hasMore: false))
    }
    let cutoff =
      olderThanSeconds == 0
      ? Int64.max : changes.now.nanoseconds - olderThanSeconds * 1_000_000_000
    var ended: [Signal] = []
    for status in Set(statuses).sorted() {
      let left = SignalCount.max + 1 - Int64(ended.count)
      ended += try changes.reading.all(
        Self.ended, [.int(key), .text(status), .int(cutoff), .int(left)], Signal.init(row:))
    }
    let hasMore = ended.count > SignalCount.max
    if hasMore { ended.removeLast() }
    try changes.recordByTask(.signalPurged, ended, "signals purged") { signal, event in
      try event.delete(signal)
    }
    var count = SignalCount(count: ended.count, hasMore: hasMore)
    count.keepsNewest = try Set(statuses).contains { status in
      try changes.reading.exists(Self.newest, [.int(key), .text(status), .int(cutoff)])
    }
    return .done(count)
  }
}
