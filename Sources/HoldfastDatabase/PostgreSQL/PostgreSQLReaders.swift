private import Dispatch
private import Synchronization

/// The connections that read: a bounded number, shared by all who read.
final class PostgreSQLReaders: Sendable {
  private let configuration: PostgreSQLConfiguration
  private let clock: PostgreSQLClock
  private let free: DispatchSemaphore
  private let state = Mutex(State())

  private struct State {
    var idle: [PostgreSQLReader] = []
    var isClosed = false
  }

  init(_ configuration: PostgreSQLConfiguration, clock: PostgreSQLClock) {
    self.configuration = configuration
    self.clock = clock
    free = DispatchSemaphore(value: configuration.readersMax)
  }

  /// Runs `body` over one moment's view, on the calling thread.
  func read<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    try use { try $0.snapshot(body) }
  }

  /// Gives a connection to `body`, on the calling thread.
  ///
  /// A connection that was idle may be gone meanwhile, and the others with it: as long as no row has
  /// come, `body` begins again on a new one.
  func use<T>(_ body: (PostgreSQLReader) throws -> T) throws -> T {
    guard free.wait(timeout: .now() + .nanoseconds(Int(configuration.answerMax))) == .success else {
      throw DatabaseError(.overloaded, "too many reads are waiting: try again in a second")
    }
    defer { free.signal() }
    if let idle = try takeIdle() {
      do {
        return try run(body, on: idle)
      } catch let error as DatabaseError where error.kind == .unreachable && !idle.hasGivenRows {
        state.withLock { $0.idle = [] }
      }
    }
    return try run(
      body, on: PostgreSQLReader(configuration, program: "holdfast reader", clock: clock))
  }

  private func run<T>(
    _ body: (PostgreSQLReader) throws -> T, on reader: PostgreSQLReader
  ) throws -> T {
    defer { if reader.isAlive { giveBack(reader) } }
    return try body(reader)
  }

  /// Looks something up when that takes a moment only; nil when it does not, or fails.
  func glance<T>(_ body: (any ReadTransaction) throws -> T) -> T? {
    guard free.wait(timeout: .now()) == .success else { return nil }
    defer { free.signal() }
    var configuration = configuration
    configuration.connectSeconds = 1
    do {
      let reader =
        try takeIdle()
        ?? PostgreSQLReader(configuration, program: "holdfast reader", clock: clock)
      let usual = reader.answerMilliseconds
      reader.answerMilliseconds = 1_000
      let result = try reader.snapshot(body)
      reader.answerMilliseconds = usual
      giveBack(reader)
      return result
    } catch {
      return nil
    }
  }

  private func takeIdle() throws -> PostgreSQLReader? {
    try state.withLock { state in
      guard !state.isClosed else { throw DatabaseError(.stopped, "the store is closing") }
      return state.idle.popLast()
    }
  }

  private func giveBack(_ reader: PostgreSQLReader) {
    state.withLock { state in
      if !state.isClosed { state.idle.append(reader) }
    }
  }

  /// Refuses everybody from now on; readers that are in use are closed when they come back.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.idle = []
    }
  }
}

/// One connection that reads.
///
/// `@unchecked Sendable`: libpq allows a connection to move between threads as long as one uses it at a
/// time, which the hand-over of ``PostgreSQLReaders`` guarantees.
final class PostgreSQLReader: PostgreSQLConnection, @unchecked Sendable {
  /// The moment at which a step of the current read should end.
  private var stepEnd: UInt64 = .max
  private let stepMax: UInt64
  private var statements: [PostgreSQLSharedForm: SQL] = [:]

  private static let begin: SQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

  override init(
    _ configuration: PostgreSQLConfiguration, program: String, clock: PostgreSQLClock
  ) throws {
    stepMax = configuration.stepMax
    try super.init(configuration, program: program, clock: clock)
  }

  /// Runs `body` over one snapshot.
  func snapshot<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    hasGivenRows = false
    stepEnd = monotonicNanoseconds() + stepMax
    try send(Self.begin, [], isAsking: false)
    do {
      let result = try body(self)
      try sendCommit()
      // Nobody needs to wait for its answer: it comes ahead of that of the next read.
      try flush()
      return result
    } catch {
      // The first error is the one that counts.
      if isAlive {
        do {
          try send("ROLLBACK", [])
          try settle()
        } catch {
          giveUp()
        }
      }
      throw error
    }
  }

  /// The statement for all who share it, made once.
  func statement(of form: PostgreSQLSharedForm) -> SQL {
    if let statement = statements[form] { return statement }
    let statement = form.statement
    statements[form] = statement
    return statement
  }

  override var stepIsOver: Bool { monotonicNanoseconds() >= stepEnd }
}
