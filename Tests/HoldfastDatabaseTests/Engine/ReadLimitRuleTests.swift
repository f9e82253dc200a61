import Testing

@testable import HoldfastDatabase

@Suite struct ReadLimitRuleTests {
  /// Whether a read that may work for 100 ns must end, at each of these looks: the time since its
  /// start, and the work of its thread.
  private func looks(_ looks: (passed: UInt64, worked: UInt64)...) -> [Bool] {
    let start: UInt64 = 1_000_000
    var limit = ReadLimit(workMax: 100, now: start)
    return looks.map { limit.isOver(now: start + $0.passed, worked: 5000 + $0.worked) }
  }

  @Test func `a read may work for its limit and no longer`() {
    #expect(looks((0, 0), (100, 100), (101, 101)) == [false, false, true])
  }

  @Test func `a read whose thread has to wait may last eight times as long`() {
    #expect(looks((790, 0), (800, 100), (801, 1)) == [false, false, true])
  }

  @Test func `a read that waited for too long before the first look is over`() {
    #expect(looks((801, 0)) == [true])
  }
}
