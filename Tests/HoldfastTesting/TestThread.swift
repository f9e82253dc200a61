private import Dispatch
internal import HoldfastDatabase
private import Synchronization

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

extension TestThread {
  /// Runs `body` on that many threads, and gives what each came to, in the order of their numbers.
  public static func gather<T: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) -> T
  ) -> [T] {
    let found = Mutex<[Int: T]>([:])
    concurrently(count) { index in
      let value = body(index)
      found.withLock { $0[index] = value }
    }
    return found.withLock { found in (0..<count).compactMap { found[$0] } }
  }
}
