internal import HoldfastJSON
internal import HoldfastModel
private import Synchronization

/// The subscriptions of all clients of one transport.
public final class Subscriptions: Sendable {
  private let feed = EventFeed()
  private let state = Mutex(State())

  private struct State {
    var open: [UInt64: Subscription] = [:]
    var last: UInt64 = 0
    var hasEnded = false
  }

  /// The most at a time.
  static let countMax = 512
  /// The most addresses of one of them, and their bytes.
  static let urisMax = 1_000
  static let uriBytesMax = 256 * 1024

  public init() {}

  /// Opens a subscription; it is `begun` once nothing that happens is missed any more.
  ///
  /// - Throws: ``HoldfastError`` when there are too many.
  func open(_ subscription: Subscription, on backend: any ToolBackend) throws {
    let number: UInt64? = try state.withLock { state in
      guard !state.hasEnded else {
        throw HoldfastError(.stopping, "this process ends: subscribe again")
      }
      guard state.open.count < Self.countMax else { return nil }
      state.last += 1
      state.open[state.last] = subscription
      return state.last
    }
    guard let number else {
      throw HoldfastError(
        .overloaded, "there are \(Self.countMax) subscriptions already: end one of them first")
    }
    subscription.onEnd { [self] in state.withLock { $0.open[number] = nil } }
    guard !subscription.watched.isEmpty else { return subscription.begin() }
    do {
      let listener = try feed.add(subscription.listener, on: backend)
      subscription.onEnd { [feed] in feed.remove(listener) }
    } catch {
      subscription.cancel()
      throw error
    }
  }

  /// Ends all of them, and opens no more: who listens is told that it is over.
  public func end() {
    let all = state.withLock { state in
      state.hasEnded = true
      return Array(state.open.values)
    }
    for subscription in all { subscription.end() }
  }
}

/// What one client wants to hear of.
final class Subscription: Sendable {
  let watched: [WatchedResource]
  private let events: Events
  private let state: Mutex<State>

  /// What happens to it.
  struct Events: Sendable {
    /// From here on every change is told; false when it cannot go on.
    let begun: @Sendable () -> Bool
    /// It is over because it could not begin.
    var refused: @Sendable () -> Void = {}
    /// A resource has changed.
    let changed: @Sendable (_ uri: String) -> OpenRequest.Sent
    /// It is over, with an error where it could not go on; never after ``Subscription/cancel()``.
    var ended: @Sendable (HoldfastError?) -> Void = { _ in }
  }

  private struct State {
    var hasBegun = false
    var hasEnded = false
    var cleaning: [@Sendable () -> Void] = []
    /// Addresses that have changed, each once, for which there was no room yet.
    var pending: [String] = []
    var isPending: Set<String> = []
    /// The names of today of projects that the addresses name.
    var names: [String: String]
  }

  /// - Parameter names: The names of today of the projects, by what addresses call them.
  init(_ watched: [WatchedResource], names: [String: String], _ events: Events) {
    self.watched = watched
    self.events = events
    state = Mutex(State(names: names))
  }

  /// How it hears of events.
  var listener: EventFeed.Listener {
    EventFeed.Listener(
      begun: { self.begin() }, take: { self.take($0, $1) },
      failed: { self.finish($0, tells: true) })
  }

  func begin() {
    let goesOn = state.withLock { state in
      guard !state.hasEnded, !state.hasBegun else { return true }
      state.hasBegun = true
      return events.begun()
    }
    guard !goesOn else { return }
    finish(nil, tells: false)
    events.refused()
  }

  private func take(_ happened: [StoreEvent]?, _ ask: EventFeed.Asking) {
    if happened?.contains(where: { $0.type == "project_changed" }) ?? true { renew(ask) }
    let names = state.withLock { $0.names }
    for resource in watched {
      let today = resource.project.map { names[$0] ?? $0 }
      let isTouched =
        happened?.contains { resource.isTouched(by: $0, today: today) } ?? true
      guard isTouched else { continue }
      state.withLock { state in
        // What came before it began has been there when its client was told so.
        guard state.hasBegun, state.isPending.insert(resource.uri).inserted else { return }
        state.pending.append(resource.uri)
      }
    }
    flush()
  }

  /// Sends what there is room for.
  func flush() {
    let isGone = state.withLock { state in
      // Whoever ends it waits for this, and hears nothing more.
      guard !state.hasEnded else { return false }
      var count = 0
      defer {
        for uri in state.pending.prefix(count) { state.isPending.remove(uri) }
        state.pending.removeFirst(count)
      }
      for uri in state.pending {
        switch events.changed(uri) {
        case .taken: count += 1
        case .full: return false
        case .gone, .tooMany: return true
        }
      }
      return false
    }
    if isGone { finish(nil, tells: false) }
  }

  /// Looks up what projects are called now.
  private func renew(_ ask: EventFeed.Asking) {
    for name in Set(watched.compactMap(\.project)) {
      guard let answer = try? ask("project_get", [("project", .string(name))]),
        let today = answer["name"]?.stringValue
      else { continue }
      state.withLock { $0.names[name] = today }
    }
  }

  /// Ends it from here: the client is told.
  func end() { finish(nil, tells: true) }

  /// The client does not want it any more: nothing is sent behind this.
  func cancel() { finish(nil, tells: false) }

  /// Does something once it has ended, at once when it has.
  func onEnd(_ body: @escaping @Sendable () -> Void) {
    let isDue = state.withLock { state in
      if !state.hasEnded { state.cleaning.append(body) }
      return state.hasEnded
    }
    if isDue { body() }
  }

  private func finish(_ error: HoldfastError?, tells: Bool) {
    let cleaning: [@Sendable () -> Void]? = state.withLock { state in
      guard !state.hasEnded else { return nil }
      state.hasEnded = true
      defer { state.cleaning = [] }
      return state.cleaning
    }
    guard let cleaning else { return }
    for body in cleaning { body() }
    if tells { events.ended(error) }
  }
}
