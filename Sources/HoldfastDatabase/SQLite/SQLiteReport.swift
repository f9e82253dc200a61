internal import CSQLite

extension SQLiteDatabase {
  public func report(_ request: ReportRequest) throws -> ReportRows {
    let text = try request.read(.sqlite).text
    // A connection of its own, beside the gate: the log grows meanwhile, and starts over afterwards.
    let reader = try Reader(configuration: reportConfiguration)
    return try reader.snapshot(limit: ReportRequest.workMax) { _ in
      let prefix = request.prefix
      return try reader.report(
        request, prefix.isEmpty ? text : "\(prefix)SELECT * FROM (\n\(text)\n)")
    }
  }
}

extension Reader {
  private static let hidden: SQL = """
    SELECT lower(name) FROM sqlite_schema WHERE type IN ('table', 'view')
    """
  /// The longest value that a report may make or read, in bytes: the time is not looked at inside of a
  /// function.
  private static let valueBytesMax: Int32 = 1024 * 1024
  /// As many as the widest table has, and some.
  private static let columnsMax: Int32 = 128

  fileprivate func report(_ request: ReportRequest, _ text: String) throws -> ReportRows {
    var hidden = Set(try all(Self.hidden, []) { $0.text(0) })
    hidden.subtract(request.visible)
    let guarding = ReportGuard(hidden: hidden)
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.valueBytesMax)
    sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, Self.columnsMax)
    return try withExtendedLifetime(guarding) {
      // https://www.sqlite.org/c3ref/set_authorizer.html: asked while a statement is compiled.
      sqlite3_set_authorizer(
        handle, reportMayDo, Unmanaged.passUnretained(guarding).toOpaque())
      defer { sqlite3_set_authorizer(handle, nil, nil) }
      do {
        return try rows(of: request, SQLiteStatement(preparing: text, on: handle))
      } catch let error as DatabaseError where error.kind != .tooLong {
        if let name = guarding.refused { throw ReportRefusal("there is no \(name) for reports") }
        throw ReportRefusal(String(cString: sqlite3_errmsg(handle)))
      }
    }
  }

  private func rows(of request: ReportRequest, _ statement: SQLiteStatement) throws -> ReportRows {
    guard statement.isReadOnly else { throw ReportRefusal("a report only reads") }
    try statement.bind(request.values)
    var rows = ReportRows()
    rows.columns = (0..<sqlite3_column_count(statement.handle)).map { column in
      sqlite3_column_name(statement.handle, column).map { String(cString: $0) } ?? ""
    }
    while try statement.step() {
      let row = (0..<Int32(rows.columns.count)).map { statement.reportValue($0) }
      guard rows.take(row, of: request) else { break }
    }
    return rows
  }
}

extension SQLiteStatement {
  fileprivate func reportValue(_ column: Int32) -> ReportValue {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_NULL: .null
    case SQLITE_INTEGER: .int(int(Int(column)))
    case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
    case SQLITE_TEXT: .text(text(Int(column)))
    default: .bytes(bytes(Int(column)))
    }
  }
}

/// Says what a report may do; used by the one thread that compiles its statement.
private final class ReportGuard {
  private let hidden: Set<String>
  /// What it wanted and may not have.
  var refused: String?

  init(hidden: Set<String>) { self.hidden = hidden }

  func allows(_ action: Int32, _ first: String, _ second: String) -> Bool {
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return true
    case SQLITE_FUNCTION:
      guard second.lowercased() == "load_extension" else { return true }
      refused = second
    case SQLITE_READ:
      let name = first.lowercased()
      // Tables that SQLite brings itself tell of the file and of its settings.
      guard
        hidden.contains(name)
          || ["sqlite_", "pragma_", "dbstat", "fts"].contains(where: name.hasPrefix)
      else { return true }
      refused = first
    default: refused = "such statement"
    }
    return false
  }
}

/// SQLite calls this for each thing that a statement would do.
private func reportMayDo(
  _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?,
  _ second: UnsafePointer<CChar>?, _ database: UnsafePointer<CChar>?,
  _ trigger: UnsafePointer<CChar>?
) -> Int32 {
  guard let context else { return SQLITE_DENY }
  let guarding = Unmanaged<ReportGuard>.fromOpaque(context).takeUnretainedValue()
  let words = [first, second].map { $0.map { String(cString: $0) } ?? "" }
  return guarding.allows(action, words[0], words[1]) ? SQLITE_OK : SQLITE_DENY
}
