import HoldfastStore
private import Synchronization

/// How far a long work is, shown to a person at a terminal and to nobody else.
///
///     let progress = Progress(on: output)
///     defer { progress.finish() }
///     try work { progress.update($0) }
///
/// It appears when the work has taken a moment, is redrawn a few times a second however often it
/// advances, and leaves no trace.
final class Progress: Sendable {
  /// How long a work is silent at first, so that a quick one shows nothing.
  static let delay: Duration = .milliseconds(300)
  /// The least time between two redraws.
  static let interval: Duration = .milliseconds(100)

  private let output: Console
  private let clock: @Sendable () -> Duration
  private let state: Mutex<State>

  private struct State {
    var nextDraw: Duration
    var isFinished = false
  }

  /// Starts a work.
  /// - Parameters:
  ///   - output: Where it is shown.
  ///   - clock: The time since any fixed moment.
  init(on output: Console, clock: @escaping @Sendable () -> Duration = Progress.uptime) {
    self.output = output
    self.clock = clock
    state = Mutex(State(nextDraw: clock() + Self.delay))
  }

  /// Reports how far the work is.
  func update(_ step: StoreProgress) {
    let isDue = state.withLock { state in
      let now = clock()
      guard !state.isFinished, now >= state.nextDraw else { return false }
      state.nextDraw = now + Self.interval
      return true
    }
    if isDue { output.status(Self.line(step)) }
  }

  /// Takes the line away; what follows changes nothing.
  func finish() {
    state.withLock { $0.isFinished = true }
    output.status(nil)
  }

  private static func line(_ step: StoreProgress) -> String {
    let isBytes = step.unit == "bytes"
    let amount: (Int) -> String = { isBytes ? ByteAmount.text($0) : $0.grouped }
    let name = isBytes ? "" : " \(step.unit)"
    guard let total = step.total, total > 0 else {
      return "\(step.phase)  \(amount(step.done))\(name)"
    }
    let percent = min(100, Int(Double(step.done) * 100 / Double(total)))
    return "\(step.phase)  \(amount(step.done)) of \(amount(total))\(name) (\(percent) %)"
  }

  /// The time since this process first asked for it.
  private static let start = ContinuousClock.now

  /// The time since this process first asked for it, by a clock that nobody sets.
  @Sendable static func uptime() -> Duration { ContinuousClock.now - start }
}
