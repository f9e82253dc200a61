private import Dispatch
private import Glibc

/// Answers reads that come from many sides: those that wait go to the server together.
///
/// A read that asks one question needs no transaction, and no connection for itself.
final class PostgreSQLReadQueue: Sendable {
  private let readers: PostgreSQLReaders
  private let state = BusyMutex(State())
  private let haveEnded = DispatchGroup()

  private struct State {
    /// Those whose first question goes with that of others.
    var together = Line()
    /// Those that ask more than one question, each over a view of its own.
    var alone = Line()
    var isClosed = false
    var askers = 0
    var threads: Set<pthread_t> = []
  }

  /// Reads that wait, and the threads that wait for them.
  private struct Line {
    let wake = DispatchSemaphore(value: 0)
    var reads: [PendingRead] = []
    var sleeping = 0
    /// Whether no more will come.
    var isClosed = false

    /// Gives what wakes a thread, if one is to be woken.
    mutating func append(_ read: PendingRead) -> DispatchSemaphore? {
      reads.append(read)
      guard sleeping > 0 else { return nil }
      sleeping -= 1
      return wake
    }

    /// Takes what waits, into an array that has the room for it already: those who come wait meanwhile.
    mutating func take(_ countMax: Int, into taken: inout [PendingRead]) {
      if reads.count <= countMax {
        swap(&taken, &reads)
      } else {
        taken.append(contentsOf: reads.prefix(countMax))
        reads.removeFirst(countMax)
      }
    }
  }

  /// Threads that ask together what waits: few, so that what comes while they ask goes together, too.
  private static let askers = 2
  /// Threads for reads that stand alone.
  private static let others = 6
  /// Reads that are asked together.
  private static let batchMax = 64
  /// Reads that may wait; one more is refused.
  private static let depthMax = 4096

  init(_ readers: PostgreSQLReaders) { self.readers = readers }

  /// Starts its threads.
  ///
  /// - Throws: ``DatabaseError`` when the system has no more of them.
  func start() throws {
    for _ in 0..<Self.askers {
      state.withLock { $0.askers += 1 }
      try startThread { [self] in
        run(\.together, Self.batchMax, answerTogether)
        askerHasEnded()
      }
    }
    for _ in 0..<Self.others { try startThread { [self] in run(\.alone, 1, answerAlone) } }
  }

  private func startThread(_ body: @escaping @Sendable () -> Void) throws {
    haveEnded.enter()
    do {
      try HoldfastDatabase.startThread(name: "holdfast-reader") { [self] in
        _ = state.withLock { $0.threads.insert(pthread_self()) }
        body()
        haveEnded.leave()
      }
    } catch {
      haveEnded.leave()
      throw error
    }
  }

  func submit(_ read: PendingRead) {
    var refusal: DatabaseError?
    let wake = state.withLock { state -> DispatchSemaphore? in
      if state.isClosed {
        refusal = DatabaseError(.stopped, "the store is closing")
      } else if state.together.reads.count + state.alone.reads.count >= Self.depthMax {
        refusal = DatabaseError(
          .overloaded, "too many reads are waiting: try again in a second")
      } else {
        return state.together.append(read)
      }
      return nil
    }
    wake?.signal()
    if let refusal { read.finish(refusal) }
  }

  /// Answers what waits, then ends the threads; one of them that calls this does not wait for itself.
  func close() {
    end()
    let isOwnThread = state.withLock { $0.threads.contains(pthread_self()) }
    if !isOwnThread { haveEnded.wait() }
  }

  /// As ``close()``, without waiting.
  func end() {
    let wake = state.withLock { state in
      state.isClosed = true
      state.together.isClosed = true
      return state.together.wake
    }
    for _ in 0..<Self.askers { wake.signal() }
  }

  /// The last of those that ask together leaves nothing behind for the others.
  private func askerHasEnded() {
    let wake = state.withLock { state -> DispatchSemaphore? in
      state.askers -= 1
      guard state.askers == 0 else { return nil }
      state.alone.isClosed = true
      return state.alone.wake
    }
    for _ in 0..<Self.others { wake?.signal() }
  }

  private enum Work {
    case reads
    case nothing(DispatchSemaphore)
    case end
  }

  private func run(
    _ line: WritableKeyPath<State, Line>, _ countMax: Int, _ answer: ([PendingRead]) -> Void
  ) {
    while true {
      var reads: [PendingRead] = []
      reads.reserveCapacity(countMax)
      let work: Work = state.withLock { state in
        state[keyPath: line].take(countMax, into: &reads)
        guard reads.isEmpty else { return .reads }
        if state[keyPath: line].isClosed { return .end }
        state[keyPath: line].sleeping += 1
        return .nothing(state[keyPath: line].wake)
      }
      switch work {
      case .reads: answer(reads)
      case .nothing(let wake): wake.wait()
      case .end: return
      }
    }
  }

  private func answerTogether(_ reads: [PendingRead]) {
    let questions = reads.map(PostgreSQLQuestion.init)
    do {
      let first = reads.reduce(UInt64.max) { min($0, $1.since) }
      try readers.use(since: first) { reader in try reader.askTogether(questions) }
    } catch {
      for question in questions { question.finish(error) }
      return
    }
    for question in questions where !question.isFinished {
      state.withLock { $0.alone.append(question.read) }?.signal()
    }
  }

  private func answerAlone(_ reads: [PendingRead]) {
    for read in reads {
      do {
        try readers.read(since: read.since) { try read.run($0) }
        read.finish(nil)
      } catch {
        read.finish(error)
      }
    }
  }
}
