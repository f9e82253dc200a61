import Synchronization

/// A clock of the machine that a test sets.
final class TestClock: Sendable {
  private let time: Atomic<Int64>
  private let looked = Atomic<Int>(0)

  /// Some day of 2027.
  init(_ time: Int64 = 1_800_000_000_000_000_000) {
    self.time = Atomic(time)
  }

  var now: Int64 {
    looked.add(1, ordering: .relaxed)
    return time.load(ordering: .sequentiallyConsistent)
  }

  /// How often somebody looked at it.
  var looks: Int { looked.load(ordering: .relaxed) }

  /// Sets the clock forward by so many seconds, or back.
  func advance(seconds: Int64) {
    time.add(seconds * 1_000_000_000, ordering: .sequentiallyConsistent)
  }
}
