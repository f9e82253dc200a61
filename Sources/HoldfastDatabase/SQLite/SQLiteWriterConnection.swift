internal import CSQLite

/// The writer's connection: SQL, the numbers of the log and the lease clock.
final class SQLiteWriterConnection: SQLiteConnection, WriteTransaction {
  /// The last number given out.
  private(set) var lastSequence: Int64
  /// The last number that is on disk.
  private(set) var committedSequence: Int64
  private var lastTime: Int64
  private var groupTime: Int64 = 0
  private var touchedKeys: [String] = []
  /// Bytes bound by the statements of the group.
  private(set) var groupBytes = 0
  /// Statements that change the file, since the start.
  private var changingStatements = 0
  private var isInClosure = false
  /// The error at which SQLite dropped the transaction in the middle of a closure.
  private var dropped: (any Error)?

  // The lease clock as of the last look at it.
  private var lease: LeaseClock
  private var leaseIsDirty = false
  /// As it is on disk.
  private var writtenLease = LeaseClock(time: 0, wall: 0)
  private var leaseIsInGroup = false

  /// Lease time that a crash may forget, in nanoseconds: each write of its row costs a page of log.
  private static let leaseStep: Int64 = 1_000_000_000

  /// Pages in the log after the last commit.
  private(set) var walPages = 0
  /// Pages written to the log since the start.
  private(set) var walPagesWritten = 0
  /// Whether the next commit starts the log over.
  private(set) var logIsFresh = false

  private static let writeLease: SQL = "UPDATE lease_clock SET time = ?1, wall = ?2 WHERE id = 1"

  init(path: String, creating: Bool, configuration: SQLiteConfiguration) throws {
    lastSequence = 0
    committedSequence = 0
    lastTime = 0
    lease = LeaseClock(time: 0, wall: 0)
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
    lastSequence = last.0
    committedSequence = last.0
    lastTime = last.1
    if let stored = try first(Self.readLease, [], { LeaseClock(time: $0.int(0), wall: $0.int(1)) })
    {
      lease = stored
      writtenLease = stored
    }
  }

  // MARK: WriteTransaction

  @discardableResult
  func execute(_ sql: SQL, _ values: [SQLValue]) throws -> Int {
    count(values)
    return try watchingTransaction {
      let statement = try prepared(sql)
      defer { statement.reset() }
      try statement.bind(values)
      while try statement.step() {}
      return Int(sqlite3_changes64(handle))
    }
  }

  // Rows are also written by queries: `INSERT ... RETURNING`.
  override func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    count(values)
    try watchingTransaction { try super.query(sql, values, body) }
  }

  private func count(_ values: [SQLValue]) {
    for value in values { groupBytes += value.byteCount }
  }

  override func prepared(_ sql: SQL) throws -> SQLiteStatement {
    let statement = try super.prepared(sql)
    if !statement.isReadOnly { changingStatements += 1 }
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

  func nextSequence() -> Int64 {
    lastSequence += 1
    return lastSequence
  }

  override var now: Int64 { groupTime }

  override var leaseTime: Int64 {
    get throws {
      if !leaseIsDirty {
        lease = lease.advanced(to: wallClock())
        leaseIsDirty = true
      }
      return lease.time
    }
  }

  func touch(_ key: String) {
    if !touchedKeys.contains(key) { touchedKeys.append(key) }
  }

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

  /// What a failed closure must not leave behind.
  struct Mark {
    fileprivate let sequence: Int64
    fileprivate let touched: Int
    fileprivate let changingStatements: Int
  }

  func mark() -> Mark {
    Mark(
      sequence: lastSequence, touched: touchedKeys.count, changingStatements: changingStatements)
  }

  /// Whether a statement has run since then that may have changed something.
  func hasChanged(since mark: Mark) -> Bool { changingStatements != mark.changingStatements }

  func reset(to mark: Mark) {
    lastSequence = mark.sequence
    touchedKeys.removeSubrange(mark.touched...)
  }

  /// Starts a group's numbers and time; what an earlier, failed try left behind is forgotten.
  func beginGroup() {
    lastSequence = committedSequence
    touchedKeys.removeAll(keepingCapacity: true)
    leaseIsDirty = false
    leaseIsInGroup = false
    groupBytes = 0
    groupTime = max(wallClock(), lastTime)
  }

  /// Where the lease clock stands by now, without a transaction and without moving it.
  var leaseEstimate: Int64 { lease.advanced(to: wallClock()).time }

  /// Writes the lease clock when it was looked at and has moved on; the last statement before the
  /// commit.
  func endGroup() throws {
    let moved = lease.time - writtenLease.time
    guard leaseIsDirty, moved >= Self.leaseStep || writtenLease.wall == 0 else { return }
    leaseIsInGroup = true
    try execute(Self.writeLease, [.int(lease.time), .int(lease.wall)])
  }

  /// Whether the group that was just committed wrote to the log.
  var hasNewSequence: Bool { lastSequence != committedSequence }

  /// After the commit: the keys the group touched.
  func takeTouched() -> [String] {
    committedSequence = lastSequence
    lastTime = groupTime
    if leaseIsInGroup { writtenLease = lease }
    defer { touchedKeys.removeAll(keepingCapacity: true) }
    return touchedKeys
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
