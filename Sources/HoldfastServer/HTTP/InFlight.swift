private import Dispatch
internal import HoldfastDatabase
private import Synchronization

/// Counts what is under way, so that a server can end without breaking any of it.
final class InFlight: Sendable {
  /// Requests from their request line to the last byte of their answer.
  private let exchanges = Atomic(0)
  /// Those of them that have come in whole, so that their clients wait for an answer.
  private let awaited = Atomic(0)
  private let draining = Atomic(false)
  private let closed = Atomic(false)
  private let progress = DispatchSemaphore(value: 0)

  /// Whether new requests are refused.
  var isDraining: Bool { draining.load(ordering: .relaxed) }
  /// Whether nothing may be started any more.
  var isClosed: Bool { closed.load(ordering: .sequentiallyConsistent) }
  /// Whether no request is under way.
  var isEmpty: Bool { exchanges.load(ordering: .sequentiallyConsistent) == 0 }
  /// Whether nobody waits for an answer.
  var isAnswered: Bool { awaited.load(ordering: .sequentiallyConsistent) == 0 }

  func began() { exchanges.add(1, ordering: .relaxed) }

  /// A request is whole.
  ///
  /// Called before ``isClosed`` is, so that a closing server sees it.
  func becameWhole() { awaited.add(1, ordering: .sequentiallyConsistent) }

  func ended(whole: Bool) {
    if whole { awaited.subtract(1, ordering: .sequentiallyConsistent) }
    exchanges.subtract(1, ordering: .sequentiallyConsistent)
    if draining.load(ordering: .sequentiallyConsistent) { progress.signal() }
  }

  /// From now on new requests are refused.
  func drain() { draining.store(true, ordering: .sequentiallyConsistent) }

  /// From now on nothing is started, not even what has come in.
  func close() { closed.store(true, ordering: .sequentiallyConsistent) }

  /// Waits until something is so, or until a moment on the monotonic clock.
  ///
  /// - Returns: Whether it is so.
  func wait(until moment: UInt64, _ isSo: (InFlight) -> Bool) -> Bool {
    while !isSo(self) {
      guard monotonicNanoseconds() < moment else { return false }
      _ = progress.wait(timeout: DispatchTime(uptimeNanoseconds: moment))
    }
    return true
  }
}
