import HoldfastStore
import Synchronization
import Testing

@testable import holdfast

/// A clock that a test sets.
final class ManualClock: Sendable {
  private let time = Mutex(Duration.zero)

  var now: Duration { time.withLock { $0 } }

  func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

@Suite struct ProgressTests {
  let errors = MemorySink()
  let clock = ManualClock()

  func console(isTerminal: Bool = true, isQuiet: Bool = false, isJSON: Bool = false) -> Console {
    var terminal = Terminal()
    terminal.isError = isTerminal
    return Console(
      to: MemorySink(), errors: errors, terminal: terminal, isJSON: isJSON, isQuiet: isQuiet)
  }

  func run(on console: Console, total: Int?, unit: String) {
    let clock = clock
    let progress = Progress(on: console) { clock.now }
    func step(_ number: Int) -> StoreProgress {
      StoreProgress("importing", unit: unit, done: number * 100, total: total)
    }
    for number in 1...20 {
      clock.advance(.milliseconds(25))
      progress.update(step(number))
    }
    progress.finish()
    clock.advance(.seconds(1))
    progress.update(step(21))
  }

  @Test func `it appears after a moment, seldom, and goes away`() {
    run(on: console(), total: 2000, unit: "tasks")
    #expect(
      errors.text.split(separator: "\r").map { String($0) } == [
        "importing  1,200 of 2,000 tasks (60 %)\u{1B}[K",
        "importing  1,600 of 2,000 tasks (80 %)\u{1B}[K",
        "importing  2,000 of 2,000 tasks (100 %)\u{1B}[K",
        "\u{1B}[K",
      ])
  }

  @Test func `without a total it counts`() {
    run(on: console(), total: nil, unit: "bytes")
    #expect(errors.text.hasPrefix("\rimporting  1.2 KB\u{1B}[K\rimporting  1.6 KB"))
  }

  @Test(arguments: [(false, false, false), (true, true, false), (true, false, true)])
  func `nobody else sees it`(isTerminal: Bool, isQuiet: Bool, isJSON: Bool) {
    run(
      on: console(isTerminal: isTerminal, isQuiet: isQuiet, isJSON: isJSON), total: 5,
      unit: "bytes")
    #expect(errors.count == 0)
  }

  @Test func `a total can become known later`() {
    let clock = clock
    let progress = Progress(on: console()) { clock.now }
    progress.update(StoreProgress("verifying", unit: "events", done: 5))
    clock.advance(.seconds(1))
    progress.update(StoreProgress("verifying", unit: "events", done: 5, total: 50))
    #expect(errors.text == "\rverifying  5 of 50 events (10 %)\u{1B}[K")
  }

  @Test(arguments: [
    (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1.0 KB"), (10_189, "10 KB"),
    (10_240, "10 KB"), (16 << 20, "16 MB"), (5 << 40, "5.0 TB"),
  ])
  func `bytes are shown in the unit that fits`(bytes: Int, text: String) {
    #expect(ByteAmount.text(bytes) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func `numbers are grouped`(number: Int, text: String) {
    #expect(number.grouped == text)
  }
}
