private import Dispatch
private import Glibc
private import Synchronization

/// Answers reads that come from many sides: those that wait go to the server together.
///
/// A read that asks one question needs no transaction, and no connection for itself.
final class PostgreSQLReadQueue: Sendable {
  private let readers: PostgreSQLReaders
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let haveEnded = DispatchGroup()

  private struct State {
    var waiting: [PendingRead] = []
    /// Those that ask more than one question, each over a view of its own.
    var alone: [PendingRead] = []
    var sleeping = 0
    var isClosed = false
    var threads: Set<pthread_t> = []
  }

  /// Threads that take what waits.
  ///
  /// Half of them look for reads that stand alone first, so that neither kind waits for the other.
  private static let threads = 8
  /// Reads that are asked together.
  private static let batchMax = 32
  /// Reads that may wait; one more is refused.
  private static let depthMax = 4096

  init(_ readers: PostgreSQLReaders) { self.readers = readers }

  /// Starts its threads.
  ///
  /// - Throws: ``DatabaseError`` when the system has no more of them.
  func start() throws {
    for number in 0..<Self.threads {
      haveEnded.enter()
      do {
        try startThread(name: "holdfast-reader") { [self] in
          _ = state.withLock { $0.threads.insert(pthread_self()) }
          run(prefersAlone: number % 2 == 1)
          haveEnded.leave()
        }
      } catch {
        haveEnded.leave()
        throw error
      }
    }
  }

  func submit(_ read: PendingRead) {
    let refusal = state.withLock { state -> DatabaseError? in
      if state.isClosed { return DatabaseError(.stopped, "the store is closing") }
      if state.waiting.count + state.alone.count >= Self.depthMax {
        return DatabaseError(.overloaded, "too many reads are waiting: try again in a second")
      }
      state.waiting.append(read)
      return nil
    }
    if let refusal { read.finish(refusal) } else { wakeOne() }
  }

  private func wakeOne() {
    let mustWake = state.withLock { state in
      guard state.sleeping > 0 else { return false }
      state.sleeping -= 1
      return true
    }
    if mustWake { wake.signal() }
  }

  /// Answers what waits, then ends the threads; one of them that calls this does not wait for itself.
  func close() {
    end()
    let isOwnThread = state.withLock { $0.threads.contains(pthread_self()) }
    if !isOwnThread { haveEnded.wait() }
  }

  /// As ``close()``, without waiting.
  func end() {
    let sleeping = state.withLock { state in
      state.isClosed = true
      defer { state.sleeping = 0 }
      return state.sleeping
    }
    for _ in 0..<sleeping { wake.signal() }
  }

  private enum Work {
    case together([PendingRead])
    case alone(PendingRead)
    case nothing
    case end
  }

  private func next(prefersAlone: Bool) -> Work {
    state.withLock { state in
      if !state.alone.isEmpty, prefersAlone || state.waiting.isEmpty {
        return .alone(state.alone.removeFirst())
      }
      guard state.waiting.isEmpty else {
        let batch = Array(state.waiting.prefix(Self.batchMax))
        state.waiting.removeFirst(batch.count)
        return .together(batch)
      }
      if state.isClosed { return .end }
      state.sleeping += 1
      return .nothing
    }
  }

  private func run(prefersAlone: Bool) {
    while true {
      switch next(prefersAlone: prefersAlone) {
      case .together(let batch): answer(batch)
      case .alone(let read):
        do {
          try readers.read { try read.run($0) }
          read.finish(nil)
        } catch {
          read.finish(error)
        }
      case .nothing: wake.wait()
      case .end: return
      }
    }
  }

  private func answer(_ batch: [PendingRead]) {
    let questions = batch.map(PostgreSQLQuestion.init)
    do {
      try readers.use { reader in try reader.askTogether(questions) }
    } catch {
      for question in questions { question.finish(error) }
      return
    }
    for question in questions where !question.isFinished {
      state.withLock { $0.alone.append(question.read) }
      wakeOne()
    }
  }
}

/// A read, and the one question that it asks before it has an answer.
private final class PostgreSQLQuestion: ReadTransaction {
  let read: PendingRead
  private(set) var isFinished = false
  private var asked: (sql: SQL, values: [SQLValue])?
  private var answer: PostgreSQLResult?
  /// What came of sending the question.
  private var failure: (any Error)?
  fileprivate var connection: PostgreSQLReader?

  private enum Stop: Error {
    case hasAsked
    /// It asks more than the one question.
    case asksMore
  }

  init(_ read: PendingRead) { self.read = read }

  func finish(_ error: (any Error)?) {
    guard !isFinished else { return }
    isFinished = true
    read.finish(error)
  }

  /// Sends the first question; gives whether there is one.
  ///
  /// - Throws: What the connection says.
  func ask(over connection: PostgreSQLReader) throws -> Bool {
    self.connection = connection
    (asked, answer, failure) = (nil, nil, nil)
    run()
    if let failure { throw failure }
    return asked != nil
  }

  /// Takes the answer, and ends the read if it needs no other.
  func take(_ answer: PostgreSQLResult) {
    self.answer = answer
    run()
  }

  private func run() {
    do {
      try read.run(self)
      finish(nil)
    } catch is Stop {
      // Goes on with its answer, or over a view of its own.
    } catch {
      finish(error)
    }
  }

  let dialect = Dialect.postgresql

  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    guard let asked else {
      do { try connection?.send(sql, values) } catch { failure = error }
      self.asked = (sql, values)
      throw Stop.hasAsked
    }
    guard let answer, asked == (sql, values) else { throw Stop.asksMore }
    try answer.each(body)
  }

  func readRows(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool { throw Stop.asksMore }

  var now: Int64 { connection?.now ?? 0 }
  var leaseTime: Int64 { get throws { throw Stop.asksMore } }
  var stepIsOver: Bool { false }
}

extension PostgreSQLReader {
  /// Asks the first question of each read, and ends the reads that need no other.
  ///
  /// Where one of the questions is refused, none is answered: each read is to be made alone.
  ///
  /// - Throws: ``DatabaseError`` when the server is not there.
  fileprivate func askTogether(_ questions: [PostgreSQLQuestion]) throws {
    hasGivenRows = false
    try settle()
    let asked = try questions.filter { try $0.ask(over: self) }
    guard !asked.isEmpty else { return }
    var answers: [PostgreSQLResult] = []
    do {
      try replanWhenDue()
      try receive { answers.append($0) }
    } catch let error as DatabaseError where error.kind != .unreachable {
      return
    }
    // Each read is answered by its own question or by none.
    guard answers.count == asked.count else { return }
    for (question, answer) in zip(asked, answers) { question.take(answer) }
  }
}
