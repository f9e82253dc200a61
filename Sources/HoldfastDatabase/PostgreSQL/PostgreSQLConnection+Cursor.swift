extension PostgreSQLConnection {
  /// Calls `body` for one row after the other, for as long as it says to go on.
  ///
  /// The rows come through a cursor (https://www.postgresql.org/docs/15/sql-declare.html), some at a
  /// time: what nobody looks at is not sent, and a long answer never stands in memory as a whole.
  func readRows(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool {
    // A query inside of `body` may need a cursor of its own.
    let name = "c\(openCursors)"
    try send(SQL("DECLARE \(name) NO SCROLL CURSOR FOR \(sql.text)"), values)
    openCursors += 1
    defer { openCursors -= 1 }
    do {
      let isWhole = try fetchAll(from: name, while: body)
      try send(text: "CLOSE \(name)")
      return isWhole
    } catch {
      // Whoever goes on behind the error may need the name.
      if !hasFailed { try send(text: "CLOSE \(name)") }
      throw error
    }
  }

  /// Rows of the first step, of which each may be large.
  private static var rowsAtFirst: Int32 { 16 }
  private static var rowsMax: Int32 { 4_096 }
  /// Bytes of one step, about.
  private static var bytesWanted: Int32 { 1024 * 1024 }

  private func fetchAll(
    from name: String, while body: (any Row) throws -> Bool
  ) throws -> Bool {
    var wanted = Self.rowsAtFirst
    while true {
      try send(text: "FETCH \(wanted) FROM \(name)", isAsking: true)
      let result = try receive()
      for row in 0..<result.rowCount {
        // A query inside of `body` has a result of its own.
        result.row = row
        hasGivenRows = true
        guard try body(result) else { return false }
      }
      guard result.rowCount == wanted else { return true }
      let rowBytes = max(result.byteCount / wanted, 1)
      wanted = min(max(Self.bytesWanted / rowBytes, 1), wanted * 8, Self.rowsMax)
    }
  }
}
