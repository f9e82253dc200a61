private import Dispatch
internal import HoldfastDatabase

/// Threads of a test that block, which those of the cooperative pool must not.
public enum TestThread {
  public static func start(_ body: @escaping @Sendable () -> Void) {
    do {
      try startThread(name: "test", body)
    } catch {
      fatalError("no thread for a test: \(error)")
    }
  }

  /// Runs `body` on that many threads, with their numbers from 0, and waits for all of them.
  public static func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      start {
        body(index)
        group.leave()
      }
    }
    group.wait()
  }
}
