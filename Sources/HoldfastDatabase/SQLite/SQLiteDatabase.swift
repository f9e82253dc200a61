internal import CSQLite
internal import CSystem
private import Dispatch
internal import Glibc
private import Synchronization

/// The embedded engine: one file, one writer's thread, any number of readers.
public final class SQLiteDatabase: Database {
  private let configuration: SQLiteConfiguration
  private let queue: WriteQueue<WriterLoop<SQLiteWriter>>
  private let gate = ReaderGate()
  private let readers: ReaderPool
  private let state: WriterState
  private let lock: StoreLock?
  private let writerHasEnded = DispatchSemaphore(value: 0)
  private let isRunning = Mutex(false)

  /// Opens a store for reading and writing, and brings its schema up to date.
  ///
  /// A store of a newer schema is only read: every write is refused, and nothing in it changes.
  ///
  /// - Parameters:
  ///   - configuration: The file, and how it is used.
  ///   - schema: What must be in it.
  ///   - lock: The store's lock, taken for writing; nil only for stores nobody else can reach.
  /// - Throws: ``DatabaseError`` saying why the file cannot be used. Nothing is overwritten then.
  public init(
    configuration: SQLiteConfiguration, schema: DatabaseSchema, lock: StoreLock?
  ) throws {
    var configuration = configuration
    if let lock { configuration.path = lock.storePath }
    self.configuration = configuration
    self.lock = lock
    queue = WriteQueue(depthMax: configuration.queueDepthMax)
    readers = ReaderPool(configuration: configuration)
    state = WriterState()

    if configuration.vfs == nil {
      try checkStoreIsThere()
      try Self.createPrivately(path: configuration.path)
    }
    // Handed over: from here on the writer's thread alone uses it.
    nonisolated(unsafe) var writer: WriterLoop<SQLiteWriter>?
    do {
      writer = try makeWriter(schema: schema)
    } catch let error as DatabaseError where error.kind == .newerSchema {
      try openToRead(schema: schema, because: error)
      return
    }
    let ended = writerHasEnded
    try startThread(name: "holdfast-writer") {
      writer?.run()
      // Closes the file and lets go of the lock, before anybody hears of the end.
      writer = nil
      ended.signal()
    }
    isRunning.withLock { $0 = true }
  }

  deinit { close() }

  // MARK: Database

  public func read<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    // The reader comes and goes inside the gate, so that none is left when the last log is copied.
    gate.enter()
    defer { gate.leave() }
    return try readers.use { try $0.snapshot(limit: configuration.readMax, body) }
  }

  public func submit(_ write: PendingWrite) {
    if let refusal = queue.push(write) { write.finish(refusal) }
  }

  public func endWaits() {
    state.commits.end()
    // A closed queue has ended them already.
    _ = queue.push(control: { $0.endWaits() })
  }

  public func endWaits(where isOver: @escaping @Sendable (WriteWait) -> Bool) {
    _ = queue.push(control: { $0.endWaits(where: isOver) })
  }

  public var commits: CommitSignal { state.commits }

  public var wallTime: Int64 { configuration.wallClock() }

  public var waitingWrites: Int { queue.depth }

  public var health: DatabaseHealth {
    let values = state.current
    return DatabaseHealth(
      engine: "SQLite \(String(cString: sqlite3_libversion()))",
      isWriting: values.failure == nil,
      writerStopReason: values.failure ?? values.checkpointError,
      queueDepth: queue.depth, parked: values.parked,
      isFile: true, walBytes: max(fileSize(configuration.path + "-wal"), 0),
      fileBytes: max(fileSize(configuration.path), 0),
      lastSequence: values.lastSequence, groups: values.groups, writes: values.writes,
      checkpoints: values.checkpoints,
      walBytesWritten: values.logBytesWritten)
  }

  public func checkIntegrity() throws -> [String] {
    // Long, so it passes no gate: the log grows meanwhile, and starts over afterwards.
    try readers.use { reader in
      try reader.snapshot(limit: nil) { try integrityProblems(of: $0) }
    }
  }

  public func spaceByTable() throws -> [(name: String, bytes: Int64)] {
    try readers.use { reader in
      try reader.snapshot(limit: nil) { try spaceOfTables($0) }
    }
  }

  public func close() {
    state.commits.end()
    queue.close()
    // The writer's own thread ends when its completion returns; it cannot wait for itself.
    guard !state.isWriterThread else { return }
    isRunning.withLock { isRunning in
      if isRunning { writerHasEnded.wait() }
      isRunning = false
    }
    readers.close()
  }

  // MARK: Parts

  var reportConfiguration: SQLiteConfiguration { configuration }

  public func readWhole<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    // Beside the gate, as a report.
    try Reader(configuration: configuration).snapshot(limit: nil, body)
  }

  private func openToRead(schema: DatabaseSchema, because reason: DatabaseError) throws {
    queue.refuse(reason)
    queue.close()
    state.stop(reason: reason.message)
    state.loaded(
      lastSequence: try readers.use { try $0.first(schema.lastLogEntry) { $0.int(0) } } ?? 0)
  }

  private func makeWriter(schema: DatabaseSchema) throws -> WriterLoop<SQLiteWriter> {
    let connection = try SQLiteWriterConnection(
      path: configuration.path, creating: true, configuration: configuration)
    do {
      try SQLiteSchemaSetup(
        connection: connection, configuration: configuration, schema: schema, lock: lock
      ).bringUpToDate()
    } catch {
      if fileSize(configuration.path + "-wal") == 0 { connection.removesLogWhenClosed() }
      throw error
    }
    // Nobody was told that an unfinished copy is there.
    lock?.begin(sequence: schema.isUnfinished ? 0 : connection.group.lastSequence)
    state.loaded(lastSequence: connection.group.lastSequence)
    let writer = SQLiteWriter(
      connection: connection, gate: gate, readers: readers, lock: lock, state: state,
      configuration: configuration)
    return WriterLoop(
      engine: writer, queue: queue, state: state,
      limits: WriterLimits(
        groupMax: configuration.groupMax, groupBytesMax: configuration.groupBytesMax,
        tick: configuration.tick, retryMax: 0),
      schema: schema)
  }

  /// Refuses to make a store where one was lost.
  ///
  /// SQLite deletes a log that lies beside a file without content, so this comes before it sees them.
  private func checkStoreIsThere() throws {
    let path = configuration.path
    guard fileSize(path) <= 0 else { return }
    let acknowledged = lock?.uncleanSequence ?? 0
    guard fileSize(path + "-wal") > 0 || acknowledged > 0 else { return }
    throw DatabaseError(
      .lostWrites,
      "The store \(path) is gone or empty, but "
        + (acknowledged > 0
          ? "\(acknowledged) changes were acknowledged before the last unclean stop. "
          : "its log \(path)-wal is there. ")
        + "Bring the file back to where its log is, or put a backup in place with "
        + "'holdfast restore'. Nothing was changed.")
  }

  /// Makes the file, readable by its owner alone, before SQLite would make it by the umask.
  ///
  /// One that is there is not opened: closing it again would drop the locks that SQLite holds on it
  /// elsewhere in this process (https://www.sqlite.org/howtocorrupt.html, section 2.2).
  private static func createPrivately(path: String) throws {
    let descriptor = holdfast_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      if code == EEXIST { return }
      throw DatabaseError(
        [EACCES, EPERM, EROFS].contains(code) ? .readOnly : code == ENOSPC ? .full : .cannotOpen,
        "the store cannot be opened for writing: \(String(cString: strerror(code)))")
    }
    Glibc.close(descriptor)
  }

  /// Runs `work` on the writer's connection between two groups, and waits for it.
  func onWriter<T: Sendable>(_ work: @escaping @Sendable (SQLiteWriter) throws -> T) throws -> T {
    let answer = Handover<Result<T, any Error>>()
    if let refusal = queue.push(control: { loop in answer.set(Result { try work(loop.engine) }) }) {
      throw refusal
    }
    return try answer.wait().get()
  }
}

extension SQLiteDatabase {
  /// The statements which were run so far, by the writer and by one reader, that go through a whole table
  /// or index, with the line of the plan that says so: what a test looks at.
  package func scans() throws -> [(sql: String, plan: String)] {
    let written = try write { try ($0 as? SQLiteConnection)?.scans ?? [] }
    return try written + read { try ($0 as? SQLiteConnection)?.scans ?? [] }
  }
}
