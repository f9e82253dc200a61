import HoldfastDatabase
import Synchronization
import Testing

@Suite struct WaitTests {
  private let store: TestStore
  private let endings = Endings()
  private let runs = Runs()

  init() throws { store = try TestStore() }

  /// Which waiting writes have run, in order.
  private final class Runs: Sendable {
    private let names = Mutex<[String]>([])
    func note(_ name: String) { names.withLock { $0.append(name) } }
    /// What has run since the last look.
    func take() -> [String] {
      names.withLock { names in
        defer { names = [] }
        return names
      }
    }
  }

  /// Queues a write that waits for an item and takes it.
  private func queueTake(
    _ name: String, tag: String = "any", key: String = "items", deadline: UInt64 = .max,
    isWanted: @escaping @Sendable () -> Bool = { true }
  ) {
    let wait = WriteWait(key: key, tag: tag, deadline: deadline, isWanted: isWanted)
    let runs = runs
    store.database.queue(name, to: endings, waiting: wait) { transaction in
      runs.note(name)
      guard let item = try transaction.takeItem() else { return .wait }
      return .done(item)
    }
  }

  /// Puts items there in one transaction.
  private func put(_ names: String...) throws {
    try store.database.write { transaction in
      for name in names { try transaction.put(name) }
      transaction.touch("items")
    }
  }

  /// Returns when all that is queued and all rounds that are due have run.
  private func settle() throws {
    try store.database.write { _ in }
    try store.database.write { _ in }
  }

  @Test func `there is no waiting for what is there`() throws {
    try put("a")
    queueTake("1")
    #expect(endings.wait(for: 1) == [NamedEnding("1", .done("a"))])
  }

  @Test func `a write that may not wait ends with nothing`() throws {
    store.database.queue("1", to: endings) { _ in .wait }
    #expect(endings.wait(for: 1) == [NamedEnding("1", .nothing)])
  }

  @Test func `who waits is woken by the commit that touches`() throws {
    queueTake("1")
    try settle()
    #expect(store.database.health.parked == 1)
    try put("a")
    #expect(endings.wait(for: 1) == [NamedEnding("1", .done("a"))])
    try settle()
    #expect(store.database.health.parked == 0)
  }

  @Test func `first come is first served`() throws {
    for number in 1...6 { queueTake("\(number)", tag: "\(number % 2)") }
    try settle()
    try put("a")
    #expect(endings.wait(for: 1) == [NamedEnding("1", .done("a"))])
    try put("b", "c", "d")
    #expect(
      endings.wait(for: 3).dropFirst() == [
        NamedEnding("2", .done("b")), NamedEnding("3", .done("c")), NamedEnding("4", .done("d")),
      ])
    try put("e", "f")
    #expect(
      endings.wait(for: 2).suffix(2) == [
        NamedEnding("5", .done("e")), NamedEnding("6", .done("f")),
      ])
  }

  @Test func `a newcomer with an equal request queues without running`() throws {
    queueTake("1")
    try settle()
    queueTake("2")
    try settle()
    #expect(runs.take() == ["1"])
    try put("a", "b")
    #expect(
      endings.wait(for: 2) == [NamedEnding("1", .done("a")), NamedEnding("2", .done("b"))])
  }

  @Test func `a newcomer does not overtake in the group of the item`() throws {
    queueTake("1")
    try settle()
    let other = Endings()
    store.database.asOneGroup {
      store.database.queue("put", to: other) { transaction in
        try transaction.put("a")
        transaction.touch("items")
        return .done("")
      }
      queueTake("2")
    }
    #expect(endings.wait(for: 1) == [NamedEnding("1", .done("a"))])
    try settle()
    #expect(store.database.health.parked == 1)
  }

  @Test func `an equal request is not tried again in the round`() throws {
    for number in 1...4 { queueTake("\(number)", tag: number == 3 ? "other" : "same") }
    try settle()
    _ = runs.take()
    try store.database.write { $0.touch("items") }
    try settle()
    #expect(runs.take() == ["1", "3"])
    #expect(store.database.health.parked == 4)
    try put("a")
    endings.wait(for: 1)
    #expect(endings.all == [NamedEnding("1", .done("a"))])
  }

  @Test func `a round that serves the first tries the next of the same tag`() throws {
    for number in 1...4 { queueTake("\(number)") }
    try settle()
    _ = runs.take()
    try put("a", "b")
    endings.wait(for: 2)
    try settle()
    #expect(runs.take() == ["1", "2", "3"])
  }

  @Test func `those of another key sleep on`() throws {
    queueTake("1", key: "elsewhere")
    try settle()
    _ = runs.take()
    try put("a")
    try settle()
    #expect(runs.take() == [])
    #expect(store.database.health.parked == 1)
  }

  @Test func `who comes after the item in its group is served at once`() throws {
    store.database.asOneGroup {
      queueTake("before")
      store.database.queue("put", to: endings) { transaction in
        try transaction.put("a")
        try transaction.put("b")
        transaction.touch("items")
        return .done("")
      }
      queueTake("after", tag: "another")
    }
    let all = endings.wait(for: 3)
    #expect(all.contains(NamedEnding("after", .done("a"))))
    #expect(all.contains(NamedEnding("before", .done("b"))))
  }

  @Test func `a wait ends with nothing at its deadline`() throws {
    queueTake("1", deadline: monotonicNanoseconds() + 2_000_000)
    #expect(endings.wait(for: 1) == [NamedEnding("1", .nothing)])
    try put("a")
    #expect(try store.database.itemNames() == ["a"])
  }

  @Test func `a deadline in the past is a single try`() throws {
    queueTake("1", deadline: 0)
    #expect(endings.wait(for: 1) == [NamedEnding("1", .nothing)])
    try put("a")
    queueTake("2", deadline: 0)
    #expect(endings.wait(for: 1).last == NamedEnding("2", .done("a")))
  }

  @Test func `the deadlines of a line come one by one`() throws {
    let now = monotonicNanoseconds()
    queueTake("late", deadline: now + 400_000_000)
    queueTake("never")
    queueTake("early", deadline: now + 2_000_000)
    #expect(endings.wait(for: 2).map(\.name) == ["early", "late"])
    try put("a")
    #expect(endings.wait(for: 1).last == NamedEnding("never", .done("a")))
  }

  @Test func `what nobody wants any more is not granted`() throws {
    let wants = Wants()
    queueTake("gone") { wants.isWanted }
    queueTake("here")
    try settle()
    wants.leave()
    try put("a")
    #expect(
      endings.wait(for: 2) == [NamedEnding("gone", .nothing), NamedEnding("here", .done("a"))])
    try settle()
    #expect(runs.take() == ["gone", "here"])
  }

  private final class Wants: Sendable {
    private let wanted = Atomic<Bool>(true)
    var isWanted: Bool { wanted.load(ordering: .sequentiallyConsistent) }
    func leave() { wanted.store(false, ordering: .sequentiallyConsistent) }
  }

  @Test func `closing ends every wait with nothing`() throws {
    for number in 1...3 { queueTake("\(number)", tag: "\(number)") }
    try settle()
    store.database.close()
    #expect(endings.all.map(\.ending) == [.nothing, .nothing, .nothing])
  }

  @Test func `all waits may be ended, those to come too`() throws {
    for number in 1...3 { queueTake("\(number)", tag: "\(number)") }
    try settle()
    store.database.endWaits()
    queueTake("later")
    #expect(endings.wait(for: 4).map(\.ending) == Array(repeating: .nothing, count: 4))
    try put("a")
    queueTake("there")
    #expect(endings.wait(for: 1).last == NamedEnding("there", .done("a")))
  }

  @Test func `a key that ends with a colon stands for all that begin with it`() throws {
    for key in ["a:1", "b:1", "a:2"] { queueTake(key, key: key) }
    try settle()
    #expect(runs.take() == ["a:1", "b:1", "a:2"])
    try store.database.write { $0.touch("a:") }
    try settle()
    #expect(runs.take() == ["a:1", "a:2"])
    #expect(store.database.health.parked == 3)
  }

  @Test func `every item goes to one of many who wait`() throws {
    let count = 400
    for number in 0..<count { queueTake("\(number)", tag: "\(number % 3)") }
    let database = store.database
    try onThreads(4) { thread in
      for number in 0..<(count / 4) {
        _ = try? database.write { transaction in
          try transaction.put("\(thread)-\(number)")
          transaction.touch("items")
        }
      }
    }
    let all = endings.wait(for: count)
    #expect(Set(all.map(\.ending.description)).count == count)
    #expect(try store.database.itemNames() == [])
  }
}
