internal import HoldfastDatabase
internal import HoldfastModel

/// A walk over a project's tasks by filename, one short read after the other.
struct TaskWalk {
  let filter: TaskFilter
  /// The tasks to visit; nil for all of the project.
  let keys: [TaskFilter.Key]?
  /// Tasks to give; 0 for all.
  let limit: Int64
  /// Tasks still to leave out.
  private var offset: Int64
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

    mutating func add(bytes: Int64) {
      tasks += 1
      self.bytes += Int(bytes)
    }
  }

  /// What one read goes through, so that it holds the gate for a few milliseconds.
  private static let readMax = Amount(tasks: 500, bytes: 4 * 1024 * 1024)
  /// What one call goes through for a condition that has no index.
  private static let searchMax = Amount(tasks: 20_000, bytes: 64 * 1024 * 1024)

  init(
    filter: TaskFilter, keys: [TaskFilter.Key]?, limit: Int64, offset: Int64 = 0, isSlim: Bool
  ) {
    self.filter = filter
    self.keys = keys
    self.limit = limit
    self.offset = offset
    self.isSlim = isSlim
    cursor = filter.after
  }

  /// Where the next page starts; nil when there is none.
  var nextCursor: String? {
    hasMore ? TaskCursor(filename: cursor, offset: offset).text : nil
  }

  private static let byName = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.project = ?1 AND tasks.filename > ?2 AND tasks.deleted_at IS NULL
    ORDER BY tasks.filename LIMIT ?3
    """)

  /// Reads on for a step.
  mutating func step(in view: StoreView, _ each: (TaskAnswer) throws -> Void) throws {
    let (tasks, isLast) = try keys.map { try next(of: $0, view) } ?? nextByName(view)
    try give(tasks, view, each)
    if isLast { hasEnded = true }
  }

  /// Slim answers need no text, but a search does.
  private var readsText: Bool { !isSlim || filter.search != nil }

  private func bytes(_ length: Int64) -> Int64 { readsText ? length : 0 }

  /// Rows of the next read: one more than the page, to know whether there is another, and more the
  /// fewer of them have been wanted so far.
  private var rows: Int {
    guard limit > 0 else { return Self.readMax.tasks }
    guard offset < Self.readMax.tasks else { return Self.readMax.tasks }
    return min(
      Self.readMax.tasks, Int(limit - given + offset) + 1 + examined.tasks - Int(given))
  }

  private func nextByName(_ view: StoreView) throws -> (tasks: [TaskEntry], isLast: Bool) {
    let rows = rows
    var amount = Amount()
    var tasks: [TaskEntry] = []
    let isWhole = try view.reading.query(
      Self.byName, [.int(filter.project), .text(cursor), .int(Int64(rows))]
    ) { row in
      let task = TaskEntry(row: row)
      amount.add(bytes: bytes(task.contentBytes))
      tasks.append(task)
      return !amount.reaches(Self.readMax)
    }
    return (tasks, isWhole && tasks.count < rows)
  }

  private mutating func next(
    of keys: [TaskFilter.Key], _ view: StoreView
  ) throws -> (tasks: [TaskEntry], isLast: Bool) {
    let rows = rows
    var amount = Amount()
    var ids: [Int64] = []
    while visitedKeys < keys.count, amount.tasks < rows, !amount.reaches(Self.readMax) {
      amount.add(bytes: bytes(keys[visitedKeys].contentBytes))
      ids.append(keys[visitedKeys].id)
      visitedKeys += 1
    }
    let tasks = try view.tasks(inRows: ids)
    return (ids.compactMap { tasks[$0] }.filter { $0.deletedAt == nil }, visitedKeys == keys.count)
  }

  /// Gives those of the tasks that are wanted.
  private mutating func give(
    _ tasks: [TaskEntry], _ view: StoreView, _ each: (TaskAnswer) throws -> Void
  ) throws {
    let wanted = tasks.map { filter.accepts($0, at: view.reading.now) }
    let texts =
      readsText ? try view.texts(of: zip(tasks, wanted).filter(\.1).map(\.0)) : [:]
    var found: [(TaskEntry, [UInt8]?)] = []
    for (task, isWanted) in zip(tasks, wanted) where !hasEnded {
      let text = task.content.flatMap { texts[$0] } ?? []
      let isFound = isWanted && (filter.search.map { $0.matches(task, text) } ?? true)
      let isAtLimit = limit > 0 && given == limit
      if isFound && isAtLimit || filter.isBounded && examined.reaches(Self.searchMax) {
        hasMore = true
        hasEnded = true
        break
      }
      cursor = task.filename.text
      examined.add(bytes: isWanted ? bytes(task.contentBytes) : 0)
      guard isFound else { continue }
      guard offset == 0 else {
        offset -= 1
        continue
      }
      given += 1
      found.append((task, isSlim ? nil : text))
    }
    for answer in try view.answers(found) { try each(answer) }
  }
}

/// Where a page of a list by filename starts.
struct TaskCursor {
  /// The filename behind which it starts.
  let filename: String
  /// How many of the tasks behind it are left out: a page may end before it has left out all.
  var offset: Int64 = 0

  init(filename: String, offset: Int64 = 0) {
    self.filename = filename
    self.offset = offset
  }

  /// A filename begins with no space, so one that does is a number and a filename.
  init(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, let offset = Int64(parts[1]), offset > 0 else {
      self.init(filename: text)
      return
    }
    self.init(filename: String(parts[2]), offset: offset)
  }

  var text: String { offset == 0 ? filename : " \(offset) \(filename)" }
}

extension TextSearch {
  /// Whether the filename, the title, the description or the text of a task has it.
  fileprivate func matches(_ task: TaskEntry, _ text: [UInt8]) -> Bool {
    matches(task.filename.text) || matches(task.graph.title) || matches(task.description)
      || text.withUnsafeBytes(matches)
  }
}

// Several rows at once: a list asks as many questions for a step as for a task.
extension StoreView {
  private static let tasksInRows = DialectSQL { dialect in
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks WHERE tasks.id IN (\(rows(dialect)))
    """
  }
  private static let textsOfEvents = DialectSQL { dialect in
    "SELECT seq, content FROM events WHERE seq IN (\(rows(dialect)))"
  }
  private static let idsGiven = DialectSQL { dialect in
    "SELECT id, given_id FROM tasks WHERE id IN (\(rows(dialect)))"
  }

  /// The numbers of a list that is bound as ``list(_:)``.
  static func rows(_ dialect: Dialect) -> String {
    "SELECT CAST(listed.value AS BIGINT) FROM \(dialect.texts(of: "?1", as: "listed"))"
  }

  /// A list of row numbers as it is bound.
  static func list(_ rows: some Sequence<Int64>) -> SQLValue {
    .text("[" + rows.map { "\($0)" }.joined(separator: ",") + "]")
  }

  /// The tasks in those rows, which may be deleted.
  func tasks(inRows ids: [Int64]) throws -> [Int64: TaskEntry] {
    guard !ids.isEmpty else { return [:] }
    return Dictionary(
      try reading.all(Self.tasksInRows[reading.dialect], [Self.list(ids)]) {
        let task = TaskEntry(row: $0)
        return (task.id, task)
      }, uniquingKeysWith: { $1 })
  }

  /// The texts of tasks, by the numbers of their events.
  fileprivate func texts(of tasks: [TaskEntry]) throws -> [Int64: [UInt8]] {
    let events = tasks.compactMap(\.content)
    guard !events.isEmpty else { return [:] }
    return Dictionary(
      try reading.all(Self.textsOfEvents[reading.dialect], [Self.list(events)]) {
        ($0.int(0), $0.bytes(1))
      }, uniquingKeysWith: { $1 })
  }

  /// The ids of the tasks in those rows.
  func ids(ofRows rows: Set<Int64>) throws -> [Int64: TaskID] {
    guard !rows.isEmpty else { return [:] }
    return Dictionary(
      try reading.all(Self.idsGiven[reading.dialect], [Self.list(rows)]) { row in
        (
          row.int(0),
          row.optionalText(1).map(TaskID.init(stored:)) ?? facts.ids.id(row: row.int(0))
        )
      }, uniquingKeysWith: { $1 })
  }

  /// The tasks as answers, each with its text; nil leaves it out.
  func answers(_ tasks: [(task: TaskEntry, content: [UInt8]?)]) throws -> [TaskAnswer] {
    let parents = try ids(ofRows: Set(tasks.compactMap(\.task.graph.parent)))
    let blockers = try openBlockers(of: tasks.map(\.task).filter { $0.graph.openBlockers > 0 })
    return tasks.map { task, content in
      var answer = TaskAnswer(entry: task, id: id(of: task), content: content)
      answer.parent = task.graph.parent.flatMap { parents[$0] }
      answer.blockedBy = (blockers[task.id] ?? []).map(id(of:))
      return answer
    }
  }
}
