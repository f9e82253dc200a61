internal import Glibc
internal import HoldfastDatabase

/// Waits for what others do in a store.
///
/// Where a call may wait without keeping anybody out, the call itself waits. A store that this process holds
/// is let go of between two looks, because what is waited for may be others' to do.
public struct StoreWatch {
  private let runner: any OperationRunner
  private let end: UInt64?
  private let pause: UInt32
  /// The first call finds out who has the store, so it waits for nothing.
  private var milliseconds: Int64 = 0

  /// How long a call waits that may come again without end, so that an end is noticed.
  private static let endlessMax: Int64 = 5000

  /// - Parameters:
  ///   - runner: Runs the calls.
  ///   - seconds: How long to wait for all that comes; 0 for one look after the other as long as each
  ///     finds something, nil for no end.
  ///   - pause: Between two looks into a store that this process holds, in microseconds.
  public init(_ runner: any OperationRunner, seconds: UInt64?, pause: UInt32) {
    self.runner = runner
    end = seconds.map { monotonicNanoseconds() + $0 * 1_000_000_000 }
    self.pause = pause
  }

  /// Looks until there is something.
  ///
  /// - Parameters:
  ///   - isWanted: Asked before each look whether to go on.
  ///   - look: Calls an operation that may wait for so many milliseconds; gives nil where it found nothing.
  /// - Returns: What was found; nil when the time is over, or when it is not wanted any more.
  /// - Throws: What `look` throws.
  public mutating func next<Found>(
    while isWanted: () -> Bool = { true }, _ look: (_ milliseconds: Int64) throws -> Found?
  ) throws -> Found? {
    while isWanted() {
      let found = try look(milliseconds)
      let left = end.map { Int64(clamping: $0) - Int64(clamping: monotonicNanoseconds()) }
      if let left, left <= 0 { return found }
      let mayWait = runner.mayWait
      milliseconds = mayWait ? left.map { $0 / 1_000_000 } ?? Self.endlessMax : 0
      if !mayWait { (runner as? any StoreRunner)?.close() }
      if let found { return found }
      if !mayWait { usleep(pause) }
    }
    return nil
  }
}
