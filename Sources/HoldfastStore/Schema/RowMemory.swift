internal import HoldfastDatabase

/// What the writes of one group have looked up, so that none of them asks again.
///
/// Every row of a logged table is written by an event, which tells this memory; so an answer in it is
/// what the database would answer now. It ends with the group, or with the first undone change.
final class RowMemory {
  /// The answers of all lookups that were used, by their statements.
  private var known: [SQL: any KnownRows] = [:]
  private var knownOfTable: [String: [any KnownRows]] = [:]
  private var lastKeys: [String: Int64] = [:]
  /// Rows of a limited lookup that are read at once; each may be large.
  private static let rowsMax = 32
  /// What else was found, and stays as it is for the rest of the group.
  var facts: Set<Fact> = []

  enum Fact: Hashable {
    /// No answer is kept under the key of a request.
    case isUnused([UInt8])
    /// No task has a claim whose lease ended by that lease time.
    case noClaimEnded(by: Int64)
    /// No task was put off until a time before that one.
    case noneDue(by: Int64)
    /// No signal of the project has a lease that ended by that time.
    case noLeaseEnded(project: Int64, by: Int64)
  }

  /// The memory of a transaction's group.
  static func of(_ transaction: any WriteTransaction) -> RowMemory {
    if let memory = transaction.shared as? RowMemory { return memory }
    let memory = RowMemory()
    transaction.shared = memory
    return memory
  }

  /// The rows of a lookup, all of them or the first.
  func rows<R: Record>(
    _ lookup: Lookup<R>, _ values: [SQLValue], in transaction: any WriteTransaction
  ) throws -> [R] {
    let sql = lookup.sql(transaction.dialect)
    let answers = answers(to: lookup, sql)
    if let answer = answers[values] { return answer.rows }
    let limit = lookup.isLimited ? min(max(transaction.groupSize, 1), Self.rowsMax) : nil
    var rows: [R] = []
    try transaction.ask(sql, values + (limit.map { [.int(Int64($0))] } ?? [])) {
      rows.append(R(row: $0))
    }
    answers[values] = Answers<R>.Found(
      rows, of: lookup, isWhole: limit.map { rows.count < $0 } ?? true)
    return rows
  }

  /// Whether a lookup finds nothing: a shorter answer than its rows.
  func isEmpty<R: Record>(
    _ lookup: Lookup<R>, _ values: [SQLValue], in transaction: any WriteTransaction
  ) throws -> Bool {
    let answers = answers(to: lookup, lookup.sql(transaction.dialect))
    if let answer = answers[values] { return answer.rows.isEmpty }
    var isEmpty = true
    try transaction.ask(lookup.isThere(transaction.dialect), values) { _ in isEmpty = false }
    if isEmpty { answers[values] = Answers<R>.Found([], of: lookup, isWhole: true) }
    return isEmpty
  }

  /// How many rows a lookup finds: a shorter answer than its rows.
  func count<R: Record>(
    _ lookup: Lookup<R>, _ values: [SQLValue], in transaction: any WriteTransaction
  ) throws -> Int {
    let answers = answers(to: lookup, lookup.sql(transaction.dialect))
    if let answer = answers[values] { return answer.rows.count }
    if let count = answers.counts[values] { return count }
    var count = 0
    try transaction.ask(lookup.count(transaction.dialect), values) { count = Int($0.int(0)) }
    answers.counts[values] = count
    return count
  }

  private func answers<R: Record>(to lookup: Lookup<R>, _ sql: SQL) -> Answers<R> {
    if let known = known[sql] as? Answers<R> { return known }
    let made = Answers(lookup)
    known[sql] = made
    knownOfTable[R.table.name, default: []].append(made)
    return made
  }

  /// The key of the next row of a table: the one after the last.
  func nextKey(of table: Table, in transaction: any WriteTransaction) throws -> Int64 {
    try foreseeKey(of: table, in: transaction)
    return lastKeys[table.name, default: 0] + 1
  }

  /// Makes sure that the next key is at hand.
  func foreseeKey(of table: Table, in transaction: any WriteTransaction) throws {
    guard lastKeys[table.name] == nil else { return }
    try transaction.ask(table.lastKey, []) { lastKeys[table.name] = $0.int(0) }
  }

  /// Remembers what was written; nil for a row that was not there before, or is no more.
  func wrote<R: Record>(_ id: Int64, _ old: [SQLValue]?, _ new: (row: R, values: [SQLValue])?) {
    let table = R.table.name
    if let last = lastKeys[table], last < id { lastKeys[table] = id }
    for known in knownOfTable[table] ?? [] {
      guard let answers = known as? Answers<R> else { continue }
      answers.wrote(id, old, new)
    }
  }
}

private protocol KnownRows: AnyObject {}

/// The answers to one lookup, by the values that were bound.
private final class Answers<R: Record>: KnownRows {
  struct Found {
    private(set) var rows: [R]
    /// What the rows of a limited answer are ordered by.
    private var ranks: [[Int64]] = []
    /// Whether there are no more rows in the database.
    let isWhole: Bool

    init(_ rows: [R], of lookup: Lookup<R>, isWhole: Bool) {
      self.rows = rows
      self.isWhole = isWhole
      if lookup.isLimited { ranks = rows.map { lookup.rank($0.id, $0.values) } }
    }

    mutating func remove(_ id: Int64) {
      guard let place = rows.firstIndex(where: { $0.id == id }) else { return }
      rows.remove(at: place)
      if !ranks.isEmpty { ranks.remove(at: place) }
    }

    mutating func insert(_ row: R, _ values: [SQLValue], of lookup: Lookup<R>) {
      guard lookup.isLimited else { return rows.append(row) }
      let rank = lookup.rank(row.id, values)
      let place = ranks.firstIndex { rank.lexicographicallyPrecedes($0) } ?? rows.endIndex
      // One behind the last of them may have others in front that were not read.
      guard place < rows.endIndex || isWhole else { return }
      rows.insert(row, at: place)
      ranks.insert(rank, at: place)
    }
  }

  private let lookup: Lookup<R>
  private var found: [[SQLValue]: Found] = [:]
  /// How many rows there are, where only that was asked for.
  var counts: [[SQLValue]: Int] = [:]

  init(_ lookup: Lookup<R>) { self.lookup = lookup }

  subscript(values: [SQLValue]) -> Found? {
    get { found[values] }
    set { found[values] = newValue }
  }

  func wrote(_ id: Int64, _ old: [SQLValue]?, _ new: (row: R, values: [SQLValue])?) {
    guard !found.isEmpty || !counts.isEmpty else { return }
    if let old, let key = lookup.key(id, old) {
      counts[key]? -= 1
      found[key]?.remove(id)
      // More of them may be in the database.
      if let rest = found[key], rest.rows.isEmpty, !rest.isWhole { found[key] = nil }
    }
    guard let new, let key = lookup.key(id, new.values) else { return }
    counts[key]? += 1
    var row = new.row
    row.id = id
    found[key]?.insert(row, new.values, of: lookup)
  }
}
