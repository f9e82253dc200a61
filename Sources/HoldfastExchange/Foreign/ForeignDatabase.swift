internal import CSQLite
internal import HoldfastDatabase
internal import HoldfastModel

/// Another program's SQLite file, read and never changed.
final class ForeignDatabase {
  private let handle: OpaquePointer
  /// Removed with the copy that was read, when there is one.
  private let copy: CopiedFiles?

  /// Opens a file that may be in use by its owner, or damaged, or no database at all.
  ///
  /// - Parameter isChecked: Whether all of it is checked first, which reads it whole.
  /// - Throws: ``HoldfastError`` with a sentence when it cannot be read whole.
  init(path: String, isChecked: Bool = true) throws {
    let (opened, copy) = try Self.open(path)
    handle = opened
    self.copy = copy
    // The schema is a stranger's: none of its functions runs, and writes are refused.
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    sqlite3_busy_timeout(handle, 5000)
    try run("PRAGMA query_only=ON")
    guard isChecked else { return }
    var verdict = ""
    try rows("PRAGMA quick_check(1)") { verdict = $0.first?.text ?? "" }
    guard verdict == "ok" else {
      throw HoldfastError(.invalidRequest, "the database \(path) is damaged: \(verdict)")
    }
  }

  deinit { sqlite3_close_v2(handle) }

  /// The names of its own tables; views and virtual tables are not looked at.
  func tables() throws -> [String] {
    var names: [String] = []
    let sql = """
      SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
      AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name
      """
    try rows(sql) { if let name = $0.first?.text { names.append(name) } }
    return names
  }

  /// The names of a table's columns.
  func columns(of table: String) throws -> [String] {
    var names: [String] = []
    try rows("PRAGMA table_info(\(Self.quoted(table)))") { row in
      if row.count > 1, let name = row[1].text { names.append(name) }
    }
    return names
  }

  /// How many rows a table has.
  func count(of table: String) throws -> Int64 {
    var count: Int64 = 0
    try rows("SELECT count(*) FROM \(Self.quoted(table))") { row in
      if case .int(let number)? = row.first { count = number }
    }
    return count
  }

  /// All rows of a table with these columns, in the table's own order.
  func rows(of table: String, _ columns: [String], _ each: ([ForeignValue]) throws -> Void) throws {
    let list = columns.map(Self.quoted).joined(separator: ", ")
    try rows("SELECT \(list) FROM \(Self.quoted(table))", each)
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  private func run(_ sql: String) throws { try rows(sql) { _ in } }

  private func rows(_ sql: String, _ each: ([ForeignValue]) throws -> Void) throws {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure() }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try each((0..<sqlite3_column_count(statement)).map { value(statement, $0) })
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  private func value(_ statement: OpaquePointer?, _ column: Int32) -> ForeignValue {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .int(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
    case SQLITE_NULL: return .null
    default:
      // For a text too: its bytes, whether they are UTF-8 or not.
      let start = sqlite3_column_blob(statement, column)
      let count = Int(sqlite3_column_bytes(statement, column))
      return .bytes(start == nil ? [] : Array(UnsafeRawBufferPointer(start: start, count: count)))
    }
  }

  private func failure() -> HoldfastError {
    HoldfastError(
      .invalidRequest, "the database cannot be read: \(String(cString: sqlite3_errmsg(handle)))")
  }

  private static func open(_ path: String) throws -> (OpaquePointer, CopiedFiles?) {
    let plan = try ForeignFile(path: path).plan()
    let copy: CopiedFiles?
    let target: String
    let isImmutable: Bool
    switch plan {
    case .lockedReading: (copy, target, isImmutable) = (nil, path, false)
    case .restingFile: (copy, target, isImmutable) = (nil, path, true)
    case .copying(let suffix):
      let files = try CopiedFiles(of: path, suffix: suffix)
      (copy, target, isImmutable) = (files, files.path, false)
    }
    var handle: OpaquePointer?
    // Only our own copy may be recovered from its log, which writes.
    let access = copy == nil ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    let code = sqlite3_open_v2(
      SQLiteURI.text(path: target, isImmutable: isImmutable), &handle,
      access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw HoldfastError(
        .invalidRequest,
        "the database \(path) cannot be opened: \(String(cString: sqlite3_errstr(code)))")
    }
    return (handle, copy)
  }
}

/// A value as SQLite gave it; its type need not be the column's.
enum ForeignValue {
  case null
  case int(Int64)
  case real(Double)
  /// A text or a blob.
  case bytes([UInt8])

  /// The text, when the value is one.
  var text: String? {
    guard case .bytes(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
