import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// The order of the log across servers.
@Suite struct PostgreSQLOrderTests {
  @Test func `a reader that has seen a number never finds a smaller new one`() throws {
    let stores = try sharedStores(3)
    let isWriting = Atomic(6)
    // Two threads of each server write, three read.
    TestThread.concurrently(9) { thread in
      let database = stores[thread % 3].database
      if thread < 6 {
        for number in 0..<60 {
          do {
            _ = try database.write { try $0.put("\(thread)-\(number)") }
          } catch {
            Issue.record("\(error)")
          }
        }
        isWriting.subtract(1, ordering: .relaxed)
        return
      }
      var seen: [Item] = []
      while isWriting.load(ordering: .relaxed) > 0 {
        do {
          let found = try database.read { try $0.log() }
          let last = seen.last?.seq ?? 0
          let isAppended = found.prefix { $0.seq <= last }.elementsEqual(seen)
          #expect(isAppended, "the log changed behind \(last)")
          seen = found
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    let log = try stores[0].database.read { try $0.log() }
    #expect(log.map(\.seq) == Array(1...360))
  }

  @Test func `times never fall along the numbers, whichever server wrote`() throws {
    let clocks = [1_800_000_000_000_000_000, 1_700_000_000_000_000_000] as [Int64]
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    let stores = try clocks.map { clock in
      var configuration = configuration
      configuration.wallClock = { clock }
      return try PostgreSQLStore(configuration)
    }
    for number in 0..<10 {
      _ = try stores[number % 2].database.write { try $0.put("\(number)") }
    }
    let times = try stores[0].database.read { transaction in
      try transaction.all("SELECT at FROM log ORDER BY seq") { $0.int(0) }
    }
    #expect(times == times.sorted())
    #expect(times.count == 10)
  }

  @Test func `what others wrote wakes who waits, even when nobody tells`() throws {
    let store = try PostgreSQLStore()
    let endings = Endings()
    let wait = WriteWait(
      key: "items", tag: "any", deadline: monotonicNanoseconds() + 60_000_000_000
    ) { true }
    store.database.queue("taken", to: endings, waiting: wait) { transaction in
      try transaction.takeItem().map { .done($0) } ?? .wait
    }
    #expect(eventually { store.database.health.parked == 1 })
    // As a server leaves it that ends between its commit and its word to the others.
    try store.asAnother(
      """
      BEGIN; UPDATE writer SET seq = seq + 1; INSERT INTO log SELECT seq, at, 'a' FROM writer;
      INSERT INTO items(name, seq, content) SELECT 'a', seq, '' FROM writer; COMMIT
      """)
    #expect(endings.wait(for: 1) == [NamedEnding("taken", .done("a"))])
  }

  private func sharedStores(_ count: Int) throws -> [PostgreSQLStore] {
    let configuration = try PostgreSQLCluster.shared.emptyDatabase()
    return try (0..<count).map { _ in try PostgreSQLStore(configuration) }
  }
}
