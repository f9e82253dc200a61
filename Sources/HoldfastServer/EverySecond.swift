private import Dispatch
internal import HoldfastDatabase
internal import HoldfastStore
private import Synchronization

/// A thread that does something every second until it is stopped.
final class EverySecond: Sendable {
  private let stopped = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(name: String, _ body: @escaping @Sendable () -> Void) throws {
    let stopped = stopped
    let ended = ended
    try startThread(name: name) {
      while stopped.wait(timeout: .now() + .seconds(1)) == .timedOut { body() }
      ended.signal()
    }
  }

  /// Ends the thread, once what it does now is done.
  func stop() {
    stopped.signal()
    ended.wait()
  }
}

/// Sweeps a store, and says so in the log when that begins to fail.
final class StoreSweep: Sendable {
  private let store: Store
  private let log: AccessLog
  private let isFailing = Mutex(false)

  init(_ store: Store, log: AccessLog) {
    self.store = store
    self.log = log
  }

  func run() {
    do {
      try store.sweep()
      isFailing.withLock { $0 = false }
    } catch {
      let wasFailing = isFailing.withLock { isFailing in
        defer { isFailing = true }
        return isFailing
      }
      if !wasFailing { log.failure(error, of: "sweep") }
    }
  }
}
