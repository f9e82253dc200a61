internal import HoldfastDatabase
internal import HoldfastModel

/// A part of the log: numbers from `from` on, below `to`.
struct EventWindow {
  var from: Int64
  var to: Int64
}

/// A walk through the log from its newest event, bounded in rows as well as in answers.
struct AuditScan {
  let view: StoreView
  let project: Int64
  let name: ProjectName
  let window: EventWindow
  let limit: Int
  /// The types of events to look at; nil for all.
  var types: Set<String>?
  /// What the statements leave to be checked; nil for nothing.
  var matches: ((AuditEvent) -> Bool)?

  /// What was found, and the number at which the next walk starts; nil at the end of the log.
  struct Found {
    var events: [AuditEvent] = []
    var end: Int64?
  }

  /// Rows that one statement gives.
  private var pageRows: Int { matches == nil ? limit + 1 : 500 }
  /// Rows that one walk looks at before it stops with a cursor.
  private static let rowsMax = 20_000

  func ofProject() throws -> Found {
    try walk(types == nil ? Self.ofProject : Self.ofProjectAndTypes, key: project)
  }

  func ofTasks(_ keys: [Int64]) throws -> Found {
    var merged = Found()
    for key in keys {
      let found = try walk(types == nil ? Self.ofTask : Self.ofTaskAndTypes, key: key)
      merged.events += found.events
      if let end = found.end { merged.end = max(end, merged.end ?? end) }
    }
    merged.events.sort { $0.sequence > $1.sequence }
    // Below the highest end, one of the walks has not looked yet.
    if let end = merged.end { merged.events.removeAll { $0.sequence < end } }
    if merged.events.count > limit {
      merged.events.removeLast(merged.events.count - limit)
      merged.end = merged.events.last?.sequence
    }
    return merged
  }

  private func walk(_ sql: SQL, key: Int64) throws -> Found {
    var found = Found()
    var next = window.to
    var rows = 0
    while found.events.count < limit, rows < Self.rowsMax {
      var page: [AuditEvent] = []
      var values: [SQLValue] = [
        .int(key), .int(window.from), .int(next), .int(Int64(pageRows)),
      ]
      if let types { values += Self.bound(types) }
      try view.reading.query(sql, values) { page.append(AuditEvent(row: $0, project: name)) }
      for event in page where found.events.count < limit {
        next = event.sequence
        if matches?(event) ?? true { found.events.append(event) }
      }
      rows += page.count
      guard page.count == pageRows || next != page.last?.sequence else {
        return found
      }
      guard !page.isEmpty else { return found }
    }
    found.end = next
    return found
  }

  // MARK: Statements

  private static let columns = """
    SELECT events.seq, events.type, events.actor, events.at, events.data, tasks.filename
    FROM events LEFT JOIN tasks ON tasks.id = events.task
    """
  private static let part = "AND events.seq >= ?2 AND events.seq < ?3"
  private static let order = "ORDER BY events.seq DESC LIMIT ?4"

  private static let ofProject = SQL("\(columns) WHERE events.project = ?1 \(part) \(order)")
  private static let ofTask = SQL("\(columns) WHERE events.task = ?1 \(part) \(order)")
  private static let ofProjectAndTypes = SQL(
    "\(columns) WHERE events.project = ?1 \(part) AND events.type IN (\(places)) \(order)")
  private static let ofTaskAndTypes = SQL(
    "\(columns) WHERE events.task = ?1 \(part) AND events.type IN (\(places)) \(order)")

  /// A placeholder for each type there is; those that are not asked for are bound to `NULL`.
  private static let places = EventType.allCases.indices.map { "?\($0 + 5)" }
    .joined(separator: ", ")

  private static func bound(_ types: Set<String>) -> [SQLValue] {
    let asked = types.sorted().map(SQLValue.text)
    return asked
      + Array(repeating: SQLValue.null, count: max(0, EventType.allCases.count - asked.count))
  }
}
