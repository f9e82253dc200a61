private import Dispatch
private import Synchronization

/// The connections that read: a bounded number, shared by all who read.
///
/// A read has its answer, or is refused, within ``readMax``, however silent the database is.
final class PostgreSQLReaders: Sendable {
  private let configuration: PostgreSQLConfiguration
  private let clock: PostgreSQLClock
  private let free: DispatchSemaphore
  private let state = Mutex(State())
  /// Wakes those who wait for a connection to come back.
  private let cameBack = DispatchSemaphore(value: 0)

  private struct State {
    var idle: [PostgreSQLReader] = []
    /// Connections that somebody has.
    var inUse = 0
    /// Those who wait for one of them.
    var waiting = 0
    /// What everybody is told who asks before a moment, because an answer was waited for in vain.
    var silence: (until: UInt64, error: DatabaseError)?
    var isClosed = false
  }

  /// A wait for an answer that is long enough to spare others the same, and how long they are spared it.
  private static let silenceMin: UInt64 = 1_000_000_000
  /// Time that must be left to connect: libpq waits no shorter.
  private static let connectMin: UInt64 = 2_000_000_000
  /// How often a server without a free connection is asked for one.
  private static let crowdStep: UInt64 = 250_000_000

  init(_ configuration: PostgreSQLConfiguration, clock: PostgreSQLClock) {
    var configuration = configuration
    configuration.answerMax = min(configuration.readMax, configuration.answerMax)
    self.configuration = configuration
    self.clock = clock
    free = DispatchSemaphore(value: configuration.readersMax)
  }

  /// How long a read may take in all, in nanoseconds.
  var readMax: UInt64 { configuration.answerMax }

  /// Runs `body` over one moment's view, on the calling thread.
  ///
  /// - Parameter start: When the read was asked for; nil for now.
  func read<T>(since start: UInt64? = nil, _ body: (any ReadTransaction) throws -> T) throws -> T {
    try use(since: start) { try $0.snapshot(body) }
  }

  /// Gives a connection to `body`, on the calling thread.
  ///
  /// A connection that was idle may be gone meanwhile, and the others with it: as long as no row has
  /// come, `body` begins again on a new one.
  func use<T>(since start: UInt64? = nil, _ body: (PostgreSQLReader) throws -> T) throws -> T {
    let start = start ?? monotonicNanoseconds()
    let deadline = start + readMax
    let hasPlace = wait(for: free, until: deadline)
    defer { if hasPlace { free.signal() } }
    try refuseWhileSilent()
    guard hasPlace, monotonicNanoseconds() < deadline else {
      throw DatabaseError(.overloaded, "too many reads are waiting: try again in a second")
    }
    let begun = monotonicNanoseconds()
    do {
      let (reader, wasIdle) = try take(by: deadline)
      do {
        return try run(body, on: reader, by: deadline)
      } catch let error as DatabaseError
        where error.kind == .unreachable && wasIdle && !reader.hasGivenRows
      {
        state.withLock { $0.idle = [] }
        guard monotonicNanoseconds() - begun < Self.silenceMin else { throw error }
        return try run(body, on: take(by: deadline).0, by: deadline)
      }
    } catch let error as DatabaseError where error.kind == .unreachable {
      let now = monotonicNanoseconds()
      if now - begun >= Self.silenceMin {
        state.withLock { $0.silence = (now + Self.silenceMin, error) }
      }
      throw error
    }
  }

  private func run<T>(
    _ body: (PostgreSQLReader) throws -> T, on reader: PostgreSQLReader, by deadline: UInt64
  ) throws -> T {
    defer { giveBack(reader) }
    reader.deadline = deadline
    return try body(reader)
  }

  /// Looks something up when that takes a moment only; nil when it does not, or fails.
  func glance<T>(_ body: (any ReadTransaction) throws -> T) -> T? {
    guard free.wait(timeout: .now()) == .success else { return nil }
    defer { free.signal() }
    var configuration = configuration
    configuration.connectSeconds = 1
    do {
      let reader = try takeIdle() ?? connect(configuration, by: .max)
      let second = monotonicNanoseconds() + 1_000_000_000
      return try run({ try $0.snapshot(body) }, on: reader, by: second)
    } catch {
      return nil
    }
  }

  // MARK: Connections

  /// A connection, and whether it was there already.
  ///
  /// Where the server takes no more of them, one of those that are there does, as soon as it comes back.
  private func take(by deadline: UInt64) throws -> (PostgreSQLReader, Bool) {
    while true {
      if let idle = try takeIdle() { return (idle, true) }
      do {
        return (try connect(by: deadline), false)
      } catch let error as DatabaseError where error.kind == .noConnection {
        guard monotonicNanoseconds() < deadline, waitForOthers(until: deadline) else { throw error }
      }
    }
  }

  private func takeIdle() throws -> PostgreSQLReader? {
    try state.withLock { state in
      guard !state.isClosed else { throw DatabaseError(.stopped, "the store is closing") }
      guard let reader = state.idle.popLast() else { return nil }
      state.inUse += 1
      return reader
    }
  }

  private func connect(by deadline: UInt64) throws -> PostgreSQLReader {
    guard monotonicNanoseconds() + min(Self.connectMin, readMax / 2) <= deadline else {
      throw PostgreSQLConnection.tooLate
    }
    return try connect(configuration, by: deadline)
  }

  private func connect(
    _ configuration: PostgreSQLConfiguration, by deadline: UInt64
  ) throws -> PostgreSQLReader {
    let reader = try PostgreSQLReader(
      configuration, program: "holdfast reader", clock: clock, by: deadline)
    state.withLock { $0.inUse += 1 }
    return reader
  }

  /// Waits a moment for a connection that somebody has; false when nobody has one.
  private func waitForOthers(until deadline: UInt64) -> Bool {
    let mustWait = state.withLock { state -> Bool? in
      guard state.idle.isEmpty else { return false }
      guard state.inUse > 0 else { return nil }
      state.waiting += 1
      return true
    }
    guard let mustWait else { return false }
    guard mustWait else { return true }
    let next = min(deadline, monotonicNanoseconds() + Self.crowdStep)
    if !wait(for: cameBack, until: next) {
      // One too many only makes somebody look once more.
      state.withLock { $0.waiting = max($0.waiting - 1, 0) }
    }
    return true
  }

  private func wait(for semaphore: DispatchSemaphore, until deadline: UInt64) -> Bool {
    let now = monotonicNanoseconds()
    let left = max(deadline, now) - now
    return semaphore.wait(timeout: .now() + .nanoseconds(Int(clamping: left))) == .success
  }

  private func giveBack(_ reader: PostgreSQLReader) {
    let mustWake = state.withLock { state in
      state.inUse -= 1
      if reader.isAlive {
        state.silence = nil
        if !state.isClosed { state.idle.append(reader) }
      }
      guard state.waiting > 0 else { return false }
      state.waiting -= 1
      return true
    }
    if mustWake { cameBack.signal() }
  }

  /// An answer that was waited for in vain spares those who stood in line the same wait.
  private func refuseWhileSilent() throws {
    let silence = state.withLock { $0.silence }
    if let silence, monotonicNanoseconds() < silence.until { throw silence.error }
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
    _ configuration: PostgreSQLConfiguration, program: String, clock: PostgreSQLClock,
    by deadline: UInt64 = .max
  ) throws {
    stepMax = configuration.stepMax
    try super.init(configuration, program: program, clock: clock, by: deadline)
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
