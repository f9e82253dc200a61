public import HoldfastJSON
private import Synchronization

/// A request while it is dealt with: what is sent about it before its answer, and whether its client still
/// wants that.
///
/// A transport makes one for each request, and cancels it when the client does.
public final class OpenRequest: Sendable {
  /// How a message was taken.
  public enum Sent: Sendable {
    case taken
    /// The client has not taken what came before: ``OpenRequest/room()`` says when it has.
    case full
    /// Nobody reads it any more.
    case gone
    /// The transport sends as many answers bit by bit as it may.
    case tooMany
  }

  /// What is told of changes; nil where nobody is.
  let subscriptions: Subscriptions?
  /// The client of a connection that lasts, which may subscribe without keeping a request open.
  let client: LastingClient?
  private let sending: @Sendable (JSON) -> Sent
  private let state = Mutex(State())

  private struct State {
    var isCancelled = false
    var isOver = false
    var handlers: [@Sendable () -> Void] = []
    var room: (@Sendable () -> Void)?
  }

  /// - Parameters:
  ///   - subscriptions: What is told of changes.
  ///   - client: The client, where its connection lasts.
  ///   - send: Sends a message about the request before its answer.
  public init(
    subscriptions: Subscriptions? = nil, client: LastingClient? = nil,
    send: @escaping @Sendable (JSON) -> Sent = { _ in .gone }
  ) {
    self.subscriptions = subscriptions
    self.client = client
    sending = send
  }

  /// Sends a message before the answer.
  func send(_ message: JSON) -> Sent {
    state.withLock { $0.isCancelled } ? .gone : sending(message)
  }

  /// The client does not want the answer any more.
  public func cancel() {
    let handlers = state.withLock { state in
      guard !state.isOver else { return [@Sendable () -> Void]() }
      state.isCancelled = true
      state.isOver = true
      state.room = nil
      defer { state.handlers = [] }
      return state.handlers
    }
    for handler in handlers { handler() }
  }

  /// The answer is there: nothing is to be cancelled any more.
  public func end() {
    state.withLock { state in
      state.isOver = true
      state.room = nil
      state.handlers = []
    }
  }

  public var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Calls `body` once when the request is cancelled, at once when it is already.
  public func onCancel(_ body: @escaping @Sendable () -> Void) {
    let isDue = state.withLock { state in
      if !state.isOver { state.handlers.append(body) }
      return state.isCancelled
    }
    if isDue { body() }
  }

  /// The client has taken everything, after something was too much.
  public func room() { state.withLock { $0.room }?() }

  /// Calls `body` each time there is room again.
  func onRoom(_ body: @escaping @Sendable () -> Void) {
    state.withLock { state in
      if !state.isOver { state.room = body }
    }
  }
}
