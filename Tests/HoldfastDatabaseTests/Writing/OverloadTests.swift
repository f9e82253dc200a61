import HoldfastDatabase
import Testing

@Suite struct OverloadTests {
  @Test func `a full queue refuses one more and takes it when there is room again`() throws {
    let store = try TestStore { $0.queueDepthMax = 5 }
    let endings = Endings()
    store.database.asOneGroup {
      for number in 1...5 { store.database.queuePut("\(number)", to: endings) }
      #expect(endings.all.isEmpty)
      store.database.queuePut("6", to: endings)
      #expect(endings.all == [NamedEnding("6", .refused(.overloaded))])
    }
    endings.wait(for: 6)
    store.database.queuePut("7", to: endings)
    endings.wait(for: 1)
    #expect(try store.database.itemNames() == ["1", "2", "3", "4", "5", "7"])
  }

  @Test func `parked writes leave the queue to the others`() throws {
    let store = try TestStore { $0.queueDepthMax = 2 }
    let endings = Endings()
    for number in 1...10 {
      let wait = WriteWait(key: "k", tag: "\(number)", deadline: .max) { true }
      store.database.queue("waiting", to: endings, waiting: wait) { _ in .wait }
      // One at a time: each is parked when the next write is answered.
      try store.database.write { _ in }
    }
    #expect(store.database.health.parked == 10)
    #expect(store.database.health.queueDepth == 0)
  }
}
