import HoldfastDatabase
import HoldfastTesting

/// A request of its own thread, which may wait long for its answer.
final class Waiter: Sendable {
  private let end = Handover<HTTPClient.Answer>()

  /// A claim of a signal.
  convenience init(_ client: HTTPClient, _ path: String, _ body: String) {
    self.init(client, "\(path)/claim", posting: body)
  }

  /// Any request with a body.
  init(_ client: HTTPClient, _ path: String, posting body: String) {
    let end = end
    TestThread.start { end.set(client.post(path, body)) }
  }

  /// Blocks until the answer is there.
  func answer() -> HTTPClient.Answer { end.wait() }
}
