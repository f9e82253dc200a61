import HoldfastDatabase
import Testing
import struct HoldfastTesting.SeededGenerator

@Suite struct LeaseClockTests {
  private let second: Int64 = 1_000_000_000
  /// Some day of 2027.
  private let day: Int64 = 1_800_000_000_000_000_000

  @Test func `the first step adds nothing`() {
    let clock = LeaseClock(time: 0, wall: 0).advanced(to: day)
    #expect(clock == LeaseClock(time: 0, wall: day))
  }

  @Test func `a step adds the time since the last one`() {
    let clock = LeaseClock(time: 5, wall: day).advanced(to: day + 7)
    #expect(clock == LeaseClock(time: 12, wall: day + 7))
  }

  @Test func `steps add up to the time between the first and the last`() {
    var clock = LeaseClock(time: 0, wall: day)
    for step in 1...100 { clock = clock.advanced(to: day + Int64(step) * 10 * second) }
    #expect(clock.time == 1000 * second)
  }

  @Test func `a step adds half a minute at most`() {
    let start = LeaseClock(time: 0, wall: day)
    #expect(start.advanced(to: day + 30 * second).time == 30 * second)
    #expect(start.advanced(to: day + 30 * second + 1).time == 30 * second)
    #expect(start.advanced(to: day + 86_400 * second).time == 30 * second)
    #expect(start.advanced(to: .max).time == 30 * second)
  }

  @Test func `after a sleep it goes on from the clock of the machine`() {
    let clock = LeaseClock(time: 0, wall: day).advanced(to: day + 3600 * second)
      .advanced(to: day + 3605 * second)
    #expect(clock == LeaseClock(time: 35 * second, wall: day + 3605 * second))
  }

  @Test func `a clock that is set back stops it for a step`() {
    let back = LeaseClock(time: 100, wall: day).advanced(to: day - 3600 * second)
    #expect(back == LeaseClock(time: 100, wall: day - 3600 * second))
    #expect(back.advanced(to: day - 3599 * second).time == 100 + second)
  }

  @Test func `whatever the machine's clock does it never falls nor jumps`() {
    var random = SeededGenerator(seed: 1)
    var clock = LeaseClock(time: 0, wall: 0)
    for _ in 0..<10_000 {
      let next = clock.advanced(to: Int64.random(in: 1...(2 * day), using: &random))
      #expect((0...30 * second).contains(next.time - clock.time))
      clock = next
    }
  }
}
