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
    var isSleeping = false
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
      defer { state.isSleeping = false }
      return (nil, state.isSleeping)
    }
    if mustWake { wake.signal() }
    return refusal
  }

  /// Takes everything that waits, sleeping until there is something or the deadline has come.
  ///
  /// - Returns: The jobs in order, and whether the queue is closed.
  func take(deadline: UInt64?) -> (jobs: [Job], isClosed: Bool) {
    while true {
      let (jobs, isClosed, mustSleep) = state.withLock { state -> ([Job], Bool, Bool) in
        if state.jobs.isEmpty && !state.isClosed {
          state.isSleeping = true
          return ([], false, true)
        }
        let jobs = state.jobs
        // Kept capacity: the array is refilled at the same size a moment later.
        state.jobs = []
        state.writes = 0
        state.jobs.reserveCapacity(jobs.count)
        return (jobs, state.isClosed, false)
      }
      guard mustSleep else { return (jobs, isClosed) }
      let timeout = deadline.map { DispatchTime(uptimeNanoseconds: $0) } ?? .distantFuture
      if wake.wait(timeout: timeout) == .timedOut {
        let wasWoken = state.withLock { state in
          defer { state.isSleeping = false }
          return !state.isSleeping
        }
        guard wasWoken else { return ([], false) }
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
      defer { state.isSleeping = false }
      return state.isSleeping
    }
    if mustWake { wake.signal() }
  }

  /// Writes that wait.
  var depth: Int { state.withLock { $0.writes } }
}
