internal import CSQLite

/// Makes a new file a store, or brings an old store's schema up to date.
struct SQLiteSchemaSetup {
  let connection: SQLiteWriterConnection
  let configuration: SQLiteConfiguration
  let schema: DatabaseSchema
  let lock: StoreLock?

  /// - Throws: ``DatabaseError`` for a file that is something else, damaged, newer or without its
  ///   log; it is left as it was.
  func bringUpToDate() throws {
    let isNew = try isEmpty()
    if isNew {
      // Before the first page is written; it cannot change later.
      try connection.run("PRAGMA page_size=\(SQLiteConfiguration.pageSize)")
    } else {
      try checkIsOurs()
    }
    let version = Int(try number("PRAGMA user_version"))
    guard version <= schema.version else {
      throw DatabaseError.newerSchema(Int64(version), known: schema.version)
    }
    // A migration writes events, so it needs the last number and time.
    if !isNew { try connection.load(schema) }
    try checkNothingIsMissing()
    if try connection.scalar("PRAGMA journal_mode=WAL") != .text("wal") {
      throw DatabaseError(
        .cannotOpen, "the store's folder does not support a write-ahead log (a network drive?)")
    }
    try connection.run("PRAGMA synchronous=\(configuration.synchronous)")
    // The log keeps its size and is written over: growing a file costs more than the sync.
    try connection.run("PRAGMA journal_size_limit=-1")
    if !isNew && version < schema.version { try backUp(version: version) }
    for migration in schema.migrations where migration.number > version { try run(migration) }
    try connection.load(schema)
  }

  /// Whether the file is new: of no size, or left by a crash in the middle of the first set-up.
  private func isEmpty() throws -> Bool {
    if try number("PRAGMA page_count") == 0 { return true }
    return try number("PRAGMA application_id") == 0 && number("PRAGMA user_version") == 0
      && number("SELECT count(*) FROM sqlite_schema") == 0
  }

  private func checkIsOurs() throws {
    let mark = try number("PRAGMA application_id")
    guard mark == Int64(schema.mark) else {
      throw schema.refusal(of: mark)
        ?? DatabaseError(
          .foreignFile,
          "the file is a database of another program, not a Holdfast store; "
            + "one of kasmos is read with 'holdfast import'")
    }
  }

  /// Refuses a store whose log was lost after an unclean stop.
  private func checkNothingIsMissing() throws {
    let last = connection.group.committedSequence
    // What an unfinished copy lost is copied again.
    guard !schema.isUnfinished, let lock, let acknowledged = lock.uncleanSequence,
      acknowledged > last
    else { return }
    throw DatabaseError(
      .lostWrites,
      "the store ends at change \(last), but \(acknowledged) were acknowledged before the "
        + "last unclean stop: the file \(lock.storePath)-wal was lost; "
        + "bring it back, or put a backup in place with 'holdfast restore'")
  }

  private func run(_ migration: Migration) throws {
    connection.group.begin(wall: connection.wallClock())
    try connection.run("BEGIN IMMEDIATE")
    do {
      // The engine's own table; a step of the lease clock changes its one row.
      try connection.run(
        """
        CREATE TABLE IF NOT EXISTS lease_clock(
          id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL, wall INTEGER NOT NULL
        ) STRICT
        """)
      try connection.run("INSERT OR IGNORE INTO lease_clock VALUES (1, 0, 0)")
      try migration.run(connection)
      try connection.run("PRAGMA application_id=\(schema.mark)")
      try connection.run("PRAGMA user_version=\(migration.number)")
      try connection.endGroup()
      try connection.run("COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.run("ROLLBACK") }
      throw error
    }
    _ = connection.group.takeTouched()
  }

  /// A verified copy beside the store, before its schema changes; that of a try that failed makes
  /// room for it.
  private func backUp(version: Int) throws {
    try SQLiteBackup(
      source: connection, target: "\(configuration.path).schema-\(version).backup",
      isReplacing: true
    ).runToEnd()
  }

  private func number(_ pragma: String) throws -> Int64 {
    guard case .int(let value) = try connection.scalar(pragma) else { return 0 }
    return value
  }
}
