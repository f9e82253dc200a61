internal import CSQLite
public import HoldfastDatabase

/// A plain SQLite connection, as another program would open it: to make other systems' files, and to
/// damage stores behind the engine's back.
public final class ForeignSQLite {
  private let handle: OpaquePointer

  public init(path: String) throws {
    var handle: OpaquePointer?
    guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else {
      throw DatabaseError(.cannotOpen, "The test cannot open \(path).")
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { close() }

  private var isClosed = false

  public func close() {
    if !isClosed { sqlite3_close_v2(handle) }
    isClosed = true
  }

  /// Runs statements one after the other.
  public func run(_ sql: String) throws {
    var message: UnsafeMutablePointer<CChar>?
    defer { sqlite3_free(message) }
    guard sqlite3_exec(handle, sql, nil, nil, &message) == SQLITE_OK else {
      throw DatabaseError(.misuse, message.map { String(cString: $0) } ?? "SQL failed")
    }
  }

  /// Runs one statement with values.
  public func run(_ sql: String, _ values: [SQLValue]) throws {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw DatabaseError(.misuse, String(cString: sqlite3_errmsg(handle)))
    }
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      switch value {
      case .null: sqlite3_bind_null(statement, place)
      case .int(let number): sqlite3_bind_int64(statement, place, number)
      case .text(let text):
        sqlite3_bind_text(
          statement, place, text, Int32(text.utf8.count), holdfast_sqlite_transient())
      case .bytes(let bytes):
        sqlite3_bind_blob(statement, place, bytes, Int32(bytes.count), holdfast_sqlite_transient())
      }
    }
    guard sqlite3_step(statement) == SQLITE_DONE else {
      throw DatabaseError(.misuse, String(cString: sqlite3_errmsg(handle)))
    }
  }

  /// The first column of the first row as text.
  public func text(_ sql: String) throws -> String? {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw DatabaseError(.misuse, String(cString: sqlite3_errmsg(handle)))
    }
    guard sqlite3_step(statement) == SQLITE_ROW else { return nil }
    return sqlite3_column_text(statement, 0).map { String(cString: $0) }
  }
}
