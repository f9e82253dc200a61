internal import CSQLite

/// The one connection that writes and checkpoints, and the loop of its thread.
///
/// Confined to that thread. Everything that runs here is serial, so no rule above needs to think
/// about concurrent writers. https://www.sqlite.org/wal.html and DESIGN's reasons: SQLite up to
/// 3.51.2 can corrupt a WAL database when one connection commits while another checkpoints.
final class SQLiteWriter {
  let connection: SQLiteWriterConnection
  private let queue: WriteQueue
  private let gate: ReaderGate
  private let readers: ReaderPool
  private let lock: StoreLock?
  private let state: WriterState
  private let configuration: SQLiteConfiguration
  private let schema: DatabaseSchema

  private var parking = ParkingLot()
  /// Whether a write with nothing to give ends at once.
  private var waitsHaveEnded = false
  private var backups: [Int: SQLiteBackup] = [:]
  private var backupsStarted = 0
  /// What every write is told since the disk failed.
  private var refusal: DatabaseError?
  private var nextTick: UInt64
  /// When to look again for leases that ended while somebody waits for what they held.
  private var nextLook: UInt64 = 0
  /// Pages of the log at which the next checkpoint is due.
  private var checkpointAtPages: Int

  private static let begin: SQL = "BEGIN IMMEDIATE"
  private static let commit: SQL = "COMMIT"
  private static let savepoint: SQL = "SAVEPOINT one"
  private static let release: SQL = "RELEASE one"
  private static let rollBackOne: SQL = "ROLLBACK TO one"

  init(
    connection: SQLiteWriterConnection, queue: WriteQueue, gate: ReaderGate, readers: ReaderPool,
    lock: StoreLock?, state: WriterState, configuration: SQLiteConfiguration, schema: DatabaseSchema
  ) {
    self.connection = connection
    self.queue = queue
    self.gate = gate
    self.readers = readers
    self.lock = lock
    self.state = state
    self.configuration = configuration
    self.schema = schema
    self.nextTick = monotonicNanoseconds() + configuration.tick
    self.checkpointAtPages = configuration.checkpointBytes / SQLiteConfiguration.pageSize
  }

  /// Runs until the queue is closed and empty.
  func loop() {
    state.claimThread()
    while true {
      // A parked round is due at once: then only look at the queue, without sleeping.
      let (jobs, isClosed) = queue.take(deadline: parking.hasRound ? 0 : nextDeadline)
      expireWaits()
      tickLeaseClock()
      wakeForEndedLeases()
      var writes = takeParkedRound()
      for job in jobs {
        switch job {
        case .write(let write):
          writes.append(write)
          if writes.count >= configuration.groupMax {
            commit(group: writes)
            writes = []
          }
        case .control(let work):
          if !writes.isEmpty { commit(group: writes) }
          writes = []
          work(self)
        }
      }
      if !writes.isEmpty { commit(group: writes) }
      state.setParked(parking.count)
      if isClosed && jobs.isEmpty { break }
    }
    for write in parking.takeAll() { write.finish(WaitEnded()) }
  }

  /// Copies the whole log into the file, so that a plain copy of the file is the store.
  ///
  /// Where that fails, or another program still reads, the log stays beside the file, and the lock
  /// file keeps the mark of an unclean stop.
  func close() {
    backups = [:]
    readers.close()
    guard refusal == nil else { return }
    do {
      let isWhole = try gate.closed(patience: patience) {
        try connection.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
      }
      guard isWhole == true else { return }
      connection.removesLogWhenClosed()
      lock?.end(sequence: connection.committedSequence)
    } catch {
      state.checkpointFailed(String(describing: error))
    }
  }

  /// How long a reader may hold up the log, in nanoseconds: its limit, and time to come to an end.
  private var patience: UInt64 { 2 * configuration.readMax }

  // MARK: One group

  /// Commits the writes in one transaction, or in several when they are large.
  private func commit(group: [PendingWrite]) {
    var left = group
    while !left.isEmpty { left = commitFirst(of: left) }
  }

  /// Runs writes in one transaction, commits once, then answers them.
  ///
  /// - Returns: The writes that found no place in the transaction.
  private func commitFirst(of group: [PendingWrite]) -> [PendingWrite] {
    if let refusal {
      for write in group { write.finish(refusal) }
      return []
    }
    var outcome: Outcome
    do {
      outcome = try run(group: group)
    } catch let error as DatabaseError {
      // Before anybody hears of it, so that health says so, too.
      if error.kind == .commitUnknown { stop(because: error) }
      for write in group { write.finish(error) }
      return []
    } catch {
      for write in group { write.finish(error) }
      return []
    }
    if connection.hasNewSequence { lock?.record(sequence: connection.lastSequence) }
    state.committed(
      writes: outcome.answers.count { $0.error == nil }, lastSequence: connection.lastSequence,
      walPagesWritten: connection.walPagesWritten, parked: parking.count)
    for key in connection.takeTouched() { parking.touch(key) }
    for answer in outcome.answers { answer.write.finish(answer.error) }
    outcome.answers = []
    if connection.walPages >= checkpointAtPages { checkpoint() }
    return outcome.left
  }

  private struct Answer {
    let write: PendingWrite
    let error: (any Error)?
  }

  private struct Outcome {
    var answers: [Answer]
    /// The writes that have not run.
    let left: [PendingWrite]
  }

  /// How a write of a group ran.
  private enum Ran {
    /// With the error, or with an answer that counts after the commit.
    case ended((any Error)?)
    /// There is nothing to give it yet.
    case mustPark
    /// It failed behind its first change, and had no savepoint to go back to.
    case leftChanges
  }

  /// Runs the group until its commit stands.
  ///
  /// Savepoints copy every page that a closure is the first to change, so the group runs without them
  /// at first. A closure that fails leaves nothing behind when it has changed nothing, as nearly all
  /// do; after any other the group starts over, each closure inside a savepoint of its own.
  ///
  /// SQLite drops the whole transaction on a full disk or an I/O error in the middle. Then no answer
  /// of the group stands: the closure that met the error is answered with it, and the others run
  /// once more in a new transaction.
  private func run(group: [PendingWrite]) throws -> Outcome {
    var left = group
    var refused: [Answer] = []
    var isIsolating = false
    while true {
      guard !left.isEmpty else { return Outcome(answers: refused, left: []) }
      connection.beginGroup()
      try connection.query(Self.begin, []) { _ in }
      var answers: [Answer] = []
      var parked: [PendingWrite] = []
      var fallen: Int?
      var mustIsolate = false
      var ran = 0
      run: for (index, write) in left.enumerated() {
        switch runOne(write, alreadyParked: parked, isIsolated: isIsolating) {
        case .ended(let error):
          if !connection.isInTransaction {
            refused.append(Answer(write: write, error: error))
            fallen = index
            break run
          }
          answers.append(Answer(write: write, error: error))
        case .mustPark: parked.append(write)
        case .leftChanges:
          mustIsolate = true
          break run
        }
        ran = index + 1
        if connection.groupBytes >= configuration.groupBytesMax { break }
      }
      if let fallen {
        left.remove(at: fallen)
        continue
      }
      if mustIsolate {
        try connection.run("ROLLBACK")
        isIsolating = true
        continue
      }
      try commitTransaction()
      for write in parked { parking.park(write) }
      return Outcome(answers: refused + answers, left: Array(left[ran...]))
    }
  }

  /// Runs one write, inside a savepoint of its own when it is isolated.
  private func runOne(
    _ write: PendingWrite, alreadyParked: [PendingWrite], isIsolated: Bool
  ) -> Ran {
    let before = connection.mark()
    do {
      if isIsolated { try connection.query(Self.savepoint, []) { _ in } }
      let ran =
        try mustQueueBehind(alreadyParked, write) ? .wait : connection.run(write)
      if isIsolated { try connection.query(Self.release, []) { _ in } }
      if case .wait = ran {
        guard let wait = write.wait, !waitsHaveEnded, wait.deadline > monotonicNanoseconds() else {
          return .ended(WaitEnded())
        }
        return .mustPark
      }
      return .ended(nil)
    } catch {
      let hasChanged = connection.hasChanged(since: before)
      connection.reset(to: before)
      guard connection.isInTransaction else { return .ended(error) }
      guard isIsolated else { return hasChanged ? .leftChanges : .ended(error) }
      do {
        try connection.query(Self.rollBackOne, []) { _ in }
        try connection.query(Self.release, []) { _ in }
      } catch {
        // The savepoint cannot be undone: give up the whole transaction, so that nothing of the
        // failed closure can slip into the commit.
        try? connection.run("ROLLBACK")
      }
      return .ended(error)
    }
  }

  /// Whether an equal request waits already, so that this one could only overtake it.
  ///
  /// Not so for a request that was done before: it gets its answer again.
  private func mustQueueBehind(_ parkedNow: [PendingWrite], _ write: PendingWrite) throws -> Bool {
    guard let wait = write.wait else { return false }
    let isBehind =
      parking.holds(equalTo: wait)
      || parkedNow.contains { $0.wait?.key == wait.key && $0.wait?.tag == wait.tag }
    return try isBehind && !wait.isRepeat(connection)
  }

  /// Commits, and sorts the failures: not applied, or unknown.
  private func commitTransaction() throws {
    var isCommitting = false
    do {
      try connection.endGroup()
      isCommitting = true
      try connection.query(Self.commit, []) { _ in }
    } catch let error as DatabaseError {
      if connection.isInTransaction { try? connection.run("ROLLBACK") }
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

  private func stop(because error: DatabaseError) {
    let refusal = DatabaseError(
      .stopped,
      "the store takes no writes since its disk failed: check the disk, then restart the server",
      detail: error.detail)
    self.refusal = refusal
    queue.refuse(refusal)
    state.stop(reason: error.message)
    lock?.leaveUnclean()
    let parked = parking.takeAll()
    state.setParked(0)
    for write in parked { write.finish(refusal) }
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

  // MARK: Between groups

  private func takeParkedRound() -> [PendingWrite] {
    guard parking.hasRound else { return [] }
    let (line, unwanted) = parking.takeRound()
    for write in unwanted { write.finish(WaitEnded()) }
    return line
  }

  func endWaits() {
    waitsHaveEnded = true
    for write in parking.takeAll() { write.finish(WaitEnded()) }
  }

  private func expireWaits() {
    for write in parking.takeExpired(now: monotonicNanoseconds()) { write.finish(WaitEnded()) }
  }

  /// Moves the lease clock on while leases live, so that an idle store lets them end.
  private func tickLeaseClock() {
    let now = monotonicNanoseconds()
    guard now >= nextTick else { return }
    nextTick = now + configuration.tick
    guard refusal == nil,
      (try? connection.exists(schema.liveLease, [.int(connection.leaseEstimate)])) ?? false
    else { return }
    commit(
      group: [
        PendingWrite(
          wait: nil,
          run: { transaction in
            _ = try transaction.leaseTime
            return .done
          }, finish: { _ in })
      ])
  }

  private var nextDeadline: UInt64 {
    guard let nextEnd = parking.nextDeadline else { return nextTick }
    return min(nextEnd, nextTick, schema.endedLeases == nil ? .max : nextLook)
  }

  /// How often it is looked for ended leases while somebody waits, in nanoseconds.
  private static let lookStep: UInt64 = 1_000_000_000

  /// Runs those again who wait for what an ended lease has set free.
  private func wakeForEndedLeases() {
    guard let sql = schema.endedLeases, !parking.isEmpty, state.isWriting else { return }
    let now = monotonicNanoseconds()
    guard now >= nextLook else { return }
    nextLook = now + Self.lookStep
    // A failed look is made again a second later; whoever claims meanwhile looks as well.
    let keys = try? connection.all(sql, [.int(connection.leaseEstimate)]) { $0.text(0) }
    for key in keys ?? [] { parking.touch(key) }
  }

  /// Copies the log into the file and starts the log over, so that it stays small.
  ///
  /// PASSIVE does the work beside the readers; RESTART, with the gate closed, takes a moment. A
  /// reader that passes no gate (the sqlite3 shell) is never waited for.
  func checkpoint() {
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
}
