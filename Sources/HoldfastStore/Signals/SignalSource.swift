internal import HoldfastDatabase
internal import HoldfastModel

/// Signals of one status that an index gives in the order of their creation.
enum SignalSource {
  /// Pending ones of one type.
  case pending(project: Int64, type: String)
  /// Claimed ones, sorted for each page: there are about as many as workers.
  case processing(project: Int64)
  case ended(project: Int64, status: SignalStatus)

  // Of any project, because the index has the types first.
  private static let nextType: SQL = """
    SELECT type FROM signals WHERE status = 'pending' AND type > ?1 ORDER BY type LIMIT 1
    """

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
          nextType, [.text(type)], { $0.text(0) })
        {
          type = next
          sources.append(.pending(project: project, type: type))
        }
      case .processing: sources.append(.processing(project: project))
      case .done, .failed: sources.append(.ended(project: project, status: status))
      }
    }
    return sources
  }

  // Two ranges, because SQLite seeks to (created_at, id) by the first of the two alone: signals of one
  // moment would be walked through for every page.
  private static func page(_ condition: String) -> SQL {
    let select = """
      SELECT \(Signal.table.columnList) FROM signals WHERE signals.project = ?1 AND \(condition)
      """
    return SQL(
      """
      \(select) AND signals.created_at = ?3 AND signals.id > ?4
      UNION ALL \(select) AND signals.created_at > ?3
      ORDER BY created_at, id LIMIT ?5
      """)
  }

  static let pendingPage = page("signals.type = ?2 AND signals.status = 'pending'")
  private static let processingPage = page(
    "signals.status = ?2 AND signals.status = 'processing'")
  static let endedPage = page(
    "signals.status = ?2 AND signals.status IN ('done', 'failed')")

  /// A page of one source ends behind this many bytes of payloads and results.
  private static let bytesMax = 1024 * 1024

  /// The next rows behind the cursor, and whether those are all.
  func rows(after cursor: TimeCursor, limit: Int, _ view: StoreView) throws -> (
    signals: [Signal], isWhole: Bool
  ) {
    let (sql, project, name) =
      switch self {
      case .pending(let project, let type): (Self.pendingPage, project, type)
      case .processing(let project):
        (Self.processingPage, project, SignalStatus.processing.rawValue)
      case .ended(let project, let status): (Self.endedPage, project, status.rawValue)
      }
    let values: [SQLValue] = [
      .int(project), .text(name), .int(cursor.time), .int(cursor.id), .int(Int64(limit)),
    ]
    var signals: [Signal] = []
    var bytes = 0
    let isWhole = try view.reading.query(sql, values) { row in
      let signal = Signal(row: row)
      signals.append(signal)
      bytes += signal.payload.utf8.count + signal.result.utf8.count
      return bytes < Self.bytesMax
    }
    return (signals, isWhole && signals.count < limit)
  }
}
