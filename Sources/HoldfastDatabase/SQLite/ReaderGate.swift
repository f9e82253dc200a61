private import Dispatch
private import Synchronization

/// Lets readers pass together, and keeps them out for the moment in which the log starts over.
///
/// Without it two steady readers overlap for ever, the log can never start over, and the file beside
/// the store grows without bound.
final class ReaderGate: Sendable {
  private struct State {
    var readers = 0
    var isClosed = false
    var waitingReaders = 0
  }

  private let state = Mutex(State())
  private let opened = DispatchSemaphore(value: 0)
  private let emptied = DispatchSemaphore(value: 0)

  /// Enters as a reader, waiting while the gate is closed.
  func enter() {
    while true {
      let isIn = state.withLock { state in
        guard !state.isClosed else {
          state.waitingReaders += 1
          return false
        }
        state.readers += 1
        return true
      }
      if isIn { return }
      opened.wait()
    }
  }

  func leave() {
    let isLast = state.withLock { state in
      state.readers -= 1
      return state.isClosed && state.readers == 0
    }
    if isLast { emptied.signal() }
  }

  /// Closes the gate, waits until the readers inside have left, runs `body` and opens it again.
  ///
  /// - Parameters:
  ///   - patience: How long to wait for the readers, in nanoseconds.
  ///   - body: What needs the readers out.
  /// - Returns: nil, and `body` has not run, when a reader stays for longer.
  func closed<R>(patience: UInt64, _ body: () throws -> R) rethrows -> R? {
    let mustWait = state.withLock { state in
      state.isClosed = true
      return state.readers > 0
    }
    defer { open() }
    if mustWait && !isEmptied(within: patience) { return nil }
    return try body()
  }

  private func isEmptied(within patience: UInt64) -> Bool {
    let end = DispatchTime.now() + .nanoseconds(Int(clamping: patience))
    if emptied.wait(timeout: end) == .success { return true }
    let isEmpty = state.withLock { state in
      // Open in the same moment, so that whoever leaves from here on gives no signal.
      if state.readers > 0 { state.isClosed = false }
      return state.readers == 0
    }
    // The last one left after the time-out: take its signal too.
    if isEmpty { emptied.wait() }
    return isEmpty
  }

  private func open() {
    let waiting = state.withLock { state in
      state.isClosed = false
      defer { state.waitingReaders = 0 }
      return state.waitingReaders
    }
    for _ in 0..<waiting { opened.signal() }
  }
}
