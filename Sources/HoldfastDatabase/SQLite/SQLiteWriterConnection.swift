internal import CSQLite

/// The writer's connection: SQL, the numbers of the log and the lease clock.
final class SQLiteWriterConnection: SQLiteConnection, GroupTransaction {
  var group = GroupState()
  private var isInClosure = false
  /// The error at which SQLite dropped the transaction in the middle of a closure.
  private var dropped: (any Error)?

  /// Pages in the log after the last commit.
  private(set) var walPages = 0
  /// Pages written to the log since the start.
  private(set) var walPagesWritten = 0
  /// Whether the next commit starts the log over.
  private(set) var logIsFresh = false

  private static let writeLease: SQL = "UPDATE lease_clock SET time = ?1, wall = ?2 WHERE id = 1"

  init(path: String, creating: Bool, configuration: SQLiteConfiguration) throws {
    try super.init(
      path: path, role: .writer, creating: creating, configuration: configuration)
    // SQLite falls back to reading where it may not write.
    guard sqlite3_db_readonly(handle, "main") == 0 else {
      throw DatabaseError(
        .readOnly, "the store cannot be written: check the permissions of its file and folder")
    }
    // https://www.sqlite.org/c3ref/wal_hook.html: called after each commit with the log's pages.
    sqlite3_wal_hook(handle, walDidGrow, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Reads where the log and the lease clock stand, once the schema is there.
  func load(_ schema: DatabaseSchema) throws {
    let last = try first(schema.lastLogEntry) { ($0.int(0), $0.int(1)) } ?? (0, 0)
    let lease = try first(Self.readLease, []) { LeaseClock(time: $0.int(0), wall: $0.int(1)) }
    group.load(sequence: last.0, time: last.1, lease: lease)
  }

  // MARK: WriteTransaction

  func execute(_ sql: SQL, _ values: [SQLValue]) throws {
    group.count(values)
    try watchingTransaction {
      let statement = try prepared(sql)
      defer { statement.reset() }
      try statement.bind(values)
      while try statement.step() {}
    }
  }

  // Rows are also written by queries: `INSERT ... RETURNING`.
  override func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    group.count(values)
    try watchingTransaction { try super.query(sql, values, body) }
  }

  override func prepared(_ sql: SQL) throws -> SQLiteStatement {
    let statement = try super.prepared(sql)
    if !statement.isReadOnly { group.countChange() }
    return statement
  }

  /// Runs nothing any more once SQLite has dropped the transaction: outside of one, a statement of a
  /// closure that caught the error would be committed on its own.
  private func watchingTransaction<R>(_ run: () throws -> R) throws -> R {
    if let dropped { throw dropped }
    do {
      return try run()
    } catch {
      if isInClosure && !isInTransaction { dropped = error }
      throw error
    }
  }

  override var now: Int64 { group.time }

  override var leaseTime: Int64 { group.leaseTime(wall: wallClock()) }

  // MARK: Groups

  /// Runs a write's closure, and fails when the transaction does not stand afterwards.
  func run(_ write: PendingWrite) throws -> PendingWrite.Ran {
    isInClosure = true
    defer {
      isInClosure = false
      dropped = nil
    }
    let ran = try write.run(self)
    if let dropped { throw dropped }
    return ran
  }

  /// Writes the lease clock when it was looked at and has moved on; the last statement before the
  /// commit.
  func endGroup() throws {
    guard let lease = group.takeMovedLease() else { return }
    try execute(Self.writeLease, [.int(lease.time), .int(lease.wall)])
  }

  // MARK: The log

  fileprivate func walGrew(to pages: Int) {
    logIsFresh = false
    // Fewer than before: the log has started over.
    walPagesWritten += pages < walPages ? pages : pages - walPages
    walPages = pages
  }

  /// Copies the log into the file, as far as no reader stands in the way.
  ///
  /// - Returns: Whether all of it is in the file, and the next commit starts the log over.
  @discardableResult
  func checkpoint(_ mode: Int32) throws -> Bool {
    var logPages: Int32 = 0
    var copied: Int32 = 0
    // A foreign reader is not waited for.
    sqlite3_busy_timeout(handle, 0)
    defer { sqlite3_busy_timeout(handle, 2000) }
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, &logPages, &copied)
    if code == SQLITE_BUSY { return false }
    guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, on: handle) }
    guard mode != SQLITE_CHECKPOINT_PASSIVE else { return false }
    logIsFresh = true
    walPages = 0
    return true
  }
}

private func walDidGrow(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ name: UnsafePointer<CChar>?, _ pages: Int32
) -> Int32 {
  if let context {
    Unmanaged<SQLiteWriterConnection>.fromOpaque(context).takeUnretainedValue()
      .walGrew(to: Int(pages))
  }
  return SQLITE_OK
}
