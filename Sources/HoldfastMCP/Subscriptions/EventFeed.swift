private import Glibc
internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
private import Synchronization

/// Follows the log of the store for all subscriptions of a process, with one call that waits and only
/// while there are any.
///
/// It keeps its place when the way to the store breaks, and goes on from there once there is another one,
/// wherever the store is by then.
final class EventFeed: Sendable {
  /// Who wants to hear of events.
  struct Listener: Sendable {
    /// From here on nothing is missed.
    let begun: @Sendable () -> Void
    /// Gets events, with what asks the store; nil when anything may have changed.
    let take: @Sendable ([StoreEvent]?, Asking) -> Void
    /// The log cannot be followed.
    let failed: @Sendable (HoldfastError) -> Void
  }

  /// Asks the store, on the feed's thread.
  typealias Asking = (_ operation: String, _ fields: [(String, JSON)]) throws -> JSON

  private struct State {
    var listeners: [UInt64: Listener] = [:]
    var waiting: Set<UInt64> = []
    var last: UInt64 = 0
    var isRunning = false
    /// Whether the place in the log is known.
    var hasBegun = false
    var backend: (any ToolBackend)?
  }

  private let state = Mutex(State())

  /// How long one call waits, in milliseconds.
  private static let waitMax: Int64 = 25_000
  private static let eventsMax: Int64 = 1_000

  /// Adds a listener, and follows the log if nobody did.
  ///
  /// - Parameter backend: The way to the store; the last one given is taken.
  /// - Throws: ``DatabaseError`` when the system has no more threads.
  func add(_ listener: Listener, on backend: any ToolBackend) throws -> UInt64 {
    let own = backend.own
    let (number, hasBegun, mustRun) = state.withLock { state in
      state.last += 1
      let number = state.last
      state.listeners[number] = listener
      state.backend = own
      if !state.hasBegun { state.waiting.insert(number) }
      defer { state.isRunning = true }
      return (number, state.hasBegun, !state.isRunning)
    }
    if mustRun {
      do {
        try startThread(name: "holdfast-feed") { [self] in run() }
      } catch {
        state.withLock { state in
          state.listeners[number] = nil
          state.isRunning = false
        }
        throw error
      }
    }
    if hasBegun { listener.begun() }
    return number
  }

  func remove(_ number: UInt64) {
    state.withLock { state in
      state.listeners[number] = nil
      state.waiting.remove(number)
    }
  }

  // MARK: The thread

  private func run() {
    var cursor: String?
    /// Whether anything may have changed since the place was lost.
    var hasMissed = false
    var pause: UInt32 = 20_000
    while let backend = nextBackend() {
      let ask: Asking = { try Self.ask(backend, $0, $1) }
      do {
        let place = try cursor ?? Self.end(ask)
        cursor = place
        // Behind the new place, so that what changes while they look is told as well.
        if hasMissed { tell(nil, ask) }
        hasMissed = false
        begin()
        let page = try ask(
          "event_list",
          [
            ("after", .string(place)), ("fields", "slim"),
            ("limit", .number(JSONNumber(Self.eventsMax))),
            ("wait_ms", .number(JSONNumber(Self.waitMax))),
          ])
        cursor = page["next_cursor"]?.stringValue ?? place
        pause = 20_000
        let events = (page["events"]?.arrayValue ?? []).map(StoreEvent.init)
        if !events.isEmpty { tell(events, ask) }
      } catch {
        let error = HoldfastError(told: error)
        switch error.code {
        case .conflict:
          // The store was restored: what the cursor said is of another time.
          cursor = nil
          hasMissed = true
        case .unavailable, .unreachable, .stopping, .overloaded, .readTooLong, .misdirected,
          .internalError:
          usleep(pause)
          pause = min(pause * 2, 1_000_000)
        default: fail(error)
        }
      }
    }
  }

  /// The way to the store, while anybody listens.
  private func nextBackend() -> (any ToolBackend)? {
    state.withLock { state in
      guard state.listeners.isEmpty else { return state.backend }
      state.isRunning = false
      state.hasBegun = false
      state.backend = nil
      return nil
    }
  }

  /// Where the log ends now.
  private static func end(_ ask: Asking) throws -> String {
    guard let cursor = try ask("event_last", [])["next_cursor"]?.stringValue else {
      throw HoldfastError(.internalError, "the store does not say where its log ends")
    }
    return cursor
  }

  private static func ask(
    _ backend: any ToolBackend, _ operation: String, _ fields: [(String, JSON)]
  ) throws -> JSON {
    let answered = Handover<Result<ToolBackend.Answer, any Error>>()
    let call = ToolCall(operation: operation, fields: JSONObject(fields), agent: nil)
    backend.run(call) { answered.set($0) }
    return try answered.wait().get()() ?? [:]
  }

  private func begin() {
    let begun = state.withLock { state in
      state.hasBegun = true
      defer { state.waiting = [] }
      return state.waiting.sorted().compactMap { state.listeners[$0] }
    }
    for listener in begun { listener.begun() }
  }

  private func tell(_ events: [StoreEvent]?, _ ask: Asking) {
    let all = state.withLock { $0.listeners.sorted { $0.key < $1.key }.map(\.value) }
    for listener in all { listener.take(events, ask) }
  }

  private func fail(_ error: HoldfastError) {
    let all = state.withLock { state in
      defer {
        state.listeners = [:]
        state.waiting = []
      }
      return Array(state.listeners.values)
    }
    for listener in all { listener.failed(error) }
  }
}
