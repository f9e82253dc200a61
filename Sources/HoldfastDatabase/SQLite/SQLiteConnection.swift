internal import CSQLite

/// One connection to a SQLite file with its prepared statements, and the transaction on it.
///
/// Not thread safe: whoever holds it uses it alone.
class SQLiteConnection: ReadTransaction {
  let handle: OpaquePointer
  /// The machine's clock, in nanoseconds since 1970 UTC.
  let wallClock: @Sendable () -> Int64
  private var statements: [SQL: SQLiteStatement] = [:]

  /// More distinct statements than this are a sign of SQL that is built per request.
  private static let statementsMax = 512

  /// The engine itself, set up once for the process.
  private static let engine: Void = {
    // Nobody reads SQLite's statistics of memory, and they cost a mutex of all connections for each
    // piece of it. Refused, which does no harm, when somebody else in the process came first.
    _ = holdfast_sqlite_config_int(SQLITE_CONFIG_MEMSTATUS, 0)
  }()

  /// How a connection is going to be used.
  enum Role {
    case writer
    case reader
    /// Of a finished file that nobody writes: no locks, no log, nothing made beside it.
    case archive
  }

  init(path: String, role: Role, creating: Bool, configuration: SQLiteConfiguration) throws {
    Self.engine
    var handle: OpaquePointer?
    // NOMUTEX: every connection is used by one thread at a time.
    let code: Int32
    if role == .archive {
      let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      code = sqlite3_open_v2(
        SQLiteURI.text(path: path, isImmutable: true), &handle, flags, configuration.vfs)
    } else {
      let flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (creating ? SQLITE_OPEN_CREATE : 0)
      code = sqlite3_open_v2(path, &handle, flags, configuration.vfs)
    }
    guard code == SQLITE_OK, let handle else {
      let error = DatabaseError(sqlite: code, on: handle)
      sqlite3_close_v2(handle)
      throw error
    }
    self.handle = handle
    wallClock = configuration.wallClock
    sqlite3_extended_result_codes(handle, 1)
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_DQS_DML, 0)
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_DQS_DDL, 0)
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    // Foreign programs (the sqlite3 shell) may hold the file for a moment.
    sqlite3_busy_timeout(handle, 2000)
    // Closing must not write into a file that was refused, nor after the disk failed.
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    try run("PRAGMA mmap_size=0")
    switch role {
    case .writer:
      try run("PRAGMA foreign_keys=ON")
      try run("PRAGMA cache_size=-\(configuration.writerCacheBytes / 1024)")
      // The pages that a savepoint could bring back stay in memory, not in a temporary file.
      try run("PRAGMA temp_store=MEMORY")
    case .reader, .archive:
      try run("PRAGMA query_only=ON")
      try run("PRAGMA cache_size=-\(configuration.readerCacheBytes / 1024)")
    }
    // Only the writer checkpoints, and only when it decides to.
    try run("PRAGMA wal_autocheckpoint=0")
    if role == .reader { try addWordRank(to: handle) }
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  /// Runs a statement that is not worth keeping, without values.
  func run(_ text: String) throws {
    let statement = try SQLiteStatement(preparing: text, on: handle)
    while try statement.step() {}
  }

  /// The first column of the first row of a statement that is not worth keeping.
  func scalar(_ text: String) throws -> SQLValue {
    let statement = try SQLiteStatement(preparing: text, on: handle)
    return try statement.step() ? statement.value(0) : .null
  }

  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    let statement = try prepared(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() { try body(statement) }
  }

  /// A prepared statement for the text, marked as stepping until it is reset.
  func prepared(_ sql: SQL) throws -> SQLiteStatement {
    if let cached = statements[sql] {
      if !cached.isStepping {
        cached.isStepping = true
        return cached
      }
      // The same text is in use by an outer query of this thread.
      return try SQLiteStatement(preparing: sql.text, on: handle)
    }
    if statements.count >= Self.statementsMax {
      statements = statements.filter { $0.value.isStepping }
    }
    let statement = try SQLiteStatement(preparing: sql.text, on: handle)
    statement.isStepping = true
    statements[sql] = statement
    return statement
  }

  /// The kept statements that go through a whole table or index, with the line of the plan that says so.
  var scans: [(sql: String, plan: String)] {
    get throws {
      var scans: [(sql: String, plan: String)] = []
      let verbs = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"]
      for text in statements.keys.map(\.text) where verbs.contains(where: text.hasPrefix) {
        let plan = try SQLiteStatement(preparing: "EXPLAIN QUERY PLAN \(text)", on: handle)
        while try plan.step() {
          let line = plan.text(3)
          if line.hasPrefix("SCAN ") { scans.append((text, line)) }
        }
      }
      return scans
    }
  }

  /// Lets SQLite remove the log's files with the connection, when nothing is left in them.
  func removesLogWhenClosed() {
    _ = holdfast_sqlite_db_config_int(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
  }

  // MARK: Time

  static let readLease: SQL = "SELECT time, wall FROM lease_clock WHERE id = 1"

  var now: Int64 { wallClock() }

  /// Where the lease clock stands by now; only the writer moves its row.
  var leaseTime: Int64 {
    get throws {
      let stored = try first(Self.readLease, []) { LeaseClock(time: $0.int(0), wall: $0.int(1)) }
      return stored?.advanced(to: wallClock()).time ?? 0
    }
  }

  var stepIsOver: Bool { false }

  let dialect = Dialect.sqlite

  /// Whether a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}
