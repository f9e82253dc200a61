import HoldfastDatabase
import Synchronization
import Testing

@Suite struct ParkingLotTests {
  /// A parked write that says its name when it is told its end.
  private func write(
    _ key: String, _ tag: String = "", deadline: UInt64 = .max, isWanted: Bool = true
  ) -> PendingWrite {
    PendingWrite(
      wait: WriteWait(key: key, tag: tag, deadline: deadline) { isWanted },
      run: { _ in .wait }, finish: { _ in })
  }

  /// What stands behind the key.
  private func tags(_ writes: [PendingWrite]) -> [String] {
    writes.compactMap { write in
      (write.wait?.tag).map { String(decoding: $0.drop { $0 != 10 }.dropFirst(), as: UTF8.self) }
    }
  }

  @Test func `names that only look the same are not the same`() throws {
    var lot = ParkingLot()
    lot.park(write("caf\u{e9}", "x"))
    #expect(lot.holds(equalTo: try #require(write("caf\u{e9}", "x").wait)))
    #expect(!lot.holds(equalTo: try #require(write("cafe\u{301}", "x").wait)))
  }

  @Test func `an empty lot has nothing to do`() {
    var lot = ParkingLot()
    lot.touch("a")
    #expect(lot.isEmpty)
    #expect(!lot.hasRound)
    #expect(lot.nextDeadline == nil)
    #expect(lot.takeExpired(now: .max).isEmpty)
    #expect(lot.takeRound().line.isEmpty)
    #expect(lot.takeAll().isEmpty)
  }

  @Test func `a round is the line of each touched key in the order of arrival`() {
    var lot = ParkingLot()
    for tag in ["1", "2", "3"] { lot.park(write("a", tag)) }
    lot.park(write("b", "4"))
    lot.park(write("c", "5"))
    lot.touch("c")
    lot.touch("a")
    lot.touch("a")
    #expect(lot.hasRound)
    #expect(tags(lot.takeRound().line) == ["5", "1", "2", "3"])
    #expect(!lot.hasRound)
    #expect(lot.count == 1)
  }

  @Test func `a touch before anybody waits is not remembered`() {
    var lot = ParkingLot()
    lot.touch("a")
    lot.park(write("a"))
    #expect(!lot.hasRound)
  }

  @Test func `an equal request is one of the same key and tag`() {
    var lot = ParkingLot()
    lot.park(write("a", "x"))
    let same = WriteWait(key: "a", tag: "x", deadline: 1) { true }
    #expect(lot.holds(equalTo: same))
    #expect(!lot.holds(equalTo: WriteWait(key: "a", tag: "y", deadline: 1) { true }))
    #expect(!lot.holds(equalTo: WriteWait(key: "b", tag: "x", deadline: 1) { true }))
  }

  @Test func `what nobody wants any more is apart`() {
    var lot = ParkingLot()
    lot.park(write("a", "1"))
    lot.park(write("a", "2", isWanted: false))
    lot.park(write("a", "3"))
    lot.touch("a")
    let round = lot.takeRound()
    #expect(tags(round.line) == ["1", "3"])
    #expect(tags(round.unwanted) == ["2"])
    #expect(lot.isEmpty)
  }

  @Test func `a wait ends at its deadline and not before`() {
    var lot = ParkingLot()
    lot.park(write("a", "1", deadline: 20))
    lot.park(write("a", "2", deadline: 10))
    lot.park(write("b", "3", deadline: 30))
    #expect(lot.nextDeadline == 10)
    #expect(lot.takeExpired(now: 9).isEmpty)
    #expect(tags(lot.takeExpired(now: 10)) == ["2"])
    #expect(lot.nextDeadline == 20)
    #expect(Set(tags(lot.takeExpired(now: 30))) == ["1", "3"])
    #expect(lot.isEmpty)
  }

  @Test func `whose client goes while others are taken stays until it is asked again`() {
    var lot = ParkingLot()
    let asked = Mutex(0)
    lot.park(write("a", "1", isWanted: false))
    lot.park(
      PendingWrite(
        wait: WriteWait(key: "a", tag: "2", deadline: .max) {
          asked.withLock {
            $0 += 1
            return $0 == 1
          }
        }, run: { _ in .wait }, finish: { _ in }))
    #expect(tags(lot.take { !$0.isWanted() }) == ["1"])
    #expect(tags(lot.take { !$0.isWanted() }) == ["2"])
    #expect(lot.isEmpty)
  }

  @Test func `everybody leaves at the end`() {
    var lot = ParkingLot()
    for key in ["a", "b", "b"] { lot.park(write(key)) }
    lot.touch("a")
    #expect(lot.takeAll().count == 3)
    #expect(lot.isEmpty)
    #expect(!lot.hasRound)
  }
}
