import Synchronization
import Testing

@testable import HoldfastDatabase

@Suite struct ReaderGateTests {
  private let long: UInt64 = 60_000_000_000

  @Test func `readers pass together`() {
    let gate = ReaderGate()
    gate.enter()
    gate.enter()
    gate.leave()
    gate.leave()
    #expect(gate.closed(patience: long) { "closed" } == "closed")
  }

  @Test func `it closes when the last reader has left`() throws {
    let gate = ReaderGate()
    let events = Inbox<String>()
    gate.enter()
    try startThread(name: "closer") {
      gate.closed(patience: .max) { events.put("closed") }
      events.put("open")
    }
    events.put("left")
    gate.leave()
    #expect(events.wait(for: 3) == ["left", "closed", "open"])
  }

  @Test func `a reader that stays keeps it from closing but not the others from reading`() {
    let gate = ReaderGate()
    gate.enter()
    #expect(gate.closed(patience: 1000) { "closed" } == nil)
    gate.enter()
    gate.leave()
    gate.leave()
    #expect(gate.closed(patience: long) { "closed" } == "closed")
  }

  @Test func `an error opens it again`() {
    struct Failure: Error {}
    let gate = ReaderGate()
    #expect(throws: Failure.self) { try gate.closed(patience: 0) { throw Failure() } }
    gate.enter()
    gate.leave()
  }

  /// Readers come and go all the time while it is closed again and again, with patience and without.
  @Test(arguments: [1, 2, 8])
  func `nobody is inside while it is closed and nobody is forgotten`(readers: Int) throws {
    let traffic = Traffic()
    let closings = Handover<(closed: Int, violations: Int)>()
    try startThread(name: "closer") {
      var closed = 0
      var violations = 0
      for number in 0..<2000 {
        let inside = traffic.gate.closed(patience: number % 3 == 0 ? 5000 : 60_000_000_000) {
          traffic.inside.load(ordering: .sequentiallyConsistent)
        }
        if let inside {
          closed += 1
          if inside != 0 { violations += 1 }
        }
      }
      traffic.hasEnded.store(true, ordering: .sequentiallyConsistent)
      closings.set((closed, violations))
    }
    try onThreads(readers) { _ in traffic.flow() }
    let (closed, violations) = closings.wait()
    #expect(violations == 0)
    #expect(closed >= 1333)
  }
}

private final class Traffic: Sendable {
  let gate = ReaderGate()
  let inside = Atomic<Int>(0)
  let hasEnded = Atomic<Bool>(false)

  func flow() {
    while !hasEnded.load(ordering: .sequentiallyConsistent) {
      gate.enter()
      inside.add(1, ordering: .sequentiallyConsistent)
      inside.subtract(1, ordering: .sequentiallyConsistent)
      gate.leave()
    }
  }
}
