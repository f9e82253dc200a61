internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// A walk through the audit trail from its newest line, bounded in rows as well as in answers.
///
/// What happened here stands in the log, what an import brought in lines with times of their own. Both
/// come by time, and by number where times are equal: in the log that is the order of the numbers.
struct AuditScan {
  let view: StoreView
  let project: ProjectName
  /// Only what happened later than this.
  let after: Timestamp?
  /// Only what stands before this place.
  let end: TimeCursor
  let limit: Int
  /// Kinds of lines and types of events; empty for all but the import's own events, of which the trail
  /// has what they brought.
  let kinds: [String]
  /// What the statements leave to be checked; nil for nothing.
  let matches: ((AuditEvent) -> Bool)?

  /// One of the lists that the trail is made of.
  enum Source {
    case eventsOfProject(Int64)
    case eventsOfTask(Int64)
    case linesOfProject(Int64)
    case linesOfTask(Int64)
    /// Lines of a task that is not there any more, or never was.
    case linesOfFile(Int64, String)
  }

  /// What was found, and the place at which the next walk starts; nil at the end of the trail.
  struct Found {
    var events: [AuditEvent] = []
    var end: TimeCursor?
  }

  /// Rows that one statement gives.
  private var pageRows: Int { matches == nil ? limit + 1 : 500 }
  /// Rows that one walk looks at before it stops with a cursor.
  private static let rowsMax = 20_000

  /// The newest of all sources together.
  func run(over sources: [Source]) throws -> Found {
    var merged = Found()
    for source in sources {
      let found = try walk(source)
      merged.events += found.events
      if let end = found.end { merged.end = max(end, merged.end ?? end) }
    }
    merged.events.sort { $0.place > $1.place }
    // Below the highest end, one of the walks has not looked yet.
    if let end = merged.end { merged.events.removeAll { $0.place < end } }
    if merged.events.count > limit {
      merged.events.removeLast(merged.events.count - limit)
      merged.end = merged.events.last?.place
    }
    return merged
  }

  private func walk(_ source: Source) throws -> Found {
    var found = Found()
    var next = end
    var rows = 0
    while found.events.count < limit, rows < Self.rowsMax {
      let page = try page(of: source, before: next)
      for event in page where found.events.count < limit {
        next = event.place
        if matches?(event) ?? true { found.events.append(event) }
      }
      rows += page.count
      guard page.count == pageRows || next != page.last?.place else { return found }
      guard !page.isEmpty else { return found }
    }
    found.end = next
    return found
  }

  private func page(of source: Source, before place: TimeCursor) throws -> [AuditEvent] {
    switch source {
    case .eventsOfProject(let key): try events(Self.eventsOfProject, key, place)
    case .eventsOfTask(let key): try events(Self.eventsOfTask, key, place)
    case .linesOfProject(let key): try lines(Self.linesOfProject, [.int(key)], place)
    case .linesOfTask(let key): try lines(Self.linesOfTask, [.int(key)], place)
    case .linesOfFile(let key, let file):
      try lines(Self.linesOfFile, [.int(key), .text(file)], place)
    }
  }

  private func events(_ sql: SQL, _ key: Int64, _ place: TimeCursor) throws -> [AuditEvent] {
    let first = try after.map { try view.firstSequence(later: true, than: $0) } ?? 1
    let end = try view.sequence(at: place)
    let types = kinds.isEmpty ? Self.shownTypes : Self.list(AuditKind.types(ofKinds: kinds))
    return try view.reading.all(
      sql, [.int(first), .int(end), .text(types), .int(Int64(pageRows)), .int(key)]
    ) { AuditEvent(event: $0, project: project) }
  }

  private func lines(_ sql: SQL, _ key: [SQLValue], _ place: TimeCursor) throws -> [AuditEvent] {
    let values: [SQLValue] = [
      .int(after?.nanoseconds ?? .min), .int(place.time), .int(place.id),
      kinds.isEmpty ? .null : .text(Self.list(kinds)), .int(Int64(pageRows)),
    ]
    return try view.reading.all(sql, values + key) { AuditEvent(line: $0, project: project) }
  }

  // MARK: Statements

  private static func events(_ condition: String) -> SQL {
    SQL(
      """
      SELECT \(AuditLine.eventColumns), tasks.filename
      FROM events LEFT JOIN tasks ON tasks.id = events.task
      WHERE \(condition) AND events.seq >= ?1 AND events.seq < ?2
        AND events.type IN (SELECT value FROM json_each(?3))
      ORDER BY events.seq DESC LIMIT ?4
      """)
  }

  private static let eventsOfProject = events("events.project = ?5")
  private static let eventsOfTask = events("events.task = ?5")

  private static func lines(_ condition: String) -> SQL {
    SQL(
      """
      SELECT \(AuditLine.table.columnList), tasks.filename
      FROM audit_lines LEFT JOIN tasks ON tasks.id = audit_lines.task
      WHERE \(condition) AND audit_lines.happened_at > ?1
        AND (audit_lines.happened_at, audit_lines.id) < (?2, ?3)
        AND (?4 IS NULL OR audit_lines.kind IN (SELECT value FROM json_each(?4)))
      ORDER BY audit_lines.happened_at DESC, audit_lines.id DESC LIMIT ?5
      """)
  }

  private static let linesOfProject = lines("audit_lines.project = ?6")
  private static let linesOfTask = lines("audit_lines.task = ?6")
  private static let linesOfFile = lines(
    "audit_lines.project = ?6 AND audit_lines.task IS NULL AND audit_lines.task_file = ?7")

  private static let shownTypes = list(
    EventType.allCases.filter { $0 != .imported }.map(\.rawValue))

  private static func list(_ texts: [String]) -> String {
    JSON.array(texts.map { .string($0) }).renderedText()
  }
}
