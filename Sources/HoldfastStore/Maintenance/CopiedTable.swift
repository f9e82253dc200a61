internal import HoldfastDatabase

/// A table with the statements that carry its rows from one database to another, as they are.
struct CopiedTable: Sendable {
  let name: String
  /// Gives the keys above ?1 in order, and about how many bytes each row has.
  private let sizes: SQL
  /// The rows with keys in (?1, ?2], in order.
  private let rows: SQL
  private let insert: SQL
  private let count: SQL

  /// All tables of a store; none refers to a later one.
  static let names =
    ["store"] + Tables.logged.map(\.name) + ["events", "idempotency"]
    + Tables.apart.map(\.name) + ["lock_cut"]
  /// Those whose keys the database gives out.
  static let numbered = Tables.logged.map(\.name) + ["idempotency"]

  private static let rowsPerStep = 2000
  private static let bytesPerStep: Int64 = 4 * 1024 * 1024

  /// - Parameters:
  ///   - name: The table, with its key as the first column.
  ///   - source: Knows its columns.
  init(_ name: String, in source: any ReadTransaction) throws {
    let columns = try source.all(source.dialect.columns, [.text(name)]) {
      (name: $0.text(0), isLong: $0.int(1) != 0)
    }
    guard let key = columns.first?.name else {
      throw DatabaseError(.corrupt, "the store has no table \(name)")
    }
    let list = columns.map(\.name).joined(separator: ", ")
    let long = columns.filter(\.isLong).map { "coalesce(length(\($0.name)), 0)" }
    let places = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
    self.name = name
    sizes = SQL(
      """
      SELECT \(key), \((["0"] + long).joined(separator: " + ")) FROM \(name)
      WHERE \(key) > ?1 ORDER BY \(key) LIMIT \(Self.rowsPerStep)
      """)
    rows = SQL("SELECT \(list) FROM \(name) WHERE \(key) > ?1 AND \(key) <= ?2 ORDER BY \(key)")
    insert = SQL("INSERT INTO \(name)(\(list)) VALUES (\(places))")
    count = SQL("SELECT count(*) FROM \(name)")
  }

  /// How many rows there are.
  func count(in database: any Database) throws -> Int {
    Int(try database.read { try $0.first(count) { $0.int(0) } } ?? 0)
  }

  /// Copies all rows in steps, and looks at each step in the target once it is there.
  ///
  /// - Parameter progress: Called with the rows that are there.
  /// - Returns: How many there are.
  func copy(
    from source: any Database, to target: any Database, progress: (Int) throws -> Void
  ) throws -> Int {
    var done = 0
    var after = Int64.min
    while let through = try end(ofStepAfter: after, source) {
      let step = try read(source, after, through)
      if try target.read({ $0.dialect }) == .postgresql { try refuseZeros(step) }
      try target.write { [insert] transaction in
        for row in step { try transaction.execute(insert, row) }
      }
      guard try read(target, after, through) == step else {
        throw DatabaseError(
          .corrupt,
          "the target keeps rows of \(name) otherwise than the source: it is left unfinished")
      }
      after = through
      done += step.count
      try progress(done)
    }
    return done
  }

  /// The last key of a step of bounded size; nil behind the last row.
  private func end(ofStepAfter after: Int64, _ source: any Database) throws -> Int64? {
    var through: Int64?
    var bytes: Int64 = 0
    _ = try source.read { view in
      try view.query(sizes, [.int(after)]) { row in
        guard bytes < Self.bytesPerStep else { return false }
        through = row.int(0)
        bytes += row.int(1)
        return true
      }
    }
    return through
  }

  private func read(
    _ database: any Database, _ after: Int64, _ through: Int64
  ) throws -> [[SQLValue]] {
    try database.read { view in
      try view.all(rows, [.int(after), .int(through)]) { row in
        (0..<row.columnCount).map { row.value($0) }
      }
    }
  }

  /// PostgreSQL keeps any byte but this one in a text (https://www.postgresql.org/docs/15/datatype-character.html).
  private func refuseZeros(_ rows: [[SQLValue]]) throws {
    for row in rows {
      for case .text(let text) in row where text.utf8.contains(0) {
        guard case .int(let key)? = row.first else { continue }
        throw DatabaseError(
          .constraint,
          "row \(key) of \(name) has a zero byte in a text, which PostgreSQL cannot keep: take it "
            + "out, then migrate again")
      }
    }
  }
}
