private import Dispatch
private import Synchronization

/// The engine of a fleet: a database on a PostgreSQL server, written by any number of processes.
public final class PostgreSQLDatabase: Database {
  private let queue: WriteQueue<WriterLoop<PostgreSQLWriter>>
  private let readers: PostgreSQLReaders
  private let reads: PostgreSQLReadQueue
  private let notifier: PostgreSQLNotifier
  private let state = WriterState()
  private let writerHasEnded = DispatchSemaphore(value: 0)
  private let isRunning = Mutex(false)
  private let engineName: String
  private let configuration: PostgreSQLConfiguration
  private let clock: PostgreSQLClock

  /// Connects, and brings the schema up to date.
  ///
  /// - Parameters:
  ///   - configuration: The database, and how it is used.
  ///   - schema: What must be in it.
  /// - Throws: ``DatabaseError`` saying why the database cannot be used. Nothing is changed then.
  public init(configuration: PostgreSQLConfiguration, schema: DatabaseSchema) throws {
    self.configuration = configuration
    clock = PostgreSQLClock(replacement: configuration.wallClock)
    let queue = WriteQueue<WriterLoop<PostgreSQLWriter>>(depthMax: configuration.queueDepthMax)
    self.queue = queue
    readers = PostgreSQLReaders(configuration, clock: clock)
    reads = PostgreSQLReadQueue(readers)
    // A closed queue has nobody left to wake.
    notifier = try PostgreSQLNotifier(
      configuration,
      heard: { [state] keys in
        state.commits.tell()
        _ = queue.push(control: { $0.wake(keys) })
      },
      lost: { _ = queue.push(control: { $0.check() }) })
    let connection = try PostgreSQLWriterConnection(
      configuration, program: PostgreSQLWriter.program, clock: clock)
    let version = connection.serverVersion
    engineName = "PostgreSQL \(version / 10_000).\(version % 10_000)"
    state.loaded(
      lastSequence: try PostgreSQLSchemaSetup(connection: connection, schema: schema)
        .bringUpToDate())
    let engine = PostgreSQLWriter(
      connection: connection, configuration: configuration, schema: schema, notifier: notifier,
      clock: clock, state: state)
    let loop = WriterLoop(
      engine: engine, queue: queue, state: state,
      limits: WriterLimits(
        groupMax: configuration.groupMax, groupBytesMax: configuration.groupBytesMax,
        tick: configuration.tick, retryMax: configuration.retryMax),
      schema: schema)
    // Handed over: from here on the writer's thread alone uses it.
    nonisolated(unsafe) var writer: WriterLoop<PostgreSQLWriter>? = loop
    let ended = writerHasEnded
    try startThread(name: "holdfast-writer") {
      writer?.run()
      // Closes the connection before anybody hears of the end.
      writer = nil
      ended.signal()
    }
    isRunning.withLock { $0 = true }
    try notifier.start()
    try reads.start()
  }

  deinit { close() }

  // MARK: Database

  public func read<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    try readers.read(body)
  }

  public var queuesReads: Bool { true }

  public func submit(_ read: PendingRead) { reads.submit(read) }

  public func submit(_ write: PendingWrite) {
    if let refusal = queue.push(write) { write.finish(refusal) }
  }

  public func endWaits() {
    state.end()
    state.commits.end()
    // A closed queue has ended them already.
    _ = queue.push(control: { $0.endWaits() })
  }

  public func endWaits(where isOver: @escaping @Sendable (WriteWait) -> Bool) {
    _ = queue.push(control: { $0.endWaits(where: isOver) })
  }

  public var commits: CommitSignal { state.commits }

  var reportConfiguration: PostgreSQLConfiguration { configuration }
  var reportClock: PostgreSQLClock { clock }

  public func readWhole<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    try PostgreSQLReader(configuration, program: "holdfast export", clock: clock).snapshot(body)
  }

  private static let size: SQL = "SELECT pg_database_size(current_database())"

  private static let last: SQL = "SELECT seq FROM writer WHERE id = 1"

  public var wallTime: Int64 { clock.now }

  public var waitingWrites: Int { queue.depth }

  public var health: DatabaseHealth {
    // Others write, too; the last number that is known here must do while the database is away.
    if state.isWriting, let last = readers.glance({ try $0.first(Self.last) { $0.int(0) } }) ?? nil
    {
      state.loaded(lastSequence: last)
    }
    let values = state.current
    return DatabaseHealth(
      engine: engineName, isWriting: values.failure == nil, writerStopReason: values.failure,
      queueDepth: queue.depth, parked: values.parked, isFile: false, walBytes: 0, fileBytes: 0,
      lastSequence: values.lastSequence, groups: values.groups, writes: values.writes,
      checkpoints: 0, walBytesWritten: values.logBytesWritten)
  }

  public func backup(to path: String, progress: @Sendable (Int, Int) throws -> Void) throws {
    throw DatabaseError(
      .notSupported,
      "a store on PostgreSQL is backed up with PostgreSQL's own tools: "
        + "'pg_dump --format=custom --file=\(path) DATABASE'")
  }

  private static let hasCheck: SQL = """
    SELECT has_function_privilege(oid, 'EXECUTE') FROM pg_proc
    WHERE proname = 'bt_index_check' AND pronargs = 1
    """
  private static let indexes: SQL = """
    SELECT CAST(pg_class.oid AS BIGINT), CAST(relname AS TEXT) FROM pg_class
    JOIN pg_am ON pg_am.oid = relam
    WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'i' AND amname = 'btree'
    ORDER BY 2
    """
  private static let checkIndex: SQL = "SELECT bt_index_check(CAST(CAST(?1 AS BIGINT) AS regclass))"

  /// Checks the indexes with PostgreSQL's amcheck
  /// (https://www.postgresql.org/docs/15/amcheck.html), where that is installed.
  public func checkIntegrity() throws -> [String] {
    guard try uncheckedIntegrity == nil else { return [] }
    let indexes = try read { try $0.all(Self.indexes, []) { (id: $0.int(0), name: $0.text(1)) } }
    // An index may be large: a connection of its own, with all the time that it takes.
    var patient = configuration
    patient.answerMax = 7 * 86_400 * 1_000_000_000
    let reader = try PostgreSQLReader(patient, program: "holdfast verify", clock: clock)
    var problems: [String] = []
    for index in indexes {
      do {
        try reader.snapshot { try $0.query(Self.checkIndex, [.int(index.id)]) { _ in } }
      } catch let error as DatabaseError where error.kind == .corrupt || error.kind == .io {
        problems.append("The index \(index.name) is damaged (\(error.detail)).")
      }
    }
    return problems
  }

  public var uncheckedIntegrity: String? {
    get throws {
      switch try read({ try $0.first(Self.hasCheck) { $0.int(0) != 0 } }) {
      case true?: nil
      case false?:
        "The database's own structures were not checked: its user may not run amcheck; GRANT EXECUTE "
          + "ON FUNCTION bt_index_check(regclass) gives it the right."
      case nil:
        "The database's own structures were not checked: CREATE EXTENSION amcheck lets 'verify' do so."
      }
    }
  }

  public var databaseBytes: Int64? {
    get throws { try read { try $0.first(Self.size) { $0.int(0) } } }
  }

  // A table with what is stored apart from it, as long texts are.
  private static let space: SQL = """
    SELECT CAST(relname AS TEXT),
      CASE relkind WHEN 'r' THEN pg_table_size(oid) ELSE pg_relation_size(oid) END
    FROM pg_class
    WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'i')
    ORDER BY 2 DESC, 1
    """

  public func spaceByTable() throws -> [(name: String, bytes: Int64)] {
    try read { try $0.all(Self.space, []) { ($0.text(0), $0.int(1)) } }
  }

  public func close() {
    state.end()
    state.commits.end()
    queue.close()
    // The writer's own thread ends when its completion returns; it cannot wait for itself.
    guard !state.isWriterThread else { return reads.end() }
    isRunning.withLock { isRunning in
      if isRunning { writerHasEnded.wait() }
      isRunning = false
    }
    notifier.stop()
    reads.close()
    readers.close()
  }
}
