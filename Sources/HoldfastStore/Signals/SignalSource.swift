internal import HoldfastDatabase
internal import HoldfastModel

/// Signals of one status that an index gives in the order of their creation.
enum SignalSource {
  /// Pending ones of one type.
  case pending(project: Int64, type: String)
  /// Claimed ones, read once: there are about as many as workers.
  case processing([Signal])
  case ended(project: Int64, status: SignalStatus)

  private static let nextType: SQL = """
    SELECT type FROM signals WHERE project = ?1 AND status = 'pending' AND type > ?2
    ORDER BY type LIMIT 1
    """
  private static let processing = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.status = 'processing'
    """)

  /// The sources that give all signals of these statuses together.
  static func all(of statuses: [SignalStatus], in project: Int64, _ view: StoreView) throws
    -> [SignalSource]
  {
    var sources: [SignalSource] = []
    for status in statuses {
      switch status {
      case .pending:
        var type = ""
        while let next = try view.reading.first(
          nextType, [.int(project), .text(type)], { $0.text(0) })
        {
          type = next
          sources.append(.pending(project: project, type: type))
        }
      case .processing:
        let rows = try view.reading.all(processing, [.int(project)], Signal.init(row:))
        sources.append(
          .processing(rows.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }))
      case .done, .failed: sources.append(.ended(project: project, status: status))
      }
    }
    return sources
  }

  private static let pendingPage = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.type = ?2 AND signals.status = 'pending'
      AND (signals.created_at, signals.id) > (?3, ?4)
    ORDER BY signals.created_at, signals.id LIMIT ?5
    """)
  private static let endedPage = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.status = ?2 AND signals.status IN ('done', 'failed')
      AND (signals.created_at, signals.id) > (?3, ?4)
    ORDER BY signals.created_at, signals.id LIMIT ?5
    """)

  /// The next rows behind the cursor.
  func rows(after cursor: TimeCursor, limit: Int, _ view: StoreView) throws -> [Signal] {
    switch self {
    case .pending(let project, let type):
      return try page(Self.pendingPage, project, type, cursor, limit, view)
    case .ended(let project, let status):
      return try page(Self.endedPage, project, status.rawValue, cursor, limit, view)
    case .processing(let rows):
      let place = (Timestamp(nanoseconds: cursor.time), cursor.id)
      return Array(rows.lazy.filter { ($0.createdAt, $0.id) > place }.prefix(limit))
    }
  }

  private func page(
    _ sql: SQL, _ project: Int64, _ name: String, _ cursor: TimeCursor, _ limit: Int,
    _ view: StoreView
  ) throws -> [Signal] {
    try view.reading.all(
      sql,
      [
        .int(project), .text(name), .int(cursor.time), .int(cursor.id), .int(Int64(limit)),
      ], Signal.init(row:))
  }
}
