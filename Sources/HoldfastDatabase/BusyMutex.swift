private import Glibc

/// A value behind a lock that many threads take many thousand times a second, for a moment each.
///
/// Swift's own mutex is handed on to the thread that sleeps for it: when the one that holds it loses its
/// processor once, all others queue up asleep, and stay so, because each hand-over waits for a thread to
/// wake. This one is taken by whoever is awake.
///
/// `@unchecked Sendable`: the value is touched by who holds the lock alone, and a lock of POSIX is made
/// for many threads.
final class BusyMutex<Value>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
