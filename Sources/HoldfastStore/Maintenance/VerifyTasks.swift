internal import HoldfastDatabase
internal import HoldfastModel

/// Compares every task, with all rows that belong to it, with the events of that task.
///
/// It goes through the tasks in windows of neighbouring keys. A window is folded and compared in one
/// read; only a task with a very long history takes several, and then what was written meanwhile is
/// folded in the read that compares.
final class VerifyTasks {
  private let database: any Database
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void
  private var tasksDone = 0
  private var total: Int?

  private static let tasksPerWindow = 256
  private static let eventsPerStep: Int64 = 4000
  /// Bytes of texts that one read goes through.
  private static let bytesPerStep = 8 * 1024 * 1024

  private static let nextTasks = SQL(
    """
    SELECT task, count(*) FROM events WHERE task > ?1 GROUP BY task ORDER BY task
    LIMIT \(tasksPerWindow)
    """)
  private static let count: SQL = "SELECT count(*) FROM tasks"
  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  private static let eventsOfTasks: SQL = """
    SELECT task, seq, data, content FROM events
    WHERE (task, seq) > (?1, ?2) AND task <= ?3 AND seq <= ?4 ORDER BY task, seq LIMIT ?5
    """
  private static let newEvents: SQL = """
    SELECT task, seq, data, content FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2
    """
  private static let pointers: SQL = """
    SELECT t.id, t.filename, t.revision, r.task, t.content, c.task, t.content_bytes,
      length(c.content)
    FROM tasks t
    LEFT JOIN events r ON r.seq = t.revision
    LEFT JOIN events c ON c.seq = t.content
    WHERE t.id > ?1 AND t.id <= ?2
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
      var window = Window(after: after)
      while !(try database.read({ try step(&window, $0) })) {}
      after = window.last
      try progress(StoreProgress("comparing tasks", unit: "tasks", done: tasksDone, total: total))
    }
  }

  /// The tasks with keys in (`after`, `last`], and how far their events are folded.
  private struct Window {
    let after: Int64
    var last: Int64 = .max
    var isChosen = false
    var fold = Fold()
    /// The last event that was folded, in the order of tasks; nil when all are.
    var cursor: (task: Int64, sequence: Int64)?
    /// The log is folded up to here once the cursor is nil.
    var through: Int64 = 0

    init(after: Int64) {
      self.after = after
      cursor = (after, .max)
    }
  }

  /// Folds some more of a window's events; true when the window has been compared.
  private func step(_ window: inout Window, _ view: any ReadTransaction) throws -> Bool {
    if !window.isChosen { try choose(&window, view) }
    if let cursor = window.cursor {
      let isDone = try fold(
        Self.eventsOfTasks,
        [
          .int(cursor.task), .int(cursor.sequence), .int(window.last), .int(window.through),
          .int(Self.eventsPerStep),
        ], into: &window, view
      ) { $0.cursor = ($1, $2) }
      if !isDone { return false }
      window.cursor = nil
    }
    let isDone = try fold(
      Self.newEvents, [.int(window.through), .int(Self.eventsPerStep)], into: &window, view
    ) { $0.through = $2 }
    if !isDone { return false }
    try compare(&window, view)
    return true
  }

  /// Folds the events of a statement; false when there are more.
  ///
  /// - Parameter went: Notes the task and the number of an event in the window.
  private func fold(
    _ sql: SQL, _ values: [SQLValue], into window: inout Window, _ view: any ReadTransaction,
    _ went: (inout Window, Int64, Int64) -> Void
  ) throws -> Bool {
    var read: Int64 = 0
    var bytes = 0
    var isCutShort = false
    try view.query(sql, values) { row in
      isCutShort = isCutShort || bytes >= Self.bytesPerStep
      if isCutShort { return }
      read += 1
      let task = row.optionalInt(0) ?? window.after
      went(&window, task, row.int(1))
      guard task > window.after, task <= window.last else { return }
      bytes += apply(row, to: &window.fold)
    }
    return !isCutShort && read < Self.eventsPerStep
  }

  private func choose(_ window: inout Window, _ view: any ReadTransaction) throws {
    var tasks = 0
    var events: Int64 = 0
    var last = Int64.max
    try view.query(Self.nextTasks, [.int(window.after)]) { row in
      guard last == .max else { return }
      tasks += 1
      events += row.int(1)
      if tasks == Self.tasksPerWindow || events >= Self.eventsPerStep { last = row.int(0) }
    }
    window.last = last
    window.through = try view.first(Self.lastSequence) { $0.int(0) } ?? 0
    window.isChosen = true
  }

  /// Folds one event, and checks the text that it sets; gives the length of that.
  private func apply(_ row: any Row, to fold: inout Fold) -> Int {
    switch fold.apply(row, 2) {
    case .failure(let failure):
      findings.add("Event \(row.int(1)) cannot be read: \(failure.reason).")
      return 0
    case .success(let hash):
      let (found, count) =
        row.isNull(3) ? (nil, 0) : row.withBytes(3) { (TaskText.hash(of: $0), $0.count) }
      if found != hash {
        findings.add(
          "Event \(row.int(1)) of task row \(row.int(0)) does not hold the text that it was "
            + "written with.")
      }
      return count
    }
  }

  private func compare(_ window: inout Window, _ view: any ReadTransaction) throws {
    let range: [SQLValue] = [.int(window.after), .int(window.last)]
    for table in LoggedTable.all where table.isTasks || table.hasTask {
      var rows = 0
      try view.query(table.ofTasks, range) { row in
        rows += 1
        let key = Fold.RowKey(table: table.index, id: row.int(0))
        if let folded = window.fold.take(key), table.isEqual(row, folded) { return }
        findings.suspects.insert(key)
      }
      findings.counted(rows: rows, of: table.index)
      if table.isTasks { tasksDone += rows }
    }
    findings.suspects.formUnion(window.fold.rows.keys)
    try view.query(Self.pointers, range) { row in checkPointers(row) }
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
