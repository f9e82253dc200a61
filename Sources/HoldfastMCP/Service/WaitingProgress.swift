private import Dispatch
internal import HoldfastJSON
private import Synchronization

/// Tells a client that its call still waits: once a second, and never behind its answer.
final class WaitingProgress: Sendable {
  private let request: OpenRequest
  private let token: JSON
  private let milliseconds: Int64
  private let state = Mutex(State())

  private struct State {
    var told: Int64 = 0
    var timer: (any DispatchSourceTimer)?
    var isOver = false
  }

  /// How often it is told, in milliseconds.
  private static let step: Int64 = 1_000
  private static let queue = DispatchQueue(label: "holdfast-progress")

  /// nil for a call that does not wait, or whose client wants to hear nothing.
  ///
  /// - Parameters:
  ///   - params: The request's.
  ///   - call: What it asks the store for.
  ///   - request: Where it is told.
  init?(_ params: JSONObject, _ call: ToolCall, _ request: OpenRequest) {
    guard let token = params["_meta"]?["progressToken"],
      token.stringValue != nil || token.int64Value != nil, call.milliseconds > 0
    else { return nil }
    self.request = request
    self.token = token
    milliseconds = call.milliseconds
  }

  /// Begins to tell.
  func start() {
    state.withLock { state in
      let timer = DispatchSource.makeTimerSource(queue: Self.queue)
      let step = DispatchTimeInterval.milliseconds(Int(Self.step))
      timer.schedule(deadline: .now() + step, repeating: step)
      timer.setEventHandler { [weak self] in self?.tell() }
      timer.resume()
      state.timer = timer
    }
  }

  /// Ends it: nothing is told behind this.
  func stop() {
    state.withLock { state in
      state.isOver = true
      state.timer?.cancel()
      state.timer = nil
    }
  }

  private func tell() {
    state.withLock { state in
      guard !state.isOver, state.told + Self.step <= milliseconds else { return }
      state.told += Self.step
      let sent = request.send(
        Outbound.notification(
          "notifications/progress",
          [
            ("progressToken", token), ("progress", .number(JSONNumber(state.told))),
            ("total", .number(JSONNumber(milliseconds))),
            ("message", .string("nothing is there yet after \(state.told / 1_000) s")),
          ]))
      guard sent == .gone || sent == .tooMany else { return }
      state.isOver = true
      state.timer?.cancel()
      state.timer = nil
    }
  }
}

extension ToolCall {
  /// How long it may wait for something to happen.
  public var milliseconds: Int64 { fields["wait_ms"]?.int64Value ?? 0 }
}

/// Messages that answer nothing.
enum Outbound {
  static func notification(_ method: String, _ params: [(String, JSON)]) -> JSON {
    .object(
      JSONObject([
        ("jsonrpc", "2.0"), ("method", .string(method)), ("params", .object(JSONObject(params))),
      ]))
  }
}
