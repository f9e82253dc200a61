import HoldfastDatabase
import HoldfastTesting

/// A request of its own thread, which may wait long for its answer.
final class Waiter: Sendable {
  private let end = Handover<HTTPClient.Answer>()

  init(_ client: HTTPClient, _ path: String, _ body: String) {
    let end = end
    TestThread.start { end.set(client.post("\(path)/claim", body)) }
  }

  /// Blocks until the answer is there.
  func answer() -> HTTPClient.Answer { end.wait() }
}
