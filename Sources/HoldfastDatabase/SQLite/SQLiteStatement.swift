internal import CSQLite

/// A prepared statement and the row it stands on.
///
/// Confined to its connection's thread.
final class SQLiteStatement: Row {
  let handle: OpaquePointer
  /// Whether a query is stepping through it; the same SQL inside its own rows needs another one.
  var isStepping = false
  /// Whether it leaves the file as it is.
  let isReadOnly: Bool

  init(preparing sql: String, on connection: OpaquePointer) throws {
    var handle: OpaquePointer?
    var text = sql
    let (code, rest) = text.withUTF8 { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          connection, characters.baseAddress, Int32(characters.count),
          UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &tail)
        let consumed = tail.flatMap { tail in characters.baseAddress.map { tail - $0 } } ?? 0
        return (code, characters.count - consumed)
      }
    }
    guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, on: connection) }
    guard let handle, rest == 0 else {
      sqlite3_finalize(handle)
      throw DatabaseError(.misuse, "a statement must be one SQL statement", detail: sql)
    }
    self.handle = handle
    isReadOnly = sqlite3_stmt_readonly(handle) != 0
  }

  deinit { sqlite3_finalize(handle) }

  func bind(_ values: [SQLValue]) throws {
    for (index, value) in values.enumerated() {
      let position = Int32(index + 1)
      let code =
        switch value {
        case .null: sqlite3_bind_null(handle, position)
        case .int(let number): sqlite3_bind_int64(handle, position, number)
        case .text(var text):
          text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
              // A nil address would bind NULL for an empty text.
              characters.isEmpty
                ? sqlite3_bind_text(handle, position, "", 0, holdfast_sqlite_transient())
                : sqlite3_bind_text64(
                  handle, position, characters.baseAddress, UInt64(characters.count),
                  holdfast_sqlite_transient(), UInt8(SQLITE_UTF8))
            }
          }
        case .bytes(let bytes):
          bytes.withUnsafeBytes { buffer in
            buffer.isEmpty
              ? sqlite3_bind_zeroblob(handle, position, 0)
              : sqlite3_bind_blob64(
                handle, position, buffer.baseAddress, UInt64(buffer.count),
                holdfast_sqlite_transient())
          }
        }
      guard code == SQLITE_OK else {
        throw DatabaseError(sqlite: code, on: sqlite3_db_handle(handle))
      }
    }
  }

  /// Steps once: true while there is a row.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw DatabaseError(sqlite: code, on: sqlite3_db_handle(handle))
    }
  }

  func reset() {
    // The code repeats the last step's error, which has been thrown already.
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    isStepping = false
  }

  // MARK: Row

  var columnCount: Int { Int(sqlite3_column_count(handle)) }

  func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  func int(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  func text(_ column: Int) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(_ column: Int) -> [UInt8] { withBytes(column) { Array($0) } }

  func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    // sqlite3_column_blob gives a text's UTF-8 as well, and NULs inside it survive.
    let start = sqlite3_column_blob(handle, Int32(column))
    let count = Int(sqlite3_column_bytes(handle, Int32(column)))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  func value(_ column: Int) -> SQLValue {
    switch sqlite3_column_type(handle, Int32(column)) {
    case SQLITE_INTEGER: .int(int(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .bytes(bytes(column))
    default: .null
    }
  }
}
