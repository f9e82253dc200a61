internal import Synchronization

/// Calls a completion with the first that comes.
final class Once<Value: Sendable>: Sendable {
  private let isOver = Atomic(false)
  private let completion: @Sendable (Value) -> Void

  init(_ completion: @escaping @Sendable (Value) -> Void) { self.completion = completion }

  func callAsFunction(_ value: Value) {
    if !isOver.exchange(true, ordering: .relaxed) { completion(value) }
  }
}
