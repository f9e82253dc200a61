internal import CPostgreSQL

extension PostgreSQLDatabase {
  public func report(_ request: ReportRequest) throws -> ReportRows {
    let text = try request.read(.postgresql)
    var configuration = reportConfiguration
    // The database ends it before anybody here stops waiting.
    configuration.answerMax = 2 * ReportRequest.workMax
    let deadline = monotonicNanoseconds() + configuration.readMax
    let connection = try PostgreSQLConnection(
      configuration, program: "holdfast report", clock: reportClock, by: deadline)
    connection.deadline = deadline
    do {
      return try connection.report(request, text)
    } catch let error as DatabaseError where error.isOfStatement {
      throw ReportRefusal(error.detail)
    }
  }
}

extension DatabaseError {
  /// Whether it is about the statement, and not about the database.
  fileprivate var isOfStatement: Bool {
    ![.tooLong, .overloaded, .cannotOpen].contains(kind)
      && (kind != .unreachable || detail.hasPrefix("PostgreSQL 25006"))
  }
}

extension PostgreSQLConnection {
  private static let tables: SQL = """
    SELECT CAST(relname AS TEXT) FROM pg_class
    WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'v', 'm', 'p', 'S')
    """

  /// Functions and tables of the server that lead past what a report may see.
  private static let hiddenBeginnings = ["pg_", "lo_", "dblink", "query_to_", "cursor_to_"]
  private static let hiddenNames: Set<String> = [
    "information_schema", "set_config", "current_setting", "nextval", "setval", "currval",
    "lastval",
    "has_table_privilege", "to_regclass", "regclass",
  ]

  /// Functions that do something, or run a statement which they are given as a text; and all that somebody
  /// has added to the server.
  private static let functions: SQL = """
    SELECT DISTINCT CAST(proname AS TEXT) FROM pg_proc
    WHERE provolatile = 'v' OR pronamespace <> CAST('pg_catalog' AS regnamespace)
    """
  private static let harmlessFunctions: Set<String> = [
    "random", "gen_random_uuid", "clock_timestamp", "timeofday",
  ]

  fileprivate func report(_ request: ReportRequest, _ text: ReportText) throws -> ReportRows {
    try send(text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try send(text: "SET LOCAL statement_timeout = \(ReportRequest.workMax / 1_000_000)")
    var tables: Set<String> = []
    try query(Self.tables, []) { tables.insert($0.text(0)) }
    tables.subtract(request.visible)
    var functions: Set<String> = []
    try query(Self.functions, []) { functions.insert($0.text(0)) }
    functions.subtract(Self.harmlessFunctions)
    for name in text.names.sorted() {
      guard
        tables.contains(name) || functions.contains(name) || Self.hiddenNames.contains(name)
          || Self.hiddenBeginnings.contains(where: name.hasPrefix) || name.contains("_to_xml")
      else { continue }
      throw ReportRefusal("there is no \(name) for reports")
    }
    let inner = "(\n\(text.text)\n) AS report"
    try send(
      text: "\(request.prefix)SELECT * FROM \(inner) LIMIT 0", request.values, isAsking: true)
    let head = try receive()
    var rows = ReportRows()
    rows.columns = (0..<head.columnCount).map { head.name(of: $0) }
    guard !rows.columns.isEmpty else { return rows }
    // As texts under names of our own: a statement may have several columns of one name.
    let names = rows.columns.indices.map { "c\($0)" }
    // Through a cursor: no more of a long answer comes here than is taken.
    let all: SQL = SQL(
      """
        \(request.prefix)SELECT \(names.map { "CAST(\($0) AS TEXT)" }.joined(separator: ", "))
        FROM \(inner)(\(names.joined(separator: ", "))) LIMIT \(request.rowsMax + 1)
      """)
    let types = rows.columns.indices.map { head.type(of: $0) }
    _ = try readRows(all, request.values) { row in
      rows.take(types.indices.map { row.reportValue($0, type: types[$0]) }, of: request)
    }
    try send(text: "ROLLBACK")
    try settle()
    return rows
  }
}

extension PostgreSQLResult {
  fileprivate func name(of column: Int) -> String {
    String(cString: holdfast_pg_name(pointer, Int32(column)))
  }

  fileprivate func type(of column: Int) -> UInt32 { holdfast_pg_type(pointer, Int32(column)) }
}

extension Row {
  /// A value that came as a text.
  fileprivate func reportValue(_ column: Int, type: UInt32) -> ReportValue {
    guard !isNull(column) else { return .null }
    let text = text(column)
    // Numbers of types in the server's catalogue, the same on every server.
    switch type {
    case 16: return .int(text == "true" ? 1 : 0)
    case 20, 21, 23: return Int64(text).map { .int($0) } ?? .text(text)
    case 700, 701, 1700:
      return Int64(text).map { .int($0) } ?? Double(text).map { .real($0) } ?? .text(text)
    default: return .text(text)
    }
  }
}
