internal import HoldfastDatabase
internal import HoldfastModel

/// A walk through the audit trail from its newest line, in short reads, until there are as many lines as
/// wanted.
///
/// What happened here stands in the log, what an import brought in lines with times of their own. Both
/// come by time, and by number where times are equal: in the log that is the order of the numbers.
struct AuditScan {
  let reads: StoreReads
  let project: ProjectName
  /// Only what happened later than this.
  let after: Timestamp?
  /// Only what stands before this place.
  let end: TimeCursor
  let limit: Int
  /// Kinds of lines and types of events; empty for all but the import's own events, of which the trail
  /// has what they brought.
  let kinds: [String]
  /// Who did it; empty for anybody.
  let instances: [String]

  /// One of the lists that the trail is made of.
  enum Source {
    case eventsOfProject(Int64)
    case eventsOfTask(Int64)
    case linesOfProject(Int64)
    case linesOfTask(Int64)
    /// Lines of a task that is not there any more, or never was.
    case linesOfFile(Int64, String)
  }

  /// The newest of all sources together, and the place at which the next walk starts; nil at the end of
  /// the trail.
  func run(over sources: [Source]) throws -> (events: some Sequence<AuditEvent>, end: TimeCursor?) {
    let events = try sources.flatMap(walk).sorted { $0.place > $1.place }
    return (events.prefix(limit), events.count > limit ? events[limit - 1].place : nil)
  }

  /// How far one source has been looked through.
  private struct Walk {
    var events: [AuditEvent] = []
    /// Only what stands before this is left.
    var next: TimeCursor
  }

  /// The newest of one source; one more than wanted, when there is another page.
  private func walk(_ source: Source) throws -> [AuditEvent] {
    var walk = Walk(next: end)
    while walk.events.count <= limit {
      let isWhole = try reads.read { try step(&walk, through: source, $0) }
      if isWhole { break }
    }
    return walk.events
  }

  /// Looks on for a step; true at the end of the source.
  private func step(_ walk: inout Walk, through source: Source, _ view: StoreView) throws -> Bool {
    switch source {
    case .eventsOfProject(let key): try events(Self.eventsOfProject, [.int(key)], &walk, view)
    case .eventsOfTask(let key): try events(Self.eventsOfTask, [.int(key)], &walk, view)
    case .linesOfProject(let key): try lines(Self.linesOfProject, [.int(key)], &walk, view)
    case .linesOfTask(let key): try lines(Self.linesOfTask, [.int(key)], &walk, view)
    case .linesOfFile(let key, let file):
      try lines(Self.linesOfFile, [.int(key), .text(file)], &walk, view)
    }
  }

  private func events(
    _ keys: SQL, _ values: [SQLValue], _ walk: inout Walk, _ view: StoreView
  ) throws -> Bool {
    let types = Set(kinds.isEmpty ? Self.shownTypes : AuditKind.types(ofKinds: kinds))
    guard !types.isEmpty else { return true }
    let first = try after.map { try view.firstSequence(later: true, than: $0) } ?? 1
    let end = try view.sequence(at: walk.next)
    var last: Int64?
    let isWhole = try step(&walk, keys, [.int(first), .int(end)] + values, view) { row in
      last = row.int(0)
      guard types.contains(row.text(1)) else { return nil }
      return try view.reading.first(Self.event, [.int(row.int(0))]) { row -> AuditEvent? in
        // What is in the event takes longer to read.
        guard isWanted(instance: AuditLine.instance(ofActor: row.text(2))) else { return nil }
        let event = AuditEvent(event: row, project: project)
        // A type may be shown as several kinds.
        let isWanted =
          kinds.isEmpty || kinds.contains(event.line.kind) || kinds.contains(event.type)
        return isWanted ? event : nil
      } ?? nil
    }
    if let last {
      let time = try view.reading.first(Self.timeOfEvent, [.int(last)]) { $0.int(0) }
      walk.next = TimeCursor(time: time ?? walk.next.time, id: last)
    }
    return isWhole
  }

  private func lines(
    _ keys: DialectSQL, _ values: [SQLValue], _ walk: inout Walk, _ view: StoreView
  ) throws -> Bool {
    var next = walk.next
    let place: [SQLValue] = [
      .int(after?.nanoseconds ?? .min), .int(next.time), .int(next.id),
    ]
    let isWhole = try step(&walk, keys[view.reading.dialect], place + values, view) { row in
      next = TimeCursor(time: row.int(2), id: row.int(0))
      guard kinds.isEmpty || kinds.contains(row.text(1)) else { return nil }
      return try view.reading.first(Self.line, [.int(next.id)]) { row -> AuditEvent? in
        let event = AuditEvent(line: row, project: project)
        return isWanted(instance: event.line.instanceTitle) ? event : nil
      } ?? nil
    }
    walk.next = next
    return isWhole
  }

  private func isWanted(instance: String) -> Bool {
    instances.isEmpty || instances.contains { $0.utf8.elementsEqual(instance.utf8) }
  }

  /// - Parameter line: Reads the line of a key; nil when it is not wanted.
  /// - Returns: Whether there are no more keys.
  private func step(
    _ walk: inout Walk, _ keys: SQL, _ values: [SQLValue], _ view: StoreView,
    _ line: (any Row) throws -> AuditEvent?
  ) throws -> Bool {
    try view.reading.query(keys, values) { key in
      if let event = try line(key) { walk.events.append(event) }
      return walk.events.count <= limit && !view.reading.stepIsOver
    }
  }

  // MARK: Statements

  // The keys come from indexes, so that what is of other kinds costs little.

  private static func events(_ condition: String) -> SQL {
    SQL(
      """
      SELECT seq, type FROM events WHERE \(condition) AND seq >= ?1 AND seq < ?2 ORDER BY seq DESC
      """)
  }

  private static let eventsOfProject = events("project = ?3")
  private static let eventsOfTask = events("task = ?3")
  private static let timeOfEvent: SQL = "SELECT at FROM events WHERE seq = ?1"
  private static let event = SQL(
    """
    SELECT \(AuditLine.eventColumns), tasks.filename
    FROM events LEFT JOIN tasks ON tasks.id = events.task WHERE events.seq = ?1
    """)

  private static func lines(_ condition: @escaping (Dialect) -> String) -> DialectSQL {
    DialectSQL { dialect in
      let select = "SELECT id, kind, happened_at FROM audit_lines WHERE \(condition(dialect))"
      return """
        \(select) AND happened_at > ?1 AND happened_at = ?2 AND id < ?3
        UNION ALL \(select) AND happened_at > ?1 AND happened_at < ?2
        ORDER BY happened_at DESC, id DESC
        """
    }
  }

  private static let linesOfProject = lines { _ in "project = ?4" }
  private static let linesOfTask = lines { _ in "task = ?4" }
  private static let linesOfFile = lines {
    "project = ?4 AND task IS NULL AND \($0.isText("task_file", "?5"))"
  }
  private static let line = SQL(
    """
    SELECT \(AuditLine.table.columnList), tasks.filename
    FROM audit_lines LEFT JOIN tasks ON tasks.id = audit_lines.task WHERE audit_lines.id = ?1
    """)

  private static let shownTypes = EventType.allCases.filter { $0 != .imported }.map(\.rawValue)
}
