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
  private var current: PostgreSQLWriterConnection
  /// The number of the transaction of the group, by which its fate is asked for.
  private var transactionNumber = ""

  private static let lock: SQL = """
    SELECT seq, at, lease_time, lease_wall, version,
      CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT),
      CAST(pg_current_xact_id() AS TEXT)
    FROM writer WHERE id = 1 FOR UPDATE
    """
  private static let writeBack: SQL = """
    UPDATE writer SET seq = ?1, at = ?2, lease_time = ?3, lease_wall = ?4 WHERE id = 1
    """
  private static let begin: SQL = "BEGIN"
  private static let commitSQL: SQL = "COMMIT"
  private static let savepoint: SQL = "SAVEPOINT one"
  private static let release: SQL = "RELEASE SAVEPOINT one"
  private static let rollBackOne: SQL = "ROLLBACK TO SAVEPOINT one"

  init(
    connection: PostgreSQLWriterConnection, configuration: PostgreSQLConfiguration,
    schema: DatabaseSchema, notifier: PostgreSQLNotifier, clock: PostgreSQLClock
  ) {
    current = connection
    self.configuration = configuration
    self.schema = schema
    self.notifier = notifier
    self.clock = clock
  }

  var transaction: any WriteTransaction { current }

  var group: GroupState {
    get { current.group }
    _modify { yield &current.group }
  }

  /// Locks the writer's row, and takes over where the log stands; connects again when it must.
  func begin() throws {
    if !current.isAlive || current.isInTransaction { try reconnect() }
    try current.send(Self.begin, [])
    do {
      let found = try current.first(Self.lock) { row in
        (
          seq: row.int(0), at: row.int(1), lease: LeaseClock(time: row.int(2), wall: row.int(3)),
          version: row.int(4), wall: row.int(5) * 1000, number: row.text(6)
        )
      }
      guard let found else {
        throw DatabaseError(.corrupt, "the database has lost the row of its writer")
      }
      guard found.version <= schema.version else {
        throw DatabaseError.newerSchema(found.version, known: schema.version)
      }
      transactionNumber = found.number
      clock.set(database: found.wall, machine: wallNanoseconds())
      current.group.load(sequence: found.seq, time: found.at, lease: found.lease)
      current.group.begin(wall: clock.now)
    } catch let error as DatabaseError where error.kind == .busy {
      try endFrozenHolder()
      throw DatabaseError(.aborted, error.message, detail: error.detail)
    }
  }

  private func reconnect() throws {
    let group = current.group
    current = try PostgreSQLWriterConnection(
      configuration, program: Self.program, clock: clock)
    current.group = group
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
    _ = try current.ask(Self.endHolder, [])
  }

  var isInTransaction: Bool { current.isInTransaction }
  var hasFailed: Bool { current.hasFailed }

  func run(_ write: PendingWrite) throws -> PendingWrite.Ran { try write.run(current) }

  func settle() throws { try current.settle() }

  func openSavepoint() throws { try current.send(Self.savepoint, []) }
  func releaseSavepoint() throws { try current.send(Self.release, []) }
  func rollBackToSavepoint() throws {
    try current.send(Self.rollBackOne, [])
    try current.settle()
  }

  /// Commits, and where the connection broke in the middle of it, finds out what became of it.
  func commit() throws {
    var isCommitting = false
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
      }
      isCommitting = true
      try current.send(Self.commitSQL, [])
      try current.settle()
    } catch let error as DatabaseError {
      guard isCommitting, error.kind == .unreachable else {
        rollBack()
        throw error
      }
      try settleFate(error)
    }
  }

  private static let fate: SQL = "SELECT pg_xact_status(CAST(?1 AS xid8))"

  /// Asks the database whether a transaction was committed whose connection broke.
  ///
  /// - Throws: ``DatabaseError/Kind/aborted`` when it was not, ``DatabaseError/Kind/commitUnknown``
  ///   when the database does not come back in time.
  private func settleFate(_ error: DatabaseError) throws {
    let number = transactionNumber
    let deadline = monotonicNanoseconds() + configuration.retryMax
    while monotonicNanoseconds() < deadline {
      do {
        try reconnect()
        while monotonicNanoseconds() < deadline {
          let status = try current.first(Self.fate, [.text(number)]) { $0.optionalText(0) } ?? nil
          switch status {
          case "committed": return
          case "aborted": throw DatabaseError(.aborted, error.message, detail: error.detail)
          // The server has not noticed yet that its client is gone.
          case "in progress": pauseBriefly()
          default: throw unknown(error)
          }
        }
      } catch let error as DatabaseError where error.kind == .unreachable {
        pauseBriefly()
      }
    }
    throw unknown(error)
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
      current.give(up: error)
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
