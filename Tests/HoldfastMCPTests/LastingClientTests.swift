import Dispatch
import HoldfastJSON
import HoldfastModel
import Synchronization
import Testing

@testable import HoldfastMCP

/// What a client of an older revision subscribes to on a connection that lasts.
@Suite struct LastingClientTests {
  @Test func `a subscription that cannot begin is refused, and the next try is one`() throws {
    let backend = FakeBackend { call in
      guard call.operation != "event_last" else {
        throw HoldfastError(.notAvailable, "this store has no log")
      }
      return [:]
    }
    let client = LastingClient { _ in true }
    let subscriptions = Subscriptions()
    let watched = try #require(
      WatchedResource("task://p/a", of: Toolset.core.resources, project: nil))
    for _ in 0..<20 {
      let answered = DispatchSemaphore(value: 0)
      let refusal = Mutex<HoldfastError?>(nil)
      client.subscribe(to: watched, in: subscriptions, on: backend) { given in
        refusal.withLock { $0 = given }
        answered.signal()
      }
      answered.wait()
      #expect(refusal.withLock { $0?.code } == .unavailable)
    }
  }
}
