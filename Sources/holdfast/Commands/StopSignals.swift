private import CSystem
private import Glibc

/// The signals that ask a server to stop, taken by one thread.
///
/// They are blocked for the thread that makes this and for all that it starts later, so that no
/// library call is interrupted and no handler runs anywhere.
struct StopSignals: Sendable {
  init() {
    var set = Self.set()
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Blocks until one of them comes.
  func wait() {
    var set = Self.set()
    var signal: Int32 = 0
    while sigwait(&set, &signal) != 0 {}
  }

  /// Whether one of them has come; it is taken then.
  func haveCome() -> Bool {
    var set = Self.set()
    var none = timespec()
    return sigtimedwait(&set, nil, &none) > 0
  }

  private static func set() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    // Started by nohup, it outlives its terminal.
    if !holdfast_is_ignored(SIGHUP) { sigaddset(&set, SIGHUP) }
    return set
  }
}
