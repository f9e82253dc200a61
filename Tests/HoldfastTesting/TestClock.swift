public import HoldfastDatabase
internal import Glibc
private import Synchronization

/// The machine's clock of a test: it stands until it is moved.
public final class TestClock: Sendable {
  private let time: Mutex<Int64>

  /// - Parameter start: Nanoseconds since 1970 UTC.
  public init(start: Int64 = 1_800_000_000_000_000_000) { time = Mutex(start) }

  /// Nanoseconds since 1970 UTC.
  public var now: Int64 { time.withLock { $0 } }

  /// Moves the clock.
  public func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }

  /// Moves the clock by so little that no lease minds.
  public func tick() { time.withLock { $0 += 1000 } }

  /// Lets the clock be that of a store.
  public func install(in configuration: inout SQLiteConfiguration) {
    configuration.wallClock = { [self] in now }
  }

  /// Moves the clock as far as it takes until leases of that length have ended: lease time goes on
  /// by 30 s at most with each write.
  public func endLeases(seconds: Int64, in database: any Database) throws {
    for _ in 0...(seconds / 30) {
      advance(seconds: 30)
      try database.write { _ = try $0.leaseTime }
    }
  }
}

/// Looks again and again until something is so, for ten seconds.
///
/// - Returns: Whether it became so.
public func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = monotonicNanoseconds() + 10_000_000_000
  while monotonicNanoseconds() < deadline {
    if condition() { return true }
    sched_yield()
  }
  return false
}
