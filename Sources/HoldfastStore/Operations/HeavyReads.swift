private import Dispatch
private import Synchronization

/// A few threads for reads that may take longer than a thread that answers should be kept.
final class HeavyReads: Sendable {
  private let threads = (0..<2).map { DispatchQueue(label: "holdfast-heavy-\($0)") }
  private let next = Atomic(0)

  /// Runs a read when its turn comes.
  func run(_ read: @escaping @Sendable () -> Void) {
    let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
    threads[turn & 1].async(execute: read)
  }
}
