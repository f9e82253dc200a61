private import Dispatch
private import Synchronization

/// Lets readers pass together, and keeps them out for the moment in which the log starts over.
///
/// Without it two steady readers overlap for ever, the log can never start over, and the file beside
/// the store grows without bound. Every read passes twice, so an open gate is one atomic number: a
/// mutex that is handed on to a sleeping thread makes all readers sleep in turn.
final class ReaderGate: Sendable {
  /// Twice the readers inside, and one more while it is closed.
  private let state = Atomic(0)
  private static let closedMark = 1
  private static let reader = 2

  /// Readers that wait until it is open.
  private let waiting = Mutex(0)
  private let opened = DispatchSemaphore(value: 0)
  private let emptied = DispatchSemaphore(value: 0)

  /// Enters as a reader, waiting while the gate is closed.
  func enter() {
    while true {
      let seen = state.load(ordering: .relaxed)
      if Self.isClosed(seen) {
        waitUntilOpen()
      } else if state.weakCompareExchange(
        expected: seen, desired: seen + Self.reader, ordering: .acquiring
      ).exchanged {
        return
      }
    }
  }

  func leave() {
    // Nobody enters while it is closed, so one of those inside is the last.
    let left = state.subtract(Self.reader, ordering: .acquiringAndReleasing).newValue
    if left == Self.closedMark { emptied.signal() }
  }

  private static func isClosed(_ state: Int) -> Bool { state & closedMark != 0 }

  private func waitUntilOpen() {
    let mustWait = waiting.withLock { waiting in
      // Looked at again: who opens it takes this lock afterwards, so nobody is forgotten.
      guard Self.isClosed(state.load(ordering: .acquiring)) else { return false }
      waiting += 1
      return true
    }
    if mustWait { opened.wait() }
  }

  /// Closes the gate, waits until the readers inside have left, runs `body` and opens it again.
  ///
  /// - Parameters:
  ///   - patience: How long to wait for the readers, in nanoseconds.
  ///   - body: What needs the readers out.
  /// - Returns: nil, and `body` has not run, when a reader stays for longer.
  func closed<R>(patience: UInt64, _ body: () throws -> R) rethrows -> R? {
    let before = state.bitwiseOr(Self.closedMark, ordering: .acquiringAndReleasing).oldValue
    defer { open() }
    if before >= Self.reader && !isEmptied(within: patience) { return nil }
    return try body()
  }

  private func isEmptied(within patience: UInt64) -> Bool {
    let end = DispatchTime.now() + .nanoseconds(Int(clamping: patience))
    if emptied.wait(timeout: end) == .success { return true }
    var seen = state.load(ordering: .acquiring)
    while seen != Self.closedMark {
      // Opened in the same moment, so that whoever leaves from here on gives no signal.
      let (isOpen, now) = state.compareExchange(
        expected: seen, desired: seen & ~Self.closedMark, ordering: .acquiringAndReleasing)
      if isOpen { return false }
      seen = now
    }
    // The last one left after the time-out: take its signal too.
    emptied.wait()
    return true
  }

  private func open() {
    state.bitwiseAnd(~Self.closedMark, ordering: .acquiringAndReleasing)
    let count = waiting.withLock { waiting in
      defer { waiting = 0 }
      return waiting
    }
    for _ in 0..<count { opened.signal() }
  }
}
