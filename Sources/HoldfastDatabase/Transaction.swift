/// One row of an answer, valid only inside the closure that receives it.
///
/// Columns count from 0 in the order of the statement.
public protocol Row: AnyObject {
  func isNull(_ column: Int) -> Bool
  func int(_ column: Int) -> Int64
  func text(_ column: Int) -> String
  func bytes(_ column: Int) -> [UInt8]
  /// Gives the column's bytes without copying them; empty for `NULL`.
  func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
  /// The column as it is stored.
  func value(_ column: Int) -> SQLValue
  /// How many columns the row has.
  var columnCount: Int { get }
}

extension Row {
  /// The column's number, or nil for `NULL`.
  public func optionalInt(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }
  /// The column's text, or nil for `NULL`.
  public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
}

/// A view of the database at one moment.
///
/// It lives inside the closure of ``Database/read(_:)`` or of a write; do not keep it.
public protocol ReadTransaction: AnyObject {
  /// What differs in SQL here from other engines.
  var dialect: Dialect { get }

  /// Calls `body` for each row of the answer.
  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws

  /// What ``query(_:_:while:)`` does; a server must not send rows that nobody looks at.
  func readRows(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool

  /// The time of this transaction in nanoseconds since 1970 UTC; in a write it never falls from one
  /// to the next.
  var now: Int64 { get }

  /// The store's lease time in nanoseconds: it runs only while the store is in use, and no clock of
  /// a machine can make it jump.
  var leaseTime: Int64 { get throws }

  /// Whether a step of long work should end here: the read has lasted for a part of what it may. Never
  /// in a write.
  var stepIsOver: Bool { get }
}

extension ReadTransaction {
  /// The first row of the answer, decoded, or nil when there is none.
  ///
  /// The statement itself bounds how much is read (`LIMIT 1`, or a key).
  public func first<T>(_ sql: SQL, _ values: [SQLValue] = [], _ decode: (any Row) throws -> T)
    throws -> T?
  {
    var result: T?
    try query(sql, values) { row in if result == nil { result = try decode(row) } }
    return result
  }

  /// All rows of the answer, decoded.
  public func all<T>(_ sql: SQL, _ values: [SQLValue] = [], _ decode: (any Row) throws -> T) throws
    -> [T]
  {
    var result: [T] = []
    try query(sql, values) { row in result.append(try decode(row)) }
    return result
  }

  /// Calls `body` for one row of the answer after the other, for as long as it says to go on.
  ///
  /// For answers that may be long: they are never held as a whole.
  ///
  /// - Returns: Whether it went on to the end.
  public func query(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool {
    try readRows(sql, values, while: body)
  }

  public func readRows(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool {
    do {
      try query(sql, values) { row in guard try body(row) else { throw Enough() } }
      return true
    } catch is Enough {
      return false
    }
  }

  /// Whether the statement finds a row.
  public func exists(_ sql: SQL, _ values: [SQLValue] = []) throws -> Bool {
    try first(sql, values) { _ in true } ?? false
  }
}

/// The end of a query that has given enough rows.
private struct Enough: Error {}

/// A transaction that changes the database, one at a time over the whole store.
///
/// The closure that gets it may run more than once before it counts, so it has no effect besides SQL.
public protocol WriteTransaction: ReadTransaction {
  /// Runs a statement that changes rows; on a server its error may show with a later statement.
  func execute(_ sql: SQL, _ values: [SQLValue]) throws

  /// The next number of the log. Numbers rise in the order of commits and are never used twice.
  func nextSequence() -> Int64

  /// Wakes the writes that wait for `key`, once this transaction is on disk.
  func touch(_ key: String)

  /// What the writes of one group keep for each other. It is nil at the start of a group, and again
  /// whenever something of the group was undone.
  var shared: AnyObject? { get set }

  /// How many writes the group has, at most.
  var groupSize: Int { get }

  /// As ``ReadTransaction/query(_:_:_:)``, for an answer that goes into ``shared``.
  ///
  /// Where the database is far away, closures are run ahead of their turn as far as such questions
  /// lead, without effect, and the questions of a whole group are asked at once.
  func ask(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws
}
