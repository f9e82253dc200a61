private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastModel
import HoldfastStore

/// Takes a store's lock for a server: waits for commands to end, refuses a second server.
enum ServerLock {
  /// How long a server waits for running commands, in nanoseconds.
  private static let patience: UInt64 = 30_000_000_000

  /// Looks, 2 ms apart, after which a server that holds the lock is believed to be one.
  private static let sightingsMin = 10

  /// - Returns: nil when a signal to stop came first.
  static func acquire(path: String, until signals: StopSignals) throws -> StoreLock? {
    let deadline = monotonicNanoseconds() + patience
    var sightings = 0
    while true {
      if let lock = try Store.lock(path: path, kind: "serve") { return lock }
      if signals.haveCome() { return nil }
      let holder = StoreLock.holder(path: path)
      // What the file says may be of a server that was killed, in the moment in which a command has
      // the lock and not yet put its own name there: believed when it stays so.
      let isServer =
        holder.map { $0.kind == "serve" && (kill($0.pid, 0) == 0 || errno == EPERM) } ?? false
      sightings = isServer ? sightings + 1 : 0
      if let holder, sightings >= sightingsMin {
        throw HoldfastError(
          .conflict,
          "a server (process \(holder.pid)) serves this store already: \(path). "
            + "Use it, or stop it first")
      }
      if let holder, holder.kind == "mcp", HandOver.ask(holder, path: path) { continue }
      guard monotonicNanoseconds() < deadline else {
        throw HoldfastError(
          .unavailable,
          "the store \(path) is held by \(holder.map { "process \($0.pid)" } ?? "another process"): "
            + "wait for it to end")
      }
      usleep(2000)
    }
  }
}
