private import Dispatch
private import Synchronization

/// Tells those who wait for it that something was committed, by this process or by another one.
///
/// Who waits takes a ``mark`` first, looks, and then waits for what came behind the mark: so nothing is
/// missed in between. No thread stands still for it.
public final class CommitSignal: Sendable {
  /// A place in the order of what was told.
  public struct Mark: Sendable {
    fileprivate let count: UInt64
  }

  private struct State {
    var count: UInt64 = 0
    var waiting: [UInt64: Waiter] = [:]
    var lastWaiter: UInt64 = 0
    var hasEnded = false
  }

  private struct Waiter {
    let timer: any DispatchSourceTimer
    let wake: @Sendable () -> Void
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "holdfast-signal")

  /// What other processes are told beside the keys that a commit has touched.
  static let key = "log"

  public init() {}

  public var mark: Mark { Mark(count: state.withLock { $0.count }) }

  /// Whether nobody may wait any more.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Calls `body` once, on a queue that it may not hold up: when something was told behind the mark, when
  /// the time is over, or when all waits end.
  ///
  /// - Parameter nanoseconds: How long to wait at most.
  public func wait(
    since mark: Mark, nanoseconds: UInt64, _ body: @escaping @Sendable () -> Void
  ) {
    let isDue = state.withLock { state in
      guard state.count == mark.count, !state.hasEnded else { return true }
      state.lastWaiter += 1
      let number = state.lastWaiter
      let timer = DispatchSource.makeTimerSource(queue: queue)
      timer.schedule(deadline: .now() + .nanoseconds(Int(clamping: nanoseconds)))
      timer.setEventHandler { [weak self] in self?.take(number)?.wake() }
      timer.resume()
      state.waiting[number] = Waiter(timer: timer, wake: body)
      return false
    }
    if isDue { queue.async(execute: body) }
  }

  private func take(_ number: UInt64) -> Waiter? {
    state.withLock { $0.waiting.removeValue(forKey: number) }
  }

  /// Something was committed.
  func tell() { wakeAll { $0.count &+= 1 } }

  /// Ends all waits, those that are still to come too.
  func end() { wakeAll { $0.hasEnded = true } }

  private func wakeAll(_ change: (inout State) -> Void) {
    let woken = state.withLock { state in
      change(&state)
      defer { if !state.waiting.isEmpty { state.waiting = [:] } }
      return state.waiting
    }
    guard !woken.isEmpty else { return }
    for waiter in woken.values { waiter.timer.cancel() }
    let wakes = woken.values.map(\.wake)
    queue.async { for wake in wakes { wake() } }
  }
}
