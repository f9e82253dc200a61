internal import HoldfastDatabase
internal import HoldfastModel

/// A walk over a project's tasks by filename, one short read after the other.
struct TaskWalk {
  let filter: TaskFilter
  /// The tasks to visit; nil for all of the project.
  let keys: [TaskFilter.Key]?
  /// Tasks to give; 0 for all.
  let limit: Int64
  let isSlim: Bool

  private(set) var hasEnded = false
  private var cursor: String
  private var hasMore = false
  private var given: Int64 = 0
  private var visitedKeys = 0
  private var examined = Amount()

  /// What a read, or a whole search, has gone through.
  private struct Amount {
    var tasks = 0
    var bytes = 0

    func reaches(_ other: Amount) -> Bool { tasks >= other.tasks || bytes >= other.bytes }
  }

  /// What one read goes through, so that it holds the gate for a few milliseconds.
  private static let readMax = Amount(tasks: 500, bytes: 4 * 1024 * 1024)
  /// What one search goes through, as it has no index.
  private static let searchMax = Amount(tasks: 20_000, bytes: 64 * 1024 * 1024)

  init(filter: TaskFilter, keys: [TaskFilter.Key]?, limit: Int64, isSlim: Bool) {
    self.filter = filter
    self.keys = keys
    self.limit = limit
    self.isSlim = isSlim
    cursor = filter.after
  }

  /// Where the next page starts; nil when there is none.
  var nextCursor: String? { hasMore ? cursor : nil }

  private static let columns = TaskEntry.table.columnList
  private static let textColumn = TaskEntry.table.columns.count + 1

  private static let slimByName = SQL(
    """
    SELECT \(columns), NULL FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename > ?2 AND tasks.deleted_at IS NULL
    ORDER BY tasks.filename LIMIT ?3
    """)
  private static let fullByName = SQL(
    """
    SELECT \(columns), events.content FROM tasks LEFT JOIN events ON events.seq = tasks.content
    WHERE tasks.project = ?1 AND tasks.filename > ?2 AND tasks.deleted_at IS NULL
    ORDER BY tasks.filename LIMIT ?3
    """)
  private static let slimByKey = SQL(
    """
    SELECT \(columns), NULL FROM tasks WHERE tasks.id = ?1 AND tasks.deleted_at IS NULL
    """)
  private static let fullByKey = SQL(
    """
    SELECT \(columns), events.content FROM tasks LEFT JOIN events ON events.seq = tasks.content
    WHERE tasks.id = ?1 AND tasks.deleted_at IS NULL
    """)

  /// Reads on for a step.
  mutating func step(in view: StoreView, _ each: (TaskAnswer) throws -> Void) throws {
    if let keys {
      try step(over: keys, in: view, each)
    } else {
      try stepByName(in: view, each)
    }
  }

  /// Slim answers need no text, but a search does.
  private var readsText: Bool { !isSlim || filter.search != nil }

  private mutating func stepByName(
    in view: StoreView, _ each: (TaskAnswer) throws -> Void
  ) throws {
    // One more than the page, to know whether there is another.
    let wanted = limit == 0 ? Self.readMax.tasks : min(Self.readMax.tasks, Int(limit - given) + 1)
    let values: [SQLValue] = [.int(filter.project), .text(cursor), .int(Int64(wanted))]
    var amount = Amount()
    let sql = readsText ? Self.fullByName : Self.slimByName
    let isWhole = try view.reading.query(sql, values) { row in
      if hasEnded || amount.reaches(Self.readMax) { return false }
      try take(row, &amount, view, each)
      return true
    }
    if amount.tasks < wanted && isWhole { hasEnded = true }
  }

  private mutating func step(
    over keys: [TaskFilter.Key], in view: StoreView, _ each: (TaskAnswer) throws -> Void
  ) throws {
    let sql = readsText ? Self.fullByKey : Self.slimByKey
    var amount = Amount()
    while visitedKeys < keys.count, !hasEnded, !amount.reaches(Self.readMax) {
      let id = keys[visitedKeys].id
      visitedKeys += 1
      try view.reading.query(sql, [.int(id)]) { try take($0, &amount, view, each) }
    }
    if visitedKeys == keys.count { hasEnded = true }
  }

  /// Looks at one task, and gives it when it is wanted.
  private mutating func take(
    _ row: any Row, _ amount: inout Amount, _ view: StoreView,
    _ each: (TaskAnswer) throws -> Void
  ) throws {
    let isAtLimit = limit > 0 && given == limit
    if isAtLimit || (filter.search != nil && examined.reaches(Self.searchMax)) {
      hasMore = true
      hasEnded = true
      return
    }
    let task = TaskEntry(row: row)
    cursor = task.filename.text
    let bytes = readsText ? Int(task.contentBytes) : 0
    amount.tasks += 1
    amount.bytes += bytes
    examined.tasks += 1
    examined.bytes += bytes
    let isWanted = filter.accepts(task) { matches in
      row.withBytes(Self.textColumn) { matches($0) }
    }
    guard isWanted else { return }
    given += 1
    try each(try view.answer(task, content: isSlim ? nil : row.bytes(Self.textColumn)))
  }
}
