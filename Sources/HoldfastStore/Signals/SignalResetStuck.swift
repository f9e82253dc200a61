public import HoldfastDatabase
public import HoldfastModel

/// Makes claimed signals pending again, however long their leases still last.
public struct SignalResetStuck: Mutation {
  public static let name = "signal_reset_stuck"
  public static let summary = """
    Makes signals pending again that were claimed too long ago, whatever is left of their leases.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let olderThanSeconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    olderThanSeconds = try fields.value(
      "older_than_seconds", "Claimed at least this many seconds ago; 0 for all.",
      in: 0...secondsMax, default: 0)
  }

  private static let stuck = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.status = 'processing' AND signals.claimed_at <= ?2
    ORDER BY signals.id LIMIT ?3
    """)

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SignalCount> {
    guard let key = try changes.projectKey(project) else {
      return .done(SignalCount(count: 0, hasMore: false))
    }
    // All means all: also what was claimed while the machine's clock was ahead.
    let cutoff =
      olderThanSeconds == 0
      ? Int64.max : changes.now.nanoseconds - olderThanSeconds * 1_000_000_000
    var stuck = try changes.reading.all(
      Self.stuck, [.int(key), .int(cutoff), .int(SignalCount.max + 1)], Signal.init(row:))
    let hasMore = stuck.count > SignalCount.max
    if hasMore { stuck.removeLast() }
    try changes.release(stuck, because: "stuck signals reset")
    return .done(SignalCount(count: stuck.count, hasMore: hasMore))
  }
}

/// The longest age that a caller may name: 290 years hold no longer one in nanoseconds.
private let secondsMax: Int64 = 1_000_000_000
