private import Dispatch

/// What waits for the writer's thread.
///
/// - Parameter Owner: Whoever runs the work that is no write.
final class WriteQueue<Owner: AnyObject>: Sendable {
  /// One thing for the writer to do.
  enum Job: Sendable {
    case write(PendingWrite)
    /// Something else that happens on the writer's thread, between groups.
    case control(@Sendable (Owner) -> Void)
  }

  private struct State {
    var jobs: [Job] = []
    /// Writes among the jobs.
    var writes = 0
    /// The number of jobs that wakes the writer; 0 while it does not sleep.
    var wakesAt = 0
    var isClosed = false
    var refusal: DatabaseError?
  }

  private let state = BusyMutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let depthMax: Int

  init(depthMax: Int) {
    self.depthMax = depthMax
  }

  /// Queues a write, or says why not.
  func push(_ write: PendingWrite) -> DatabaseError? {
    push(.write(write), limit: depthMax)
  }

  /// Queues work for the writer's thread, or says why not.
  func push(control: @escaping @Sendable (Owner) -> Void) -> DatabaseError? {
    push(.control(control), limit: .max)
  }

  private func push(_ job: Job, limit: Int) -> DatabaseError? {
    let (refusal, mustWake) = state.withLock { state -> (DatabaseError?, Bool) in
      if let refusal = state.refusal {
        if state.isClosed { return (refusal, false) }
        if case .write = job { return (refusal, false) }
      }
      if state.isClosed { return (DatabaseError(.stopped, "the store is closing"), false) }
      if state.writes >= limit {
        return (
          DatabaseError(.overloaded, "too many writes are waiting: try again in a second"), false
        )
      }
      state.jobs.append(job)
      if case .write = job { state.writes += 1 }
      let mustWake = state.wakesAt > 0 && state.jobs.count >= state.wakesAt
      if mustWake { state.wakesAt = 0 }
      return (nil, mustWake)
    }
    if mustWake { wake.signal() }
    return refusal
  }

  private enum Taken {
    case jobs([Job], isClosed: Bool)
    case nothing
    /// Fewer than are expected.
    case tooFew
  }

  /// How long the writer waits for jobs that it expects, in nanoseconds.
  private static var gatherMax: UInt64 { 250_000 }

  /// Takes everything that waits, sleeping until there is something or the deadline has come.
  ///
  /// - Parameters:
  ///   - deadline: On the monotonic clock; nil for none.
  ///   - expected: How many jobs are likely to be there in a moment; once there is one, the others are
  ///     waited for, but not for long.
  /// - Returns: The jobs in order, and whether the queue is closed.
  func take(deadline: UInt64?, expecting expected: Int = 1) -> (jobs: [Job], isClosed: Bool) {
    var wanted = max(expected, 1)
    while true {
      let taken = state.withLock { state -> Taken in
        if !state.isClosed, state.jobs.count < wanted {
          state.wakesAt = state.jobs.isEmpty ? 1 : wanted
          return state.jobs.isEmpty ? .nothing : .tooFew
        }
        let jobs = state.jobs
        // Kept capacity: the array is refilled at the same size a moment later.
        state.jobs = []
        state.writes = 0
        state.jobs.reserveCapacity(jobs.count)
        return .jobs(jobs, isClosed: state.isClosed)
      }
      let end: UInt64?
      let isEmpty: Bool
      switch taken {
      case .jobs(let jobs, let isClosed): return (jobs, isClosed)
      case .nothing: (end, isEmpty) = (deadline, true)
      case .tooFew:
        // They have a moment to come; then whoever is there is taken.
        (end, isEmpty) = (monotonicNanoseconds() + Self.gatherMax, false)
        wanted = 1
      }
      let timeout = end.map { DispatchTime(uptimeNanoseconds: $0) } ?? .distantFuture
      if wake.wait(timeout: timeout) == .timedOut {
        let wasWoken = state.withLock { state in
          defer { state.wakesAt = 0 }
          return state.wakesAt == 0
        }
        guard wasWoken else {
          if isEmpty { return ([], false) }
          continue
        }
        // A push that came between the time-out and the lock has signalled: take that signal too.
        wake.wait()
      }
    }
  }

  /// Refuses all further writes with this error.
  func refuse(_ error: DatabaseError) {
    state.withLock { $0.refusal = error }
  }

  /// Refuses everything from now on; what is queued is still done.
  func close() {
    let mustWake = state.withLock { state in
      state.isClosed = true
      defer { state.wakesAt = 0 }
      return state.wakesAt > 0
    }
    if mustWake { wake.signal() }
  }

  /// Writes that wait.
  var depth: Int { state.withLock { $0.writes } }
}
