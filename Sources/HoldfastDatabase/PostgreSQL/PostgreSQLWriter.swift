/// The writer on a PostgreSQL server, where any number of processes write the same database.
///
/// Each group first locks the one row of the table `writer`, which holds the last number of the log, and
/// writes it back at its end. So groups are serial across all servers, every statement sees what came
/// before (READ COMMITTED), and the order of the numbers is the order of the commits.
final class PostgreSQLWriter: WriterEngine {
  private let configuration: PostgreSQLConfiguration
  private let schema: DatabaseSchema
  private let notifier: PostgreSQLNotifier
  private let clock: PostgreSQLClock
  private let state: WriterState
  private var current: PostgreSQLWriterConnection
  /// The number of the group's transaction and its mark, by which its fate is asked for.
  ///
  /// The number alone would not do: a crash of the database forgets the numbers of transactions that had
  /// not committed, and gives them to others.
  private var fate = (number: Int64(0), mark: Int64(0))
  /// Where the group stood before its first write.
  private var start: GroupState.Mark
  /// What the last group was answered ahead.
  private var lastAnswers: [PostgreSQLScout.Question: PostgreSQLResult] = [:]
  /// Whether a group has found that others had written before it.
  private var othersWrote = false

  private static let lock: SQL = """
    SELECT seq, at, lease_time, lease_wall, version,
      CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT),
      CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)
    FROM writer WHERE id = 1 FOR UPDATE
    """
  private static let writeBack: SQL = """
    UPDATE writer SET seq = ?1, at = ?2, lease_time = ?3, lease_wall = ?4 WHERE id = 1
    """
  private static let mark: SQL = """
    INSERT INTO commits(slot, number, mark) VALUES (?1, ?2, ?3)
    ON CONFLICT (slot) DO UPDATE SET number = excluded.number, mark = excluded.mark
    """
  private static let begin: SQL = "BEGIN"
  private static let savepoint: SQL = "SAVEPOINT one"
  private static let release: SQL = "RELEASE SAVEPOINT one"
  private static let rollBackOne: SQL = "ROLLBACK TO SAVEPOINT one"

  init(
    connection: PostgreSQLWriterConnection, configuration: PostgreSQLConfiguration,
    schema: DatabaseSchema, notifier: PostgreSQLNotifier, clock: PostgreSQLClock,
    state: WriterState
  ) {
    current = connection
    start = connection.group.mark
    self.configuration = configuration
    self.schema = schema
    self.notifier = notifier
    self.clock = clock
    self.state = state
  }

  var transaction: any WriteTransaction { current }

  var group: GroupState {
    get { current.group }
    _modify { yield &current.group }
  }

  /// Locks the writer's row, and takes over where the log stands; connects again when it must.
  ///
  /// The first questions of the writes go with it. What they learn meanwhile is no more than a guess, and
  /// forgotten when the group itself begins.
  func begin(ahead: [PendingWrite]) throws {
    if !current.isAlive || current.isInTransaction { try reconnect() }
    current.group.begin(wall: clock.now)
    let scout = PostgreSQLScout(current, ahead, guesses: lastAnswers)
    defer { lastAnswers = scout.smallAnswers }
    try current.send(Self.begin, [])
    try current.send(Self.lock, [])
    scout.begin()
    // The row is waited for until the database itself says that it takes too long, and not much longer
    // for a database that says nothing.
    current.deadline =
      monotonicNanoseconds() + UInt64(configuration.lockSeconds + 2) * 1_000_000_000
    defer { current.deadline = .max }
    do {
      var locked: PostgreSQLResult?
      try scout.takeAnswers(behind: 2) { locked = $0 }
      current.deadline = .max
      guard let row = locked, row.rowCount == 1 else {
        throw DatabaseError(.corrupt, "the database has lost the row of its writer")
      }
      let found = (
        seq: row.int(0), at: row.int(1), lease: LeaseClock(time: row.int(2), wall: row.int(3)),
        version: row.int(4), wall: row.int(5) * 1000, number: row.int(6)
      )
      guard found.version <= schema.version else {
        throw DatabaseError.newerSchema(found.version, known: schema.version)
      }
      fate = (found.number, .random(in: .min ... .max))
      clock.set(database: found.wall, machine: wallNanoseconds())
      if found.seq != current.group.committedSequence { othersWrote = true }
      current.group.load(sequence: found.seq, time: found.at, lease: found.lease)
      current.group.begin(wall: clock.now)
      start = current.group.mark
    } catch let error as DatabaseError where error.kind == .busy {
      try endFrozenHolder()
      throw DatabaseError(.aborted, error.message, detail: error.detail)
    }
    try scout.goOn()
  }

  func ready() throws {
    if !current.isAlive { try reconnect() }
    current.deadline =
      monotonicNanoseconds() + UInt64(configuration.connectSeconds) * 1_000_000_000
  }

  private static let room: [SQL] = [
    "CREATE UNLOGGED TABLE holdfast_room(content TEXT)",
    SQL(
      """
      INSERT INTO holdfast_room SELECT repeat('x', 1000)
      FROM generate_series(1, \(roomWanted / 1000))
      """),
  ]

  /// Fills a table that nobody ever sees.
  func findRoom() throws {
    try ready()
    defer { rollBack() }
    try current.send(Self.begin, [])
    for statement in Self.room { try current.send(statement, []) }
    try current.settle()
  }

  private static let last: SQL = "SELECT seq FROM writer WHERE id = 1"

  func othersHaveWritten() throws -> Bool {
    defer { othersWrote = false }
    let last = try current.first(Self.last) { $0.int(0) }
    return othersWrote || last != current.group.committedSequence
  }

  private func reconnect() throws {
    let group = current.group
    current = try PostgreSQLWriterConnection(
      configuration, program: Self.program, clock: clock)
    current.group = group
    if schema.isUnfinished { try current.claimCopy(schema) }
  }

  /// What the sessions of writers are called in the server's list of them.
  static let program = "holdfast writer"

  private static let endHolder: SQL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'holdfast writer'
      AND pid <> pg_backend_pid() AND wait_event_type = 'Client'
      AND state <> 'idle' AND state_change < clock_timestamp() - interval '3 seconds'
    """

  /// Ends the transaction of a server that stands still in the middle of sending, which none of the
  /// database's own limits of time notices.
  private func endFrozenHolder() throws {
    rollBack()
    _ = try current.answer(to: Self.endHolder, [])
  }

  var gathers: Bool { true }
  var isInTransaction: Bool { current.isInTransaction }
  // What is on the way hides from libpq that the transaction has failed.
  var hasFailed: Bool { current.failure != nil || current.hasFailed }

  func run(_ write: PendingWrite) throws -> PendingWrite.Ran {
    current.failure = nil
    let ran = try write.run(current)
    // A closure may have caught the error; the database does not go on behind it.
    if let failure = current.failure { throw failure }
    return ran
  }

  func settle() throws { try current.settle() }

  func openSavepoint() throws { try current.send(Self.savepoint, []) }
  func releaseSavepoint() throws { try current.send(Self.release, []) }
  func rollBackToSavepoint() throws {
    do {
      try current.settle()
    } catch let error as DatabaseError where error.kind == .aborted {
      // What was still on the way behind the error; the server would skip this with it.
    }
    try current.send(Self.rollBackOne, [])
    try current.settle()
  }

  /// Commits, and where the connection broke in the middle of it, finds out what became of it.
  func commit() throws {
    var isInDoubt = false
    do {
      let lease = current.group.takeMovedLease()
      if lease != nil || current.group.hasNewSequence {
        let lease = lease ?? current.group.writtenLease
        try current.send(
          Self.writeBack,
          [
            .int(current.group.lastSequence), .int(current.group.time), .int(lease.time),
            .int(lease.wall),
          ])
        isInDoubt = true
      }
      if isInDoubt || current.group.hasChanged(since: start) {
        try current.send(Self.mark, [.int(slot), .int(fate.number), .int(fate.mark)])
        isInDoubt = true
      }
      try current.sendCommit()
      try current.settle()
    } catch let error as DatabaseError {
      guard isInDoubt, error.kind == .unreachable else {
        rollBack()
        throw error
      }
      try settleFate(error)
    }
  }

  func mustIsolate(_ error: DatabaseError) -> Bool {
    !error.isPassing && error.kind != .commitUnknown
  }

  /// Where the mark of the group's commit stands: a thousand transactions later it is overwritten.
  private var slot: Int64 { fate.number % 1024 }

  private enum Fate { case committed, aborted, unknown }

  /// Finds out whether a transaction was committed whose connection broke.
  ///
  /// - Throws: ``DatabaseError/Kind/aborted`` when it was not, ``DatabaseError/Kind/commitUnknown``
  ///   when the database does not say so in time.
  private func settleFate(_ lost: DatabaseError) throws {
    let deadline = monotonicNanoseconds() + configuration.retryMax
    while true {
      let found: Fate
      do {
        found = try askFate()
      } catch {
        // Whatever stands in the way of the question says nothing about the answer.
        guard monotonicNanoseconds() < deadline, !state.isEnding else { throw unknown(lost) }
        pauseBriefly()
        continue
      }
      switch found {
      case .committed: return
      case .aborted: throw DatabaseError(.aborted, lost.message, detail: lost.detail)
      case .unknown: throw unknown(lost)
      }
    }
  }

  private static let wait: SQL = "SELECT 1 FROM writer WHERE id = 1 FOR UPDATE"
  private static let found: SQL = "SELECT number, mark FROM commits WHERE slot = ?1"
  private static let status: SQL = "SELECT pg_xact_status(CAST(CAST(?1 AS TEXT) AS xid8))"

  private func askFate() throws -> Fate {
    if !current.isAlive || current.isInTransaction { try reconnect() }
    try current.send(Self.begin, [])
    defer { rollBack() }
    do {
      // The row is free when that transaction is over, which may not have noticed yet.
      _ = try current.answer(to: Self.wait, [])
    } catch let error as DatabaseError where error.kind == .busy {
      try endFrozenHolder()
      throw error
    }
    let found = try current.first(Self.found, [.int(slot)]) { ($0.int(0), $0.int(1)) }
    guard let found, found.0 >= fate.number else { return .aborted }
    if found.0 == fate.number { return found.1 == fate.mark ? .committed : .aborted }
    let status = try current.first(Self.status, [.text(String(fate.number))]) { $0.optionalText(0) }
    return status == "aborted" ? .aborted : .unknown
  }

  private func unknown(_ error: DatabaseError) -> DatabaseError {
    DatabaseError(
      .commitUnknown,
      "the database server went away while this was being committed, so it may or may not be there: "
        + "look whether it is before you repeat it, or repeat it with the same idempotency key",
      detail: error.detail)
  }

  func rollBack() {
    guard current.isInTransaction else { return }
    do {
      try current.send("ROLLBACK", [])
      try current.settle()
    } catch {
      // What cannot be rolled back is not used any more; the next group connects again.
      current.giveUp()
    }
  }

  func didCommit(touched: [String]) {
    if !touched.isEmpty { notifier.notify(touched) }
  }

  func didAnswer() {}

  /// The next group asks the database itself where it stands.
  var stopsWhenUnknown: Bool { false }
  var logBytesWritten: Int64 { 0 }
  var wall: Int64 { clock.now }
  func close(hasStopped: Bool) {}
}
