private import Glibc
private import Synchronization

/// The database's clock, as far as this process knows it: that of the machine, and how far off it is.
final class PostgreSQLClock: Sendable {
  private let offset = Atomic<Int64>(0)
  private let replacement: (@Sendable () -> Int64)?

  /// - Parameter replacement: For tests, a clock in place of the database's.
  init(replacement: (@Sendable () -> Int64)?) { self.replacement = replacement }

  /// Nanoseconds since 1970 UTC.
  var now: Int64 { replacement?() ?? wallNanoseconds() + offset.load(ordering: .relaxed) }

  /// Takes over what the database's clock has shown between two moments of the machine's.
  func set(database: Int64, machine: Int64) {
    offset.store(database - machine, ordering: .relaxed)
  }
}

/// Waits a moment before something is asked again.
func pauseBriefly() { usleep(20_000) }
