private import Glibc
private import Synchronization

/// What the writer tells the other threads about itself.
final class WriterState: Sendable {
  struct Values {
    var stopReason: String?
    /// Why writes fail that the writer takes: the disk is full.
    var fullReason: String?
    var checkpointError: String?

    /// What health says is amiss.
    var failure: String? { stopReason ?? fullReason }
    var groups: Int64 = 0
    var writes: Int64 = 0
    var checkpoints: Int64 = 0
    var lastSequence: Int64 = 0
    var logBytesWritten: Int64 = 0
    var parked = 0
  }

  /// Tells who waits for it of each commit.
  let commits = CommitSignal()
  private let values = Mutex(Values())
  private let thread = Atomic<UInt>(0)
  private let isOver = Atomic(false)

  /// Says that the calling thread is the writer's.
  func claimThread() { thread.store(UInt(pthread_self()), ordering: .relaxed) }
  var isWriterThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Says that nothing is tried again any more: the store is about to close.
  func end() { isOver.store(true, ordering: .relaxed) }
  var isEnding: Bool { isOver.load(ordering: .relaxed) }

  var current: Values { values.withLock { $0 } }
  var isWriting: Bool { values.withLock { $0.stopReason == nil } }

  func committed(writes: Int, lastSequence: Int64, logBytesWritten: Int64, parked: Int) {
    values.withLock { values in
      if writes > 0 { values.groups += 1 }
      values.writes += Int64(writes)
      values.lastSequence = lastSequence
      values.parked = parked
      values.logBytesWritten = logBytesWritten
    }
  }

  /// The log in the database goes up to that number at least.
  func loaded(lastSequence: Int64) {
    values.withLock { $0.lastSequence = max($0.lastSequence, lastSequence) }
  }
  /// The writer tries on while the database is away; nil when it is back.
  func setAway(reason: String?) { values.withLock { $0.stopReason = reason } }
  /// The disk is full; nil when it has room again.
  func setFull(reason: String?) { values.withLock { $0.fullReason = reason } }
  func stop(reason: String) { values.withLock { $0.stopReason = reason } }
  func setParked(_ count: Int) { values.withLock { $0.parked = count } }
  func checkpointed() {
    values.withLock { values in
      values.checkpoints += 1
      values.checkpointError = nil
    }
  }
  func checkpointFailed(_ words: String) { values.withLock { $0.checkpointError = words } }
}
