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
  /// The longest value that a report may make or read, in bytes, and the longest pattern: the time is not
  /// looked at inside of a function, and `replace` takes the square of a length.
  private static let valueBytesMax: Int32 = 512 * 1024
  private static let patternBytesMax: Int32 = 1000
  /// As many as the widest table has, and some.
  private static let columnsMax: Int32 = 128

  fileprivate func report(_ request: ReportRequest, _ text: String) throws -> ReportRows {
    var hidden = Set(try all(Self.hidden, []) { $0.text(0) })
    hidden.subtract(request.visible)
    let guarding = ReportGuard(hidden: hidden)
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.valueBytesMax)
    sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, Self.patternBytesMax)
    sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, Self.columnsMax)
    try addLinearTrims()
    // What a report may use is made ready first: making it looks like a change of the schema.
    _ = try SQLiteStatement(preparing: "SELECT 1 FROM json_each('[]'), json_tree('[]')", on: handle)
    return try withExtendedLifetime(guarding) {
      // https://www.sqlite.org/c3ref/set_authorizer.html: asked while a statement is compiled.
      sqlite3_set_authorizer(
        handle, reportMayDo, Unmanaged.passUnretained(guarding).toOpaque())
      defer { sqlite3_set_authorizer(handle, nil, nil) }
      do {
        return try rows(of: request, SQLiteStatement(preparing: text, on: handle))
      } catch let error as DatabaseError where error.kind != .tooLong {
        if let name = guarding.refused { throw ReportRefusal("there is no \(name) for reports") }
        guard sqlite3_errcode(handle) != SQLITE_TOOBIG else {
          throw ReportRefusal(
            "a value is longer than \(Self.valueBytesMax / 1024) KiB, which a report neither reads nor makes"
          )
        }
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
      // The others take the square of a length.
      guard ["load_extension", "json_patch", "jsonb_patch"].contains(second.lowercased()) else {
        return true
      }
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

extension Reader {
  /// Replaces SQLite's functions that trim certain characters: they look through all of these for each
  /// character of the text, and nothing ends them meanwhile.
  fileprivate func addLinearTrims() throws {
    for sides in TrimSides.allCases {
      let code = sqlite3_create_function(
        handle, sides.rawValue, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil, sides.function, nil, nil
      )
      guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, on: handle) }
    }
  }
}

private enum TrimSides: String, CaseIterable {
  case left = "ltrim"
  case right = "rtrim"
  case both = "trim"

  var function:
    @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void
  {
    switch self {
    case .left: { trim($0, $2, .left) }
    case .right: { trim($0, $2, .right) }
    case .both: { trim($0, $2, .both) }
    }
  }
}

private func trim(
  _ context: OpaquePointer?, _ values: UnsafeMutablePointer<OpaquePointer?>?, _ sides: TrimSides
) {
  func text(_ place: Int) -> String? {
    guard let value = values?[place], let text = sqlite3_value_text(value) else { return nil }
    let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
    return String(decoding: bytes, as: UTF8.self)
  }
  guard let whole = text(0), let characters = text(1).map({ Set($0.unicodeScalars) }) else {
    return sqlite3_result_null(context)
  }
  var left = whole.unicodeScalars[...]
  if sides != .right { left = left.drop(while: characters.contains) }
  if sides != .left {
    while let last = left.last, characters.contains(last) { left.removeLast() }
  }
  let result = String(left)
  sqlite3_result_text(context, result, Int32(result.utf8.count), holdfast_sqlite_transient())
}
