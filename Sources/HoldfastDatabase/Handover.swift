private import Dispatch
private import Synchronization

/// Where one thread leaves a value for another, which may wait for it.
public final class Handover<Value: Sendable>: Sendable {
  private let storage = Mutex<Value?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  public init() {}

  /// Leaves a value; a later one takes its place.
  public func set(_ value: Value) {
    storage.withLock { $0 = value }
    isThere.signal()
  }

  /// What was left last, or nil.
  public var value: Value? { storage.withLock { $0 } }

  /// Blocks the thread, which must be the only one that waits, until a value is there.
  public func wait() -> Value {
    while true {
      if let value { return value }
      isThere.wait()
    }
  }
}
