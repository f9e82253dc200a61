public import HoldfastJSON
internal import HoldfastModel
private import Synchronization

/// The client of a connection that lasts, and what it subscribed to before 2026-07-28.
public final class LastingClient: Sendable {
  private let sending: @Sendable (JSON) -> Bool
  private let open = Mutex<[String: Subscription]>([:])

  /// - Parameter send: Sends a message; false when nobody reads it.
  public init(send: @escaping @Sendable (JSON) -> Bool) { sending = send }

  /// Tells of a resource from now on; `completion` gets why not.
  func subscribe(
    to resource: WatchedResource, in subscriptions: Subscriptions, on backend: any ToolBackend,
    _ completion: @escaping @Sendable (HoldfastError?) -> Void
  ) {
    let uri = resource.uri
    if open.withLock({ $0[uri] != nil }) { return completion(nil) }
    WatchCheck([resource], on: backend).run { [self] found in
      if let refusal = found.refusal { return completion(refusal) }
      let told = Once<HoldfastError?>(completion)
      let subscription = Subscription(
        found.watched, names: found.names,
        Subscription.Events(
          begun: {
            told(nil)
            return true
          },
          changed: { [sending] in
            sending(
              Outbound.notification("notifications/resources/updated", [("uri", .string($0))]))
              ? .taken : .gone
          }))
      let isNew = open.withLock { open in
        guard open[uri] == nil else { return false }
        open[uri] = subscription
        return true
      }
      guard isNew else { return completion(nil) }
      subscription.onEnd { [weak self] in
        self?.open.withLock { open in
          if open[uri] === subscription { open[uri] = nil }
        }
        // Behind that, so that the next try is one.
        told(HoldfastError(.unavailable, "the subscription ended before it began: subscribe again"))
      }
      do {
        try subscriptions.open(subscription, on: backend)
      } catch {
        told(HoldfastError(told: error))
        subscription.cancel()
      }
    }
  }

  /// Tells of it no more.
  func unsubscribe(from uri: String) {
    open.withLock { $0.removeValue(forKey: uri) }?.cancel()
  }
}
