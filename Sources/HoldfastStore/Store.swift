internal import CSodium
public import HoldfastDatabase
internal import HoldfastModel

/// A store: one database with everything in it, and the operations on it.
public final class Store: Sendable {
  public let database: any Database
  public let facts: StoreFacts
  /// The index of the search, which who holds the store for longer tends.
  public let search: SearchIndex
  /// Where reads run that may take longer than a thread that answers should be kept.
  let heavyReads = HeavyReads()

  /// Opens a store over a database of this module's schema.
  public init(database: any Database, settings: StoreSettings = StoreSettings()) throws {
    self.database = database
    search = SearchIndex(database)
    let key = try Self.identityKey(of: database)
    facts = StoreFacts(
      ids: TaskIDPermutation(key: key), settings: settings, statements: RowStatements())
  }

  /// Opens the store in a file.
  ///
  /// - Parameters:
  ///   - configuration: The file, and how it is used.
  ///   - lock: Its lock, taken for writing.
  /// - Throws: ``HoldfastError`` that names the file and says why it cannot be used.
  public convenience init(
    opening configuration: SQLiteConfiguration, lock: StoreLock, settings: StoreSettings
  ) throws {
    do {
      let database = try SQLiteDatabase(
        configuration: configuration, schema: StoreSchema.current, lock: lock)
      try self.init(database: database, settings: settings)
    } catch {
      throw Self.naming(configuration.path, error)
    }
  }

  /// Opens the store in a database on a PostgreSQL server.
  ///
  /// - Throws: ``HoldfastError`` saying why it cannot be used.
  public convenience init(opening configuration: PostgreSQLConfiguration, settings: StoreSettings)
    throws
  {
    do {
      let database = try PostgreSQLDatabase(
        configuration: configuration, schema: StoreSchema.current)
      try self.init(database: database, settings: settings)
    } catch {
      throw asHoldfastError(error)
    }
  }

  /// Takes the lock of a store's file if nobody holds it.
  ///
  /// - Throws: ``HoldfastError`` that names the file when it cannot have a lock.
  public static func lock(path: String, kind: String) throws -> StoreLock? {
    do {
      return try StoreLock.acquire(path: path, mode: .exclusive, kind: kind)
    } catch {
      throw naming(path, error)
    }
  }

  /// An error on the way to the owner of the file, who may know its path.
  private static func naming(_ path: String, _ error: any Error) -> any Error {
    let known = asHoldfastError(error)
    guard error is DatabaseError, var known = known as? HoldfastError else { return known }
    known.message = "\(path): \(known.message)"
    return known
  }

  private static let readKey: SQL = "SELECT key FROM store WHERE id = 1"
  private static let writeKey: SQL = """
    INSERT INTO store(id, key, epoch) VALUES (1, ?1, 1) ON CONFLICT (id) DO NOTHING
    """

  /// The key of the store's ids, made when the store is new.
  private static func identityKey(of database: any Database) throws -> (UInt64, UInt64) {
    let read = { try database.read { try $0.first(readKey) { $0.bytes(0) } } }
    var key = try read()
    if key == nil {
      var fresh = [UInt8](repeating: 0, count: 16)
      guard sodium_init() >= 0 else {
        throw HoldfastError(.internalError, "the source of random numbers is not available")
      }
      randombytes_buf(&fresh, fresh.count)
      let made = fresh
      try database.write { try $0.execute(writeKey, [.bytes(made)]) }
      key = try read()
    }
    guard let key, key.count == 16 else {
      throw HoldfastError(.corrupt, "the store has no key of its ids")
    }
    return key.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  /// Runs an operation that reads.
  public func run<Q: Query>(_ query: Q) throws -> Q.Answer {
    try query.check()
    return try translatingErrors {
      try query.complete(database.read { try query.run(in: StoreView($0, facts: facts)) })
    }
  }

  /// Makes an operation that reads, which is queued where answers come from afar.
  ///
  /// - Parameter completion: Called once, perhaps on another thread: keep it short.
  func submit<Q: Query>(
    _ query: Q, completion: @escaping @Sendable (Result<Q.Answer, any Error>) -> Void
  ) {
    do {
      try query.check()
    } catch {
      completion(.failure(error))
      return
    }
    let facts = facts
    database.read(
      { try query.run(in: StoreView($0, facts: facts)) },
      completion: { result in
        completion(Result { try query.complete(result.get()) }.mapError(asHoldfastError))
      })
  }

  /// Runs an operation that reads and takes its time for it.
  public func run<R: Report>(_ report: R) throws -> R.Answer {
    try report.check()
    return try translatingErrors { try report.run(on: self) }
  }

  /// Runs an operation that lists, handing over one element at a time.
  @discardableResult
  public func run<L: Listing>(_ listing: L, _ each: (L.Element) throws -> Void) throws -> ListEnd {
    let walk = try walk(listing)
    return try translatingErrors { try walk.run(each) }
  }

  /// Begins to run an operation that lists.
  func walk<L: Listing>(_ listing: L) throws -> ListWalk<L.Element> {
    try listing.check()
    return try translatingErrors { try listing.walk(over: StoreReads(self)) }
  }

  /// Runs an operation that changes the store, and blocks until it is on disk.
  ///
  /// - Returns: nil when the operation waited in vain.
  public func run<M: Mutation>(_ mutation: M, caller: Caller = Caller()) throws -> M.Answer? {
    let handover = Handover<Result<M.Answer?, any Error>>()
    submit(mutation, caller: caller) { handover.set($0) }
    return try handover.wait().get()
  }

  /// Queues an operation that changes the store.
  ///
  /// - Parameter completion: Called once, when the answer is on disk or refused; on the writer's
  ///   thread, so keep it short. nil when the operation waited in vain.
  public func submit<M: Mutation>(
    _ mutation: M, caller: Caller,
    completion: @escaping @Sendable (Result<M.Answer?, any Error>) -> Void
  ) {
    let prepared: M.Prepared
    do {
      try mutation.check()
      prepared = try mutation.prepare(over: self)
    } catch {
      completion(.failure(error))
      return
    }
    let facts = facts
    database.write(
      waiting: mutation.waiting.map { wait(for: $0, caller: caller) },
      { transaction in
        try mutation.run(prepared, in: Changes(transaction, caller: caller, facts: facts))
      },
      completion: { result in
        guard M.actsBesideStore else { return completion(result.mapError(asHoldfastError)) }
        completion(
          Result {
            try mutation.ended(prepared, result)
            return try result.get()
          }.mapError(asHoldfastError))
      })
  }

  private func wait(for waiting: Waiting, caller: Caller) -> WriteWait {
    WriteWait(
      key: waiting.key, tag: waiting.tag,
      deadline: monotonicNanoseconds() + UInt64(max(waiting.milliseconds, 0)) * 1_000_000,
      name: waiting.name,
      isRepeat: { [facts] in try waiting.isRepeat(StoreView($0, facts: facts)) },
      isWanted: caller.isConnected)
  }
}

/// Turns a failure of the database underneath into one that a caller can act on.
func translatingErrors<R>(_ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch {
    throw asHoldfastError(error)
  }
}

/// The one table from failures of the database to errors of the wire.
public func asHoldfastError(_ error: any Error) -> any Error {
  guard let error = error as? DatabaseError else { return error }
  let code: HoldfastError.Code =
    switch error.kind {
    case .full, .fullForIndex: .storageFull
    case .commitUnknown: .commitUnknown
    case .overloaded: .overloaded
    // Not ``unavailable``: the same request again would take as long.
    case .tooLong: .readTooLong
    case .stopped, .busy, .io, .cannotOpen, .unreachable, .noConnection, .aborted:
      .unavailable
    case .readOnly, .newerSchema: .readOnly
    case .corrupt, .foreignFile, .lostWrites: .corrupt
    case .duplicate: .conflict
    case .notSupported: .notAvailable
    case .constraint, .misuse: .internalError
    }
  return HoldfastError(code, error.message)
}

extension Store {
  /// Reads over one moment's view of the store, for work that spans it in steps.
  package func view<R>(_ body: (StoreView) throws -> R) throws -> R {
    try translatingErrors { try database.read { try body(StoreView($0, facts: facts)) } }
  }

  /// Reads over one moment's view, however long that takes.
  package func wholeView<R>(_ body: (StoreView) throws -> R) throws -> R {
    try translatingErrors { try database.readWhole { try body(StoreView($0, facts: facts)) } }
  }

  private static let keysPerStep: Int64 = 10_000

  /// Goes through the rows of a statement by their keys, in short reads.
  ///
  /// - Parameters:
  ///   - rows: Gives rows with keys in (`?1`, `?2`], the key as the first column, in their order.
  ///   - last: Gives the last key.
  ///   - values: The statement's other values, from `?3` on.
  ///   - decode: Reads a row.
  ///   - each: Takes what was read, outside of any read, so it may take its time.
  package func walk<T>(
    _ rows: SQL, through last: SQL, _ values: [SQLValue], decode: (any Row) throws -> T,
    _ each: (T) throws -> Void
  ) throws {
    let end = try view { try $0.reading.first(last) { $0.int(0) } } ?? 0
    var after: Int64 = 0
    while after < end {
      var decoded: [T] = []
      after = try view { view in
        var reached = after
        let through = min(after + Self.keysPerStep, end)
        let isWhole = try view.reading.query(rows, [.int(after), .int(through)] + values) { row in
          reached = row.int(0)
          decoded.append(try decode(row))
          return !view.reading.stepIsOver
        }
        return isWhole ? through : reached
      }
      for value in decoded { try each(value) }
    }
  }
}
