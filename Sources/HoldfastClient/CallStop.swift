private import Synchronization

/// Ends the wait of a call from another thread.
public final class CallStop: Sendable {
  private let state = Mutex(State())

  private struct State {
    var isStopped = false
    var handler: (@Sendable () -> Void)?
  }

  public init() {}

  /// The call is not wanted any more.
  public func stop() {
    let handler = state.withLock { state in
      state.isStopped = true
      return state.handler
    }
    handler?()
  }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Says what ends the wait; it is done at once where the call is not wanted by then.
  func onStop(_ handler: @escaping @Sendable () -> Void) {
    let isDue = state.withLock { state in
      state.handler = handler
      return state.isStopped
    }
    if isDue { handler() }
  }
}
