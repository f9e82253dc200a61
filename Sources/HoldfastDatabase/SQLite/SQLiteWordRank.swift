internal import CSQLite

/// Makes ``WordRank`` known to FTS5 on a connection: `word_rank(table, weight of each column, ...)`.
///
/// FTS5's own `bm25` reads everything that has one of the words before it can say anything about the first.
func addWordRank(to connection: OpaquePointer) throws {
  var api: UnsafeMutablePointer<fts5_api>?
  var statement: OpaquePointer?
  defer { sqlite3_finalize(statement) }
  // https://www.sqlite.org/fts5.html#extending_fts5
  let code = sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nil)
  guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, on: connection) }
  try withUnsafeMutablePointer(to: &api) { place in
    // SQLite keeps the name itself, and looks at it again in the step.
    let type = UnsafeRawPointer(pointerType.utf8Start).assumingMemoryBound(to: CChar.self)
    sqlite3_bind_pointer(statement, 1, place, type, nil)
    guard sqlite3_step(statement) == SQLITE_ROW else {
      throw DatabaseError(sqlite: sqlite3_errcode(connection), on: connection)
    }
  }
  guard let api,
    api.pointee.xCreateFunction(api, "word_rank", nil, wordRank, nil) == SQLITE_OK
  else { throw DatabaseError(.misuse, "FTS5 takes no function") }
}

private let pointerType: StaticString = "fts5_api_ptr"

/// FTS5 calls this for a row that it has found.
private func wordRank(
  _ api: UnsafePointer<Fts5ExtensionApi>?, _ row: OpaquePointer?, _ context: OpaquePointer?,
  _ weightCount: Int32, _ weights: UnsafeMutablePointer<OpaquePointer?>?
) {
  guard let api = api?.pointee, let row, let weights else { return sqlite3_result_null(context) }
  var counts = [Int64](repeating: 0, count: Int(api.xPhraseCount(row)))
  var instances: Int32 = 0
  guard api.xInstCount(row, &instances) == SQLITE_OK else { return sqlite3_result_null(context) }
  for instance in 0..<instances {
    var phrase: Int32 = 0
    var column: Int32 = 0
    var offset: Int32 = 0
    guard api.xInst(row, instance, &phrase, &column, &offset) == SQLITE_OK else {
      return sqlite3_result_null(context)
    }
    guard column < weightCount else { continue }
    counts[Int(phrase)] += sqlite3_value_int64(weights[Int(column)])
  }
  sqlite3_result_int64(context, WordRank.rank(counts))
}
