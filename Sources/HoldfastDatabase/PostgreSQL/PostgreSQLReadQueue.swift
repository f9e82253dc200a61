private import Dispatch
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
    var sleeping = 0
    var isClosed = false
  }

  /// Threads that take what waits, in turn.
  private static let threads = 4
  /// Reads that are asked together.
  private static let batchMax = 64
  /// Reads that may wait; one more is refused.
  private static let depthMax = 4096

  init(_ readers: PostgreSQLReaders) { self.readers = readers }

  /// Starts its threads.
  ///
  /// - Throws: ``DatabaseError`` when the system has no more of them.
  func start() throws {
    for _ in 0..<Self.threads {
      haveEnded.enter()
      do {
        try startThread(name: "holdfast-reader") { [self] in
          run()
          haveEnded.leave()
        }
      } catch {
        haveEnded.leave()
        throw error
      }
    }
  }

  func submit(_ read: PendingRead) {
    let (refusal, mustWake) = state.withLock { state -> (DatabaseError?, Bool) in
      if state.isClosed { return (DatabaseError(.stopped, "the store is closing"), false) }
      if state.waiting.count >= Self.depthMax {
        return (
          DatabaseError(.overloaded, "too many reads are waiting: try again in a second"), false
        )
      }
      state.waiting.append(read)
      guard state.sleeping > 0 else { return (nil, false) }
      state.sleeping -= 1
      return (nil, true)
    }
    if mustWake { wake.signal() }
    if let refusal { read.finish(refusal) }
  }

  /// Answers what waits, then ends the threads.
  func close() {
    let sleeping = state.withLock { state in
      state.isClosed = true
      defer { state.sleeping = 0 }
      return state.sleeping
    }
    for _ in 0..<sleeping { wake.signal() }
    haveEnded.wait()
  }

  private func run() {
    while true {
      let (batch, isClosed) = state.withLock { state in
        let batch = Array(state.waiting.prefix(Self.batchMax))
        state.waiting.removeFirst(batch.count)
        if batch.isEmpty && !state.isClosed { state.sleeping += 1 }
        return (batch, state.isClosed)
      }
      if !batch.isEmpty {
        answer(batch)
      } else if isClosed {
        return
      } else {
        wake.wait()
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
    // Those that ask more than one question, each over one moment's view.
    for question in questions where !question.isFinished {
      do {
        try readers.read { try question.read.run($0) }
        question.finish(nil)
      } catch {
        question.finish(error)
      }
    }
  }
}

/// A read, and the one question that it asks before it has an answer.
private final class PostgreSQLQuestion: ReadTransaction {
  let read: PendingRead
  private(set) var isFinished = false
  private var asked: (sql: SQL, values: [SQLValue])?
  private var answer: PostgreSQLResult?
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
  func ask(over connection: PostgreSQLReader) -> Bool {
    self.connection = connection
    (asked, answer) = (nil, nil)
    run()
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
      try connection?.send(sql, values)
      self.asked = (sql, values)
      throw Stop.hasAsked
    }
    guard let answer, asked == (sql, values) else { throw Stop.asksMore }
    try answer.each(body)
  }

  func query(
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
    let asked = questions.filter { $0.ask(over: self) }
    var answers: [PostgreSQLResult] = []
    do {
      if !asked.isEmpty { try receive { answers.append($0) } }
    } catch let error as DatabaseError where error.kind != .unreachable {
      return
    }
    for (question, answer) in zip(asked, answers) { question.take(answer) }
  }
}
