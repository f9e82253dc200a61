internal import CSQLite
internal import CSystem

/// The connection that writes and checkpoints, and what belongs to its file: log, lock and backups.
///
/// One thing at a time on one thread: SQLite up to 3.51.2 can corrupt a WAL database when one
/// connection commits while another checkpoints. https://www.sqlite.org/wal.html
final class SQLiteWriter: WriterEngine {
  let connection: SQLiteWriterConnection
  private let gate: ReaderGate
  private let readers: ReaderPool
  private let lock: StoreLock?
  private let state: WriterState
  private let configuration: SQLiteConfiguration

  private var backups: [Int: SQLiteBackup] = [:]
  private var backupsStarted = 0
  /// Pages of the log at which the next checkpoint is due.
  private var checkpointAtPages: Int

  private static let begin: SQL = "BEGIN IMMEDIATE"
  private static let commit: SQL = "COMMIT"
  private static let savepoint: SQL = "SAVEPOINT one"
  private static let release: SQL = "RELEASE one"
  private static let rollBackOne: SQL = "ROLLBACK TO one"

  init(
    connection: SQLiteWriterConnection, gate: ReaderGate, readers: ReaderPool, lock: StoreLock?,
    state: WriterState, configuration: SQLiteConfiguration
  ) {
    self.connection = connection
    self.gate = gate
    self.readers = readers
    self.lock = lock
    self.state = state
    self.configuration = configuration
    self.checkpointAtPages = configuration.checkpointBytes / SQLiteConfiguration.pageSize
  }

  // MARK: Groups

  var transaction: any WriteTransaction { connection }

  var group: GroupState {
    get { connection.group }
    _modify { yield &connection.group }
  }

  func ready() {}
  func othersHaveWritten() -> Bool { false }

  func findRoom() throws {
    guard holdfast_has_room(folder(of: configuration.path), roomWanted) else {
      throw DatabaseError(.full, "the disk is full")
    }
  }

  // An answer takes no longer by itself than among others.
  func begin(ahead: [PendingWrite]) throws {
    connection.group.begin(wall: wall)
    try connection.query(Self.begin, []) { _ in }
  }

  var gathers: Bool { false }
  var isInTransaction: Bool { connection.isInTransaction }
  /// A failed statement leaves SQLite's transaction as it was, or drops it whole.
  var hasFailed: Bool { false }

  func run(_ write: PendingWrite) throws -> PendingWrite.Ran { try connection.run(write) }

  func settle() {}

  func openSavepoint() throws { try connection.query(Self.savepoint, []) { _ in } }
  func releaseSavepoint() throws { try connection.query(Self.release, []) { _ in } }
  func rollBackToSavepoint() throws { try connection.query(Self.rollBackOne, []) { _ in } }

  /// Sorts the failures of a commit: not applied, or unknown.
  func commit() throws {
    var isCommitting = false
    do {
      try connection.endGroup()
      isCommitting = true
      try connection.query(Self.commit, []) { _ in }
    } catch let error as DatabaseError {
      rollBack()
      switch error.kind {
      // A full disk stops the log before its commit frame is whole, and a deferred constraint is
      // checked before anything is written: nothing was applied.
      case .full, .busy, .constraint: throw error
      case _ where !isCommitting: throw error
      // After any other failure of a commit, and a failed sync above all, the frames may be on the
      // disk.
      default:
        throw DatabaseError(
          .commitUnknown,
          "the disk failed while this was being written, so it may or may not be there: check the "
            + "disk, restart what holds the store, and look whether it is there before you repeat it",
          detail: error.detail)
      }
    }
  }

  // Each statement is answered on the spot.
  func mustIsolate(_ error: DatabaseError) -> Bool { false }

  func rollBack() {
    if connection.isInTransaction { try? connection.run("ROLLBACK") }
  }

  func didCommit(touched: [String]) {
    lock?.record(sequence: connection.group.lastSequence)
  }

  func didAnswer() {
    if connection.walPages >= checkpointAtPages { checkpoint() }
  }

  var stopsWhenUnknown: Bool { true }

  var logBytesWritten: Int64 {
    Int64(connection.walPagesWritten * SQLiteConfiguration.pageSize)
  }

  var wall: Int64 { connection.wallClock() }

  // MARK: The log

  /// Copies the whole log into the file, so that a plain copy of the file is the store.
  ///
  /// Where that fails, or another program still reads, the log stays beside the file, and the lock
  /// file keeps the mark of an unclean stop.
  func close(hasStopped: Bool) {
    backups = [:]
    readers.close()
    guard !hasStopped else { return }
    do {
      let isWhole = try gate.closed(patience: patience) {
        try connection.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
      }
      guard isWhole == true else { return }
      connection.removesLogWhenClosed()
      lock?.end(sequence: connection.group.committedSequence)
    } catch {
      state.checkpointFailed(String(describing: error))
    }
  }

  /// How long a reader may hold up the log, in nanoseconds: its limit, and time to come to an end.
  private var patience: UInt64 { 2 * configuration.readMax }

  /// Copies the log into the file and starts the log over, so that it stays small.
  ///
  /// PASSIVE does the work beside the readers; RESTART, with the gate closed, takes a moment. A
  /// reader that passes no gate (the sqlite3 shell) is never waited for.
  private func checkpoint() {
    do {
      try connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
      try gate.closed(patience: patience) {
        _ = try connection.checkpoint(SQLITE_CHECKPOINT_RESTART)
      }
      state.checkpointed()
    } catch {
      // The log keeps what could not be copied; the next commits try again.
      state.checkpointFailed(String(describing: error))
    }
    let step = configuration.checkpointBytes / SQLiteConfiguration.pageSize
    checkpointAtPages = connection.logIsFresh ? step : connection.walPages + step
  }

  // MARK: Backups

  // They live here, because SQLite steps and ends them on the writer's connection.

  func startBackup(to target: String) throws -> Int {
    let backup = try SQLiteBackup(source: connection, target: target)
    backupsStarted += 1
    backups[backupsStarted] = backup
    return backupsStarted
  }

  /// Ends a backup that nobody wants any more, and removes what there is of it.
  func dropBackup(_ number: Int) { backups[number] = nil }

  /// Copies some pages of a backup, which ends with the last one and with an error.
  ///
  /// - Parameter number: The one that ``startBackup(to:)`` gave.
  /// - Throws: ``DatabaseError`` when the copy cannot be written.
  /// - Returns: Pages copied and pages in all, and the backup when it is copied.
  func stepBackup(_ number: Int) throws -> (done: Int, total: Int, copied: SQLiteBackup?) {
    guard let backup = backups.removeValue(forKey: number) else {
      throw DatabaseError(.misuse, "the backup has ended already")
    }
    let isCopied = try backup.step()
    let progress = backup.progress
    if isCopied { try backup.finishCopying() } else { backups[number] = backup }
    return (progress.done, progress.total, isCopied ? backup : nil)
  }
}
