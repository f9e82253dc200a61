internal import HoldfastDatabase
internal import HoldfastModel

/// Compares every task, with all rows that belong to it, with the events of that task.
///
/// It goes through the tasks in windows of neighbouring keys. Most windows are folded and compared in
/// one read. One with much in it takes several, and each read that compares has folded before what was
/// written meanwhile.
final class VerifyTasks {
  private let database: any Database
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void
  private var tasksDone = 0
  private var total: Int?

  private static let tasksPerWindow = 256
  private static let eventsPerWindow = 4000

  private static let nextTasks = SQL(
    "SELECT task FROM events WHERE task > ?1 ORDER BY task LIMIT \(eventsPerWindow)")
  private static let count: SQL = "SELECT count(*) FROM tasks"
  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  /// The events behind ?2 of the task ?1, then those of the tasks in (?1, ?3].
  static let eventsOfTasks: SQL = """
    SELECT task, seq, data, content FROM events WHERE task = ?1 AND seq > ?2 AND seq <= ?4
    UNION ALL
    SELECT task, seq, data, content FROM events WHERE task > ?1 AND task <= ?3 AND seq <= ?4
    ORDER BY task, seq
    """
  /// All events behind ?1; only those of the tasks in (?2, ?3] with what is in them.
  private static let newEvents: SQL = """
    SELECT task, seq, CASE WHEN task > ?2 AND task <= ?3 THEN data END,
      CASE WHEN task > ?2 AND task <= ?3 THEN content END
    FROM events WHERE seq > ?1 ORDER BY seq
    """
  private static let pointers: SQL = """
    SELECT t.id, t.filename, t.revision, r.task, t.content, c.task, t.content_bytes,
      length(c.content)
    FROM tasks t
    LEFT JOIN events r ON r.seq = t.revision
    LEFT JOIN events c ON c.seq = t.content
    WHERE t.id > ?1 AND t.id <= ?2 ORDER BY t.id
    """

  init(
    database: any Database, findings: VerifyFindings,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.database = database
    self.findings = findings
    self.progress = progress
  }

  func run() throws {
    total = try database.read { try $0.first(Self.count) { Int($0.int(0)) } }
    var after: Int64 = .min
    while after < .max {
      var window = try database.read { try nextWindow(after: after, $0) }
      while !(try database.read({ try step(&window, $0) })) {}
      after = window.last
      try progress(StoreProgress("comparing tasks", unit: "tasks", done: tasksDone, total: total))
    }
  }

  /// The tasks with keys in (`after`, `last`], and how far they are folded and compared.
  private struct Window {
    let after: Int64
    let last: Int64
    var fold = Fold()
    /// The last event that was folded, in the order of tasks; nil when all up to `through` are.
    var event: (task: Int64, sequence: Int64)?
    /// The log is folded up to here once there is no `event`.
    var through: Int64
    /// The tables that are compared.
    var tables = 0
    /// The last row that was compared, in the order of tasks.
    var row: (task: Int64, id: Int64)

    init(after: Int64, last: Int64, through: Int64) {
      self.after = after
      self.last = last
      self.through = through
      event = (after, .max)
      row = (after, .max)
    }
  }

  private func nextWindow(after: Int64, _ view: any ReadTransaction) throws -> Window {
    var tasks = 0
    var events = 0
    var last = Int64.min
    let isAll = try view.query(Self.nextTasks, [.int(after)]) { row in
      events += 1
      if row.int(0) != last { tasks += 1 }
      last = row.int(0)
      return tasks < Self.tasksPerWindow && events < Self.eventsPerWindow
    }
    let through = try view.first(Self.lastSequence) { $0.int(0) } ?? 0
    return Window(after: after, last: isAll ? .max : last, through: through)
  }

  /// Folds and compares some more of a window; true when it has been compared.
  private func step(_ window: inout Window, _ view: any ReadTransaction) throws -> Bool {
    if let event = window.event {
      let isDone = try view.query(
        Self.eventsOfTasks,
        [.int(event.task), .int(event.sequence), .int(window.last), .int(window.through)]
      ) { row in
        window.event = (row.int(0), row.int(1))
        apply(row, to: &window.fold)
        return !view.stepIsOver
      }
      guard isDone else { return false }
      window.event = nil
    }
    let isDone = try view.query(
      Self.newEvents, [.int(window.through), .int(window.after), .int(window.last)]
    ) { row in
      window.through = row.int(1)
      if let task = row.optionalInt(0), task > window.after, task <= window.last {
        apply(row, to: &window.fold)
      }
      return !view.stepIsOver
    }
    guard isDone else { return false }
    return try compare(&window, view)
  }

  /// Folds one event, and checks the text that it sets.
  private func apply(_ row: any Row, to fold: inout Fold) {
    switch fold.apply(row, sequence: 1, data: 2) {
    case .failure(let failure):
      findings.add("Event \(row.int(1)) cannot be read: \(failure.reason).")
    case .success(let hash):
      let found = row.isNull(3) ? nil : row.withBytes(3) { TaskText.hash(of: $0) }
      guard found != hash else { return }
      findings.add(
        "Event \(row.int(1)) of task row \(row.int(0)) does not hold the text that it was "
          + "written with.")
    }
  }

  /// Compares some more rows; true when all have been.
  ///
  /// A row that changes after its turn leaves a patch in the fold, and is looked at again.
  private func compare(_ window: inout Window, _ view: any ReadTransaction) throws -> Bool {
    let tables = LoggedTable.all.filter { $0.isTasks || $0.hasTask }
    while window.tables < tables.count {
      guard try compare(tables[window.tables], &window, view) else { return false }
      window.tables += 1
      window.row = (window.after, .max)
    }
    let isDone = try view.query(Self.pointers, [.int(window.row.task), .int(window.last)]) { row in
      window.row.task = row.int(0)
      checkPointers(row)
      return !view.stepIsOver
    }
    guard isDone else { return false }
    findings.suspects.formUnion(window.fold.keys)
    return true
  }

  private func compare(
    _ table: LoggedTable, _ window: inout Window, _ view: any ReadTransaction
  ) throws -> Bool {
    var rows = 0
    let isDone = try view.query(
      table.ofTasks, [.int(window.row.task), .int(window.row.id), .int(window.last)]
    ) { row in
      rows += 1
      window.row = (row.int(table.table.columns.count + 1), row.int(0))
      let key = Fold.RowKey(table: table.index, id: window.row.id)
      if window.fold.take(key).map({ table.isEqual(row, $0) }) != true {
        findings.suspects.insert(key)
      }
      return !view.stepIsOver
    }
    findings.counted(rows: rows, of: table.index)
    if table.isTasks { tasksDone += rows }
    return isDone
  }

  private func checkPointers(_ row: any Row) {
    let id = row.int(0)
    if row.optionalInt(3) != id {
      findings.add(
        "\(name(row)) has the revision \(row.int(2)), but its history has no such event.")
    }
    let bytes = row.int(6)
    guard let content = row.optionalInt(4) else {
      if bytes != 0 { findings.add("\(name(row)) has no text, but a length of \(bytes) bytes.") }
      return
    }
    if row.optionalInt(5) != id {
      findings.add("\(name(row)) has its text in event \(content), which is not of its history.")
    } else if row.optionalInt(7) != bytes {
      let found = row.optionalInt(7).map { "\($0)" } ?? "none"
      findings.add(
        "\(name(row)) has a text of \(bytes) bytes, but event \(content) holds \(found).")
    }
  }

  private func name(_ row: any Row) -> String { "Task \(row.text(1).quoted) (row \(row.int(0)))" }
}
