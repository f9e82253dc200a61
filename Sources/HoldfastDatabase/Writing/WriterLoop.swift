/// The loop of the writer's thread: it takes all writes that wait into one transaction, commits once,
/// then answers them.
///
/// Everything that runs here is serial, so no rule above needs to think about concurrent writers.
/// Confined to its thread.
final class WriterLoop<Engine: WriterEngine> {
  let engine: Engine
  private let queue: WriteQueue<WriterLoop>
  private let state: WriterState
  private let limits: WriterLimits
  private let schema: DatabaseSchema

  private var parking = ParkingLot()
  /// Jobs that are likely to be there for the next group.
  private var expected = 1
  /// Whether a write with nothing to give ends at once.
  private var waitsHaveEnded = false
  /// What every write is told since the disk failed.
  private var refusal: DatabaseError?
  /// Whether the database is away: then a group is tried once.
  private var isAway = false
  /// When to look whether it is back.
  private var nextCheck: UInt64 = 0
  /// Whether the disk is full, as far as writes have met it.
  private var isFull = false
  /// When to look whether it has room again.
  private var nextRoom: UInt64 = 0
  private var nextTick: UInt64
  /// When to look again for leases that ended while somebody waits for what they held.
  private var nextLook: UInt64 = 0

  init(
    engine: Engine, queue: WriteQueue<WriterLoop>, state: WriterState, limits: WriterLimits,
    schema: DatabaseSchema
  ) {
    self.engine = engine
    self.queue = queue
    self.state = state
    self.limits = limits
    self.schema = schema
    self.nextTick = monotonicNanoseconds() + limits.tick
  }

  /// Runs until the queue is closed and empty, and leaves the database in order.
  func run() {
    state.claimThread()
    while true {
      // A parked round is due at once: then only look at the queue, without sleeping.
      let (jobs, isClosed) =
        parking.hasRound
        ? queue.take(deadline: 0)
        : queue.take(deadline: nextDeadline, expecting: engine.gathers ? expected : 1)
      expireWaits()
      if isAway, monotonicNanoseconds() >= nextCheck { check() }
      if isFull, monotonicNanoseconds() >= nextRoom { lookForRoom() }
      tickLeaseClock()
      wakeForOthers()
      var writes = takeParkedRound()
      for job in jobs {
        switch job {
        case .write(let write):
          writes.append(write)
          if writes.count >= limits.groupMax {
            commit(group: writes)
            writes = []
          }
        case .control(let work):
          if !writes.isEmpty { commit(group: writes) }
          writes = []
          work(self)
        }
      }
      if !writes.isEmpty { commit(group: writes) }
      state.setParked(parking.count)
      // Who was answered comes back in a moment, and is best served together with those behind.
      expected = jobs.count + queue.depth
      if isClosed && jobs.isEmpty { break }
    }
    for write in parking.takeAll() { write.finish(WaitEnded()) }
    engine.close(hasStopped: refusal != nil)
  }

  // MARK: One group

  /// Commits the writes in one transaction, or in several when they are large.
  private func commit(group: [PendingWrite]) {
    var left = group[...]
    // What an engine asks ahead for writes that find no place, it asks again: so a group that was too
    // large goes on in pieces of the size that found one, which grow while they are small.
    var pieceMax = group.count
    while !left.isEmpty {
      let piece = Array(left.prefix(pieceMax))
      let without = commitFirst(of: piece)
      left = without + left.dropFirst(piece.count)
      if !without.isEmpty {
        pieceMax = max(piece.count - without.count, 1)
      } else if engine.group.bytes < limits.groupBytesMax / 2 {
        pieceMax *= 2
      }
    }
  }

  /// Runs writes in one transaction, commits once, then answers them.
  ///
  /// - Returns: The writes that found no place in the transaction.
  private func commitFirst(of group: [PendingWrite]) -> [PendingWrite] {
    if let refusal {
      for write in group { write.finish(refusal) }
      return []
    }
    var outcome: Outcome
    do {
      outcome = try run(group: group)
    } catch let error as DatabaseError {
      // Before anybody hears of it, so that health says so, too.
      if error.kind == .commitUnknown, engine.stopsWhenUnknown { stop(because: error) }
      let isAway = error.isPassing || [.cannotOpen, .newerSchema].contains(error.kind)
      setAway(isAway ? error : nil)
      if error.isFullDisk { setFull(error) }
      for write in group { write.finish(error) }
      return []
    } catch {
      for write in group { write.finish(error) }
      return []
    }
    setAway(nil)
    let errors = outcome.answers.lazy.compactMap { $0.error as? DatabaseError }
    if let full = errors.first(where: \.isFullDisk) {
      setFull(full)
    } else if isFull, engine.group.hasNewSequence {
      setFull(nil)
    }
    let hasNews = engine.group.hasNewSequence
    let touched = engine.group.takeTouched()
    engine.didCommit(touched: hasNews ? touched + [CommitSignal.key] : touched)
    state.committed(
      writes: outcome.answers.count { $0.error == nil }, lastSequence: engine.group.lastSequence,
      logBytesWritten: engine.logBytesWritten, parked: parking.count)
    for key in touched { parking.touch(key) }
    if hasNews { state.commits.tell() }
    for answer in outcome.answers { answer.write.finish(answer.error) }
    outcome.answers = []
    engine.didAnswer()
    return outcome.left
  }

  /// Remembers whether the database is away, and says so.
  private func setAway(_ error: DatabaseError?) {
    guard isAway || error != nil else { return }
    isAway = error != nil
    nextCheck = monotonicNanoseconds() + lookStep
    state.setAway(reason: error?.message)
  }

  /// Remembers whether the disk is full, and says so.
  private func setFull(_ error: DatabaseError?) {
    isFull = error != nil
    nextRoom = monotonicNanoseconds() + lookStep
    state.setFull(reason: error?.message)
  }

  private struct Answer {
    let write: PendingWrite
    let error: (any Error)?
  }

  private struct Outcome {
    var answers: [Answer]
    /// The writes that have not run.
    let left: [PendingWrite]
  }

  /// How a write of a group ran.
  private enum Ran {
    /// With the error, or with an answer that counts after the commit.
    case ended((any Error)?)
    /// There is nothing to give it yet.
    case mustPark
    /// It failed behind its first change, and had no savepoint to go back to.
    case leftChanges(any Error)
  }

  /// Runs the group until its commit stands.
  ///
  /// Savepoints copy every page that a closure is the first to change, so the group runs without them
  /// at first. A closure that fails leaves nothing behind when it has changed nothing, as nearly all
  /// do; after any other the group starts over, each closure inside a savepoint of its own.
  ///
  /// SQLite drops the whole transaction on a full disk or an I/O error in the middle. Then no answer
  /// of the group stands: the closure that met the error is answered with it, and the others run
  /// once more in a new transaction.
  ///
  /// A group that the database gave up for another one, or whose connection broke before the commit,
  /// runs again for as long as ``WriterLimits/retryMax`` allows; one that it gave up a few times, with
  /// each closure inside a savepoint of its own, so that a closure that cannot go well fails alone.
  private func run(group: [PendingWrite]) throws -> Outcome {
    var tries = Tries(until: monotonicNanoseconds() + (isAway ? 0 : limits.retryMax))
    var left = group
    var refused: [Answer] = []
    var isIsolating = false
    while true {
      guard !left.isEmpty else { return Outcome(answers: refused, left: []) }
      do {
        switch try tryOnce(left, isIsolated: isIsolating) {
        case .committed(let outcome):
          return Outcome(answers: refused + outcome.answers, left: outcome.left)
        case .mustIsolate: isIsolating = true
        case .fell(let index, let error):
          refused.append(Answer(write: left.remove(at: index), error: error))
        }
      } catch let error as DatabaseError
        where error.isPassing && !state.isEnding && tries.mayGoOn()
      {
        // A single connection that broke is nothing that anybody needs to know of.
        if error.kind != .aborted, tries.count > 1 { setAway(error) }
        if error.kind == .aborted, tries.count >= Self.triesTogether { isIsolating = true }
      }
    }
  }

  /// How often a group that the database gives up runs as one.
  private static var triesTogether: Int { 5 }

  /// What came of one try to run a group.
  private enum Try {
    case committed(Outcome)
    /// A closure left changes behind that nothing but a savepoint undoes.
    case mustIsolate
    /// The transaction fell with this write.
    case fell(Int, any Error)
  }

  private func tryOnce(_ group: [PendingWrite], isIsolated: Bool) throws -> Try {
    var answers: [Answer] = []
    var parked: [PendingWrite] = []
    var ran = 0
    do {
      do {
        engine.group.expect(group.count)
        try engine.begin(ahead: isIsolated ? [] : group)
      } catch let error as DatabaseError where !isIsolated && engine.mustIsolate(error) {
        // Whoever asks something impossible is told so in their turn.
        engine.rollBack()
        return .mustIsolate
      }
      for (index, write) in group.enumerated() {
        switch runOne(write, alreadyParked: parked, isIsolated: isIsolated) {
        case .ended(let error):
          if !engine.isInTransaction {
            let error = error ?? DatabaseError(.aborted, "the transaction fell")
            if let error = error as? DatabaseError, error.isPassing { throw error }
            return .fell(index, error)
          }
          answers.append(Answer(write: write, error: error))
        case .mustPark: parked.append(write)
        case .leftChanges(let error):
          if let error = error as? DatabaseError, error.isPassing { throw error }
          engine.rollBack()
          return .mustIsolate
        }
        ran = index + 1
        if engine.group.bytes >= limits.groupBytesMax { break }
      }
      do {
        try engine.commit()
      } catch let error as DatabaseError where !isIsolated && engine.mustIsolate(error) {
        return .mustIsolate
      }
    } catch {
      engine.rollBack()
      throw error
    }
    for write in parked { parking.park(write) }
    return .committed(Outcome(answers: answers, left: Array(group[ran...])))
  }

  /// Runs one write, inside a savepoint of its own when it is isolated.
  private func runOne(
    _ write: PendingWrite, alreadyParked: [PendingWrite], isIsolated: Bool
  ) -> Ran {
    let before = engine.group.mark
    do {
      if isIsolated { try engine.openSavepoint() }
      let ran = try mustQueueBehind(alreadyParked, write) ? .wait : engine.run(write)
      if isIsolated {
        try engine.settle()
        try engine.releaseSavepoint()
      }
      if case .wait = ran {
        guard let wait = write.wait, !waitsHaveEnded, wait.deadline > monotonicNanoseconds() else {
          return .ended(WaitEnded())
        }
        return .mustPark
      }
      return .ended(nil)
    } catch {
      let hasChanged = engine.group.hasChanged(since: before) || engine.hasFailed
      engine.group.reset(to: before)
      guard engine.isInTransaction else { return .ended(error) }
      guard isIsolated else { return hasChanged ? .leftChanges(error) : .ended(error) }
      do {
        try engine.rollBackToSavepoint()
        try engine.releaseSavepoint()
      } catch {
        // The savepoint cannot be undone: give up the whole transaction, so that nothing of the
        // failed closure can slip into the commit.
        engine.rollBack()
      }
      return .ended(error)
    }
  }

  /// Whether an equal request waits already, so that this one could only overtake it.
  ///
  /// Not so for a request that was done before: it gets its answer again.
  private func mustQueueBehind(_ parkedNow: [PendingWrite], _ write: PendingWrite) throws -> Bool {
    guard let wait = write.wait else { return false }
    let isBehind =
      parking.holds(equalTo: wait)
      || parkedNow.contains { $0.wait?.tag == wait.tag }
    return try isBehind && !wait.isRepeat(engine.transaction)
  }

  private func stop(because error: DatabaseError) {
    let refusal = DatabaseError(
      .stopped,
      "the store takes no writes since its disk failed: check the disk, then restart the server",
      detail: error.detail)
    self.refusal = refusal
    queue.refuse(refusal)
    state.stop(reason: error.message)
    let parked = parking.takeAll()
    state.setParked(0)
    for write in parked { write.finish(refusal) }
  }

  // MARK: Between groups

  private func takeParkedRound() -> [PendingWrite] {
    guard parking.hasRound else { return [] }
    let (line, unwanted) = parking.takeRound()
    for write in unwanted { write.finish(WaitEnded()) }
    return line
  }

  /// Wakes those who wait for what a commit elsewhere has touched; nil wakes all.
  func wake(_ keys: [String]?) {
    for key in keys ?? parking.keys { parking.touch(key) }
  }

  func endWaits(where isOver: (WriteWait) -> Bool) {
    for write in parking.take(where: isOver) { write.finish(WaitEnded()) }
    state.setParked(parking.count)
  }

  func endWaits() {
    waitsHaveEnded = true
    for write in parking.takeAll() { write.finish(WaitEnded()) }
  }

  private func expireWaits() {
    for write in parking.takeExpired(now: monotonicNanoseconds()) { write.finish(WaitEnded()) }
  }

  /// Moves the lease clock on while leases live, so that an idle store lets them end.
  private func tickLeaseClock() {
    let now = monotonicNanoseconds()
    guard now >= nextTick else { return }
    nextTick = now + limits.tick
    guard refusal == nil,
      look({ try $0.exists(schema.liveLease, [.int(engine.leaseEstimate)]) }) ?? false
    else { return }
    commit(group: [Self.moveOfLeases])
  }

  private static var moveOfLeases: PendingWrite {
    PendingWrite(
      wait: nil,
      run: { transaction in
        _ = try transaction.leaseTime
        return .done
      }, finish: { _ in })
  }

  /// Finds out whether the database is there when nobody writes: an empty group says so.
  func check() { commit(group: [PendingWrite(wait: nil, run: { _ in .done }, finish: { _ in })]) }

  /// Finds out whether a full disk has room again when nobody writes.
  private func lookForRoom() {
    nextRoom = monotonicNanoseconds() + lookStep
    guard refusal == nil, !isAway else { return }
    do {
      try engine.findRoom()
      setFull(nil)
    } catch let error as DatabaseError where error.isFullDisk || error.isPassing {
      // As before, as far as anybody knows.
    } catch {
      // Who may make no table cannot look; the next write does.
      setFull(nil)
    }
  }

  /// Looks something up between groups; one that fails gives nil and is made again at the next time.
  private func look<T>(_ body: (any ReadTransaction) throws -> T) -> T? {
    guard state.isWriting else { return nil }
    let begun = monotonicNanoseconds()
    do {
      try engine.ready()
      return try body(engine.transaction)
    } catch {
      // Who writes next is spared another wait for a database that says nothing.
      if let error = error as? DatabaseError, error.kind == .unreachable,
        monotonicNanoseconds() - begun >= lookStep
      {
        setAway(error)
      }
      return nil
    }
  }

  private var nextDeadline: UInt64 {
    let next = min(nextTick, isAway ? nextCheck : .max, isFull ? nextRoom : .max)
    guard let nextEnd = parking.nextDeadline else { return next }
    return min(nextEnd, next, nextLook)
  }

  /// Runs those again who wait for what an ended lease has set free, or another process has written
  /// without a word.
  private func wakeForOthers() {
    guard !parking.isEmpty else { return }
    let now = monotonicNanoseconds()
    guard now >= nextLook else { return }
    nextLook = now + lookStep
    if look({ _ in try engine.othersHaveWritten() }) ?? false { wake(nil) }
    guard let sql = schema.endedLeases else { return }
    let keys = look { try $0.all(sql, [.int(engine.leaseEstimate)]) { $0.text(0) } }
    for key in keys ?? [] { parking.touch(key) }
  }
}

/// How often it is looked for ended leases while somebody waits, for a database that is away, and for room
/// on a full disk, in nanoseconds.
private let lookStep: UInt64 = 1_000_000_000
