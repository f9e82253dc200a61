import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// The order of the log across servers.
@Suite struct PostgreSQLOrderTests {
  @Test func `a reader that has seen a number never finds a smaller new one`() throws {
    let proxy = try DatabaseProxy(to: .shared)
    defer { proxy.close() }
    let name = try PostgreSQLCluster.shared.makeDatabase()
    let direct = PostgreSQLConfiguration(url: PostgreSQLCluster.shared.url(of: name))
    let stores = try [direct, direct, proxy.configuration(of: name)].map { try PostgreSQLStore($0) }
    let followers = stores.prefix(2).map { LogFollower($0.database, log: "log") }
    let each = FleetProof.size(60, full: 600)
    TestThread.concurrently(6) { thread in
      let database = stores[thread % 3].database
      for number in 0..<each {
        // One server is slow inside of its groups, one loses its connection in the middle of commits.
        if thread == 2, number % 10 == 9 {
          proxy.cut(number % 20 == 19 ? .beforeCommit : .behindCommit)
        }
        do {
          _ = try database.write { transaction in
            let seq = try transaction.put("\(thread)-\(number)")
            if thread == 0 { _ = try transaction.first("SELECT pg_sleep(0.005)") { _ in true } }
            return seq
          }
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    for follower in followers { #expect(try follower.problems() == []) }
    let log = try stores[0].database.read { try $0.log() }
    #expect(log.map(\.seq) == Array(1...Int64(6 * each)))
    #expect(Set(log.map(\.name)).count == 6 * each)
  }

  /// With the larger text it stands still in the middle of sending, which the database's own limits of
  /// time do not notice.
  @Test(arguments: [0, 500_000])
  func `who stands still in a transaction holds up nobody, and runs again behind the others`(
    bytes: Int
  ) throws {
    var configuration = try PostgreSQLCluster.shared.emptyDatabase()
    configuration.holdSeconds = 1
    let stores = try [configuration, configuration].map { try PostgreSQLStore($0) }
    let runs = Atomic(0)
    let isHeld = Handover<Bool>()
    let mayGo = Handover<Bool>()
    // Also when something below fails, so that the store can close.
    defer { mayGo.set(true) }
    let endings = Endings()
    stores[0].database.queue("frozen", to: endings) { transaction in
      let seq = try transaction.put("frozen", content: [UInt8](repeating: 1, count: bytes))
      if runs.add(1, ordering: .relaxed).newValue == 1 {
        isHeld.set(true)
        _ = mayGo.wait()
      }
      return .done(String(seq))
    }
    _ = isHeld.wait()
    #expect(try stores[1].database.write { try $0.put("other") } == 1)
    #expect(try stores[1].database.itemNames() == ["other"])
    mayGo.set(true)
    #expect(endings.wait(for: 1) == [NamedEnding("frozen", .done("2"))])
    #expect(runs.load(ordering: .relaxed) == 2)
    #expect(try stores[1].database.itemNames() == ["other", "frozen"])
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
