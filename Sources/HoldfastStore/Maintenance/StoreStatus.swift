internal import HoldfastDatabase
internal import HoldfastModel

/// Says what is in the store and what takes its space.
public struct StoreStatus: StoreOperation {
  public static let name = "store_status"
  public static let summary = "Counts what is in the store, and says what takes its space."
  public static let access = Access.read

  /// Where the store is, as a person knows it: its path.
  public let location: String
  /// Whether to measure tables and texts, which reads the whole file.
  public let measuresSpace: Bool

  public init(location: String, measuresSpace: Bool = true) {
    self.location = location
    self.measuresSpace = measuresSpace
  }

  private static let keysPerStep: Int64 = 20_000

  private static let tasks: SQL = """
    SELECT status, deleted_at IS NOT NULL, count(*),
      CAST(sum(content_bytes) AS BIGINT) FROM tasks
    WHERE id > ?1 AND id <= ?2 AND filename <> '' GROUP BY 1, 2
    """
  private static let signals: SQL = """
    SELECT status, 0, count(*), 0 FROM signals WHERE id > ?1 AND id <= ?2 GROUP BY 1
    """
  private static let lastTask: SQL = "SELECT max(id) FROM tasks"
  private static let lastSignal: SQL = "SELECT max(id) FROM signals"
  private static let projects: SQL = """
    SELECT count(*) FROM projects WHERE deleted_at IS NULL AND alias_of IS NULL
    """
  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  private static let epoch: SQL = "SELECT epoch FROM store WHERE id = 1"
  private static let texts: SQL = """
    SELECT seq, length(content) FROM events WHERE seq > ?1 ORDER BY seq LIMIT 4000
    """

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws
    -> StoreStatusReport
  {
    try translatingErrors {
      let database = store.database
      let health = database.health
      var report = StoreStatusReport(
        location: location, engine: health.engine, size: try size(of: database, health))
      try database.read { view in
        report.projects = try view.first(Self.projects) { $0.int(0) } ?? 0
        report.epoch = try view.first(Self.epoch) { $0.int(0) } ?? 0
        // Others may have written since this process last did.
        report.lastSequence = try view.first(Self.lastSequence) { $0.int(0) } ?? 0
      }
      let tasks = try count(Self.tasks, upTo: Self.lastTask, database)
      report.tasks = tasks.counts
      report.deletedTasks = tasks.deleted
      report.textBytes = tasks.bytes
      report.signals = try count(Self.signals, upTo: Self.lastSignal, database).counts
      if measuresSpace { try measure(&report, database, progress) }
      return report
    }
  }

  private func size(
    of database: any Database, _ health: DatabaseHealth
  ) throws -> StoreStatusReport.Size {
    guard let bytes = try database.databaseBytes else {
      return .file(health.fileBytes, log: health.walBytes)
    }
    return .database(bytes)
  }

  private struct Counts {
    var byStatus: [String: Int64] = [:]
    var deleted: Int64 = 0
    var bytes: Int64 = 0

    var counts: [StatusCount] {
      byStatus.map { StatusCount(status: $0.key, count: $0.value) }
        .sorted { UTF8Order.precedes($0.status, $1.status) }
    }
  }

  /// Counts in steps, so that a large table holds no read for long.
  private func count(_ sql: SQL, upTo last: SQL, _ database: any Database) throws -> Counts {
    var counts = Counts()
    var after: Int64 = 0
    let end = try database.read { try $0.first(last) { $0.int(0) } } ?? 0
    while after < end {
      let through = end - after > Self.keysPerStep ? after + Self.keysPerStep : end
      try database.read { view in
        try view.query(sql, [.int(after), .int(through)]) { row in
          if row.int(1) != 0 {
            counts.deleted += row.int(2)
          } else {
            counts.byStatus[row.text(0), default: 0] += row.int(2)
            counts.bytes += row.int(3)
          }
        }
      }
      after = through
    }
    return counts
  }

  private func measure(
    _ report: inout StoreStatusReport, _ database: any Database,
    _ progress: @Sendable (StoreProgress) throws -> Void
  ) throws {
    try progress(StoreProgress("measuring tables", unit: "tables", done: 0))
    let space = try database.spaceByTable()
    report.space = space.map { SpaceUse(name: $0.name, bytes: $0.bytes) }
    let used = space.reduce(0) { $0 + $1.bytes }
    if case .file(let bytes, _) = report.size { report.freeBytes = max(bytes - used, 0) }
    var after: Int64 = 0
    var events = 0
    var texts: Int64 = 0
    while true {
      var read = 0
      try database.read { view in
        try view.query(Self.texts, [.int(after)]) { row in
          read += 1
          after = row.int(0)
          texts += row.int(1)
        }
      }
      events += read
      try progress(StoreProgress("measuring texts", unit: "events", done: events))
      if read < 4000 { break }
    }
    report.events = Int64(events)
    report.historyTextBytes = max(texts - report.textBytes, 0)
  }
}
