private import Glibc

/// The time in which a group may be tried again, with growing pauses.
struct Tries {
  let until: UInt64
  private(set) var count = 0
  private var pause: UInt32 = 1_000

  init(until: UInt64) { self.until = until }

  /// Waits a moment; false when the time is over.
  mutating func mayGoOn() -> Bool {
    guard monotonicNanoseconds() < until else { return false }
    usleep(pause)
    count += 1
    pause = min(pause * 2, 200_000)
    return true
  }
}
