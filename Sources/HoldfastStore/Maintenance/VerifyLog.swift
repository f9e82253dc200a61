internal import HoldfastDatabase
internal import HoldfastModel

/// Reads the whole log once in its order, and compares the rows that belong to no task.
final class VerifyLog {
  private let database: any Database
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void

  /// The rows of no task as of ``through``.
  private var fold = Fold()
  /// The last event that was read.
  private var through: Int64 = .min
  private var lastTime: Int64 = .min
  private var types: Set<String> = []
  private var projects: Set<Int64> = []
  private var seen: Set<Fold.RowKey> = []
  private var count = 0
  /// How many events there were at first, about.
  private var total: Int?

  private static let keysPerStep: Int64 = 2000

  // The data of a task's event is left out, so its pages are not read twice.
  private static let events: SQL = """
    SELECT seq, at, type, project, task, CASE WHEN task IS NULL THEN data END
    FROM events WHERE seq > ?1 ORDER BY seq
    """
  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  private static let project: SQL = "SELECT 1 FROM projects WHERE id = ?1"

  init(
    database: any Database, findings: VerifyFindings,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.database = database
    self.findings = findings
    self.progress = progress
  }

  func run() throws {
    total = try database.read { try $0.first(Self.lastSequence) { Int($0.int(0)) } }
    while !(try database.read(readOn)) {}
    for table in LoggedTable.all where !table.isTasks { try compare(table) }
    findings.suspects.formUnion(fold.keys.filter { !seen.contains($0) })
    try checkProjects()
    for type in types.sorted() where EventType(rawValue: type) == nil {
      findings.add("The log holds events of the unknown type \(type.quoted).")
    }
  }

  /// Reads some more of the log; true when this view has no more.
  private func readOn(_ view: any ReadTransaction) throws -> Bool {
    var read = 0
    let isDone = try view.query(Self.events, [.int(through)]) { row in
      read += 1
      take(row)
      return !view.stepIsOver
    }
    count += read
    findings.read(events: read, through: max(through, 0))
    try progress(StoreProgress("reading the log", unit: "events", done: count, total: total))
    return isDone
  }

  private func take(_ row: any Row) {
    let sequence = row.int(0)
    through = sequence
    let time = row.int(1)
    if time < lastTime {
      findings.add(
        "Event \(sequence) says \(Timestamp(nanoseconds: time)), which is before the event ahead "
          + "of it.")
    }
    lastTime = time
    let type = row.text(2)
    if !types.contains(type) { types.insert(type) }
    if let project = row.optionalInt(3), !projects.contains(project) { projects.insert(project) }
    guard row.isNull(4) else { return }
    if case .failure(let failure) = fold.apply(row, sequence: 0, data: 5) {
      findings.add("Event \(sequence) cannot be read: \(failure.reason).")
    }
  }

  /// Compares the rows of a table that belong to no task, in steps by their keys.
  private func compare(_ table: LoggedTable) throws {
    var after: Int64 = .min
    while after < .max {
      // One view: the log up to this moment, then the rows.
      after = try database.read { view in
        guard try readOn(view) else { return after }
        let last = try view.first(table.lastKey) { $0.optionalInt(0) } ?? nil
        // Keys start at 1; whatever is below comes with the first step.
        let end = max(after, 0).addingReportingOverflow(Self.keysPerStep)
        let through = end.overflow || end.partialValue >= last ?? 0 ? Int64.max : end.partialValue
        return try compare(table, after: after, through: through, view)
      }
    }
  }

  /// - Returns: The key at which the step ended.
  private func compare(
    _ table: LoggedTable, after: Int64, through: Int64, _ view: any ReadTransaction
  ) throws -> Int64 {
    var rows = 0
    var reached = after
    let isDone = try view.query(table.outsideTasks, [.int(after), .int(through)]) { row in
      rows += 1
      reached = row.int(0)
      let key = Fold.RowKey(table: table.index, id: reached)
      seen.insert(key)
      if fold[key].map({ table.isEqual(row, $0) }) != true { findings.suspects.insert(key) }
      return !view.stepIsOver
    }
    findings.counted(rows: rows, of: table.index)
    return isDone ? through : reached
  }

  private func checkProjects() throws {
    let known = projects.sorted()
    for start in stride(from: 0, to: known.count, by: 1000) {
      try database.read { view in
        for project in known[start..<min(start + 1000, known.count)]
        where !(try view.exists(Self.project, [.int(project)])) {
          findings.add("Events refer to project \(project), which is not there.")
        }
      }
    }
  }
}
