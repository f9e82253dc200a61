private import Synchronization

/// Counts what was answered, by route, and how long it took.
///
/// Labels are the routes' patterns, never what a client sent, so their number is bounded.
final class Metrics: Sendable {
  private final class Counters: Sendable {
    let succeeded = Atomic(0)
    let refused = Atomic(0)
    let failed = Atomic(0)
    /// Requests that broke off before we had an answer.
    let broken = Atomic(0)
    let nanoseconds = Atomic<UInt64>(0)
  }

  /// What was counted for one route.
  struct RouteCount {
    let method: String
    let path: String
    let succeeded: Int
    let refused: Int
    let failed: Int
    let broken: Int
    let seconds: Double
  }

  private let routes: [Route]
  /// One for each route, and a last one for requests that match none.
  private let counters: [Counters]

  init(routes: [Route]) {
    self.routes = routes
    counters = (0...routes.count).map { _ in Counters() }
  }

  /// Counts one request, with the status of its answer if there was one.
  func count(route: Int?, status: Int?, nanoseconds: UInt64) {
    let counters = counters[route ?? routes.count]
    switch status {
    case nil: counters.broken.add(1, ordering: .relaxed)
    case .some(..<400): counters.succeeded.add(1, ordering: .relaxed)
    case .some(400..<500): counters.refused.add(1, ordering: .relaxed)
    default: counters.failed.add(1, ordering: .relaxed)
    }
    counters.nanoseconds.add(nanoseconds, ordering: .relaxed)
  }

  /// The counts of all routes that were asked for.
  var counts: [RouteCount] {
    counters.enumerated().compactMap { index, counters in
      let count = RouteCount(
        method: index < routes.count ? routes[index].method.rawValue : "",
        path: index < routes.count ? routes[index].path : "unmatched",
        succeeded: counters.succeeded.load(ordering: .relaxed),
        refused: counters.refused.load(ordering: .relaxed),
        failed: counters.failed.load(ordering: .relaxed),
        broken: counters.broken.load(ordering: .relaxed),
        seconds: Double(counters.nanoseconds.load(ordering: .relaxed)) / 1e9)
      return count.succeeded + count.refused + count.failed + count.broken > 0 ? count : nil
    }
  }
}
