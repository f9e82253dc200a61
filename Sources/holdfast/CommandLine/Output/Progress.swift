private import Synchronization

/// How far a long work is, shown to a person at a terminal and to nobody else.
///
///     let progress = Progress("importing", of: rows.count, unit: .count("tasks"), on: output)
///     defer { progress.finish() }
///     for row in rows { ...; progress.advance() }
///
/// It appears when the work has taken a moment, is redrawn a few times a second however often it
/// advances, and leaves no trace.
final class Progress: Sendable {
  /// What is counted.
  enum Unit: Sendable {
    /// Things with this name, in the plural.
    case count(String)
    /// Bytes, shown in the unit that fits.
    case bytes
  }

  /// How long a work is silent at first, so that a quick one shows nothing.
  static let delay: Duration = .milliseconds(300)
  /// The least time between two redraws.
  static let interval: Duration = .milliseconds(100)

  private let label: String
  private let unit: Unit
  private let output: Console
  private let clock: @Sendable () -> Duration
  private let state: Mutex<State>

  private struct State {
    var done = 0
    var total: Int?
    var nextDraw: Duration
    var isFinished = false
  }

  /// Starts a work.
  /// - Parameters:
  ///   - label: What is done, such as "importing".
  ///   - total: How much there is to do, when that is known.
  ///   - unit: What is counted.
  ///   - output: Where it is shown.
  ///   - clock: The time since any fixed moment.
  init(
    _ label: String, of total: Int? = nil, unit: Unit, on output: Console,
    clock: @escaping @Sendable () -> Duration = Progress.uptime
  ) {
    self.label = label
    self.unit = unit
    self.output = output
    self.clock = clock
    state = Mutex(State(total: total, nextDraw: clock() + Self.delay))
  }

  /// Reports more work as done.
  func advance(by count: Int = 1) {
    change { $0.done += count }
  }

  /// Reports how much is done in all, and perhaps a total that has become known.
  func update(done: Int, of total: Int? = nil) {
    change { state in
      state.done = done
      if let total { state.total = total }
    }
  }

  /// Takes the line away; what follows changes nothing.
  func finish() {
    state.withLock { $0.isFinished = true }
    output.status(nil)
  }

  private func change(_ body: (inout sending State) -> Void) {
    let text = state.withLock { state -> String? in
      body(&state)
      let now = clock()
      guard !state.isFinished, now >= state.nextDraw else { return nil }
      state.nextDraw = now + Self.interval
      return line(done: state.done, total: state.total)
    }
    if let text { output.status(text) }
  }

  private func line(done: Int, total: Int?) -> String {
    guard let total, total > 0 else { return "\(label)  \(amount(done))\(name)" }
    let percent = min(100, Int(Double(done) * 100 / Double(total)))
    return "\(label)  \(amount(done)) of \(amount(total))\(name) (\(percent) %)"
  }

  private var name: String {
    if case .count(let name) = unit { " \(name)" } else { "" }
  }

  private func amount(_ count: Int) -> String {
    switch unit {
    case .count: count.grouped
    case .bytes: ByteAmount.text(count)
    }
  }

  /// The time since this process first asked for it.
  private static let start = ContinuousClock.now

  /// The time since this process first asked for it, by a clock that nobody sets.
  @Sendable static func uptime() -> Duration { ContinuousClock.now - start }
}
