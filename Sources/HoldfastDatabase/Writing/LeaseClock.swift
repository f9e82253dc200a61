/// Time by which leases end: it moves only while the store is in use.
///
/// Each step adds the wall time since the last one, at least nothing and at most 30 s, so that
/// neither a laptop's sleep, a server's downtime nor a changed clock ends anybody's lease at once.
package struct LeaseClock: Equatable {
  /// The lease time in nanoseconds; it starts at 0 with the store.
  package var time: Int64
  /// The machine's clock at the last step, in nanoseconds since 1970 UTC; 0 before the first one.
  package var wall: Int64

  /// The most that one step adds, in nanoseconds.
  package static let stepMax: Int64 = 30_000_000_000

  package init(time: Int64, wall: Int64) {
    self.time = time
    self.wall = wall
  }

  package func advanced(to now: Int64) -> LeaseClock {
    let step = wall == 0 ? 0 : min(max(now - wall, 0), Self.stepMax)
    return LeaseClock(time: time + step, wall: now)
  }
}
