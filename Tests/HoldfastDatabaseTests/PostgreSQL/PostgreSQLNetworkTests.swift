import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// The network between a server and its database fails.
@Suite(.serialized) struct PostgreSQLNetworkTests {
  let proxy: DatabaseProxy
  let name: String
  /// Over a network that does not fail.
  let observer: PostgreSQLStore
  let store: PostgreSQLStore

  init() throws {
    proxy = try DatabaseProxy(to: .shared)
    name = try PostgreSQLCluster.shared.makeDatabase()
    observer = try PostgreSQLStore(
      PostgreSQLConfiguration(url: PostgreSQLCluster.shared.url(of: name)))
    store = try PostgreSQLStore(proxy.configuration(of: name))
  }

  /// A store through the same network that gives up after this many seconds.
  private func impatientStore(seconds: UInt64) throws -> PostgreSQLStore {
    var configuration = proxy.configuration(of: name)
    configuration.answerMax = seconds * 1_000_000_000
    configuration.retryMax = seconds * 1_000_000_000
    configuration.connectSeconds = 2
    return try PostgreSQLStore(configuration)
  }

  private func end() { proxy.close() }

  private func put(_ name: String) throws -> Int64 { try store.database.write { try $0.put(name) } }

  @Test(arguments: [DatabaseProxy.Cut.beforeCommit, .behindCommit])
  func `a commit whose answer is lost is done once and answered so`(cut: DatabaseProxy.Cut) throws {
    defer { end() }
    _ = try put("a")
    for number in 0..<5 {
      proxy.cut(cut)
      let seq = try put("b\(number)")
      #expect(proxy.hasCut)
      #expect(seq == Int64(number) + 2)
    }
    #expect(try observer.database.itemNames() == ["a", "b0", "b1", "b2", "b3", "b4"])
    #expect(try observer.database.read { try $0.log() }.map(\.seq) == Array(1...6))
    #expect(store.database.health.isWriting)
  }

  @Test(arguments: [DatabaseProxy.Cut.beforeCommit, .behindCommit])
  func `a commit that nobody can ask about is said to be unknown`(cut: DatabaseProxy.Cut) throws {
    defer { end() }
    let store = try impatientStore(seconds: 1)
    _ = try put("a")
    proxy.cut(cut, then: .refuses)
    let refusal = #expect(throws: DatabaseError.self) {
      try store.database.write { try $0.put("b") }
    }
    #expect(refusal?.kind == .commitUnknown)
    proxy.turn(to: .passes)
    _ = try put("c")
    let names = try observer.database.itemNames()
    #expect(names == (cut == .behindCommit ? ["a", "b", "c"] : ["a", "c"]))
  }

  @Test func `connections that are cut are made again`() throws {
    defer { end() }
    for number in 0..<5 {
      _ = try put("\(number)")
      proxy.turn(to: .refuses)
      let refusal = #expect(throws: DatabaseError.self) {
        try store.database.read { try $0.log() }
      }
      #expect(refusal?.kind == .unreachable)
      proxy.turn(to: .passes)
      #expect(try store.database.read { try $0.log() }.count == number + 1)
    }
  }

  @Test func `health says that the database is away, and that it is back, without any write`()
    throws
  {
    defer { end() }
    _ = try put("a")
    proxy.turn(to: .refuses)
    #expect(eventually { !store.database.health.isWriting })
    #expect(store.database.health.writerStopReason?.contains("cannot be reached") == true)
    proxy.turn(to: .passes)
    #expect(eventually { store.database.health.isWriting })
    #expect(store.database.health.writerStopReason == nil)
  }

  @Test func `a half-open connection is given up, and nobody is stuck`() throws {
    defer { end() }
    let store = try impatientStore(seconds: 3)
    _ = try put("a")
    // Readers that are idle now, more than one.
    TestThread.concurrently(8) { _ in
      do {
        _ = try store.database.read { try $0.first("SELECT pg_sleep(0.05)") { _ in true } }
      } catch {
        Issue.record("\(error)")
      }
    }
    proxy.turn(to: .swallows)
    let endings = Mutex<[DatabaseError.Kind]>([])
    TestThread.concurrently(12) { thread in
      do {
        let answer =
          thread < 8
          ? "\(try store.database.read { try $0.log() })"
          : "\(try store.database.write { try $0.put("b\(thread)") })"
        Issue.record("an answer came out of nowhere: \(answer)")
      } catch let error as DatabaseError {
        endings.withLock { $0.append(error.kind) }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(endings.withLock { $0 } == Array(repeating: .unreachable, count: 12))
    proxy.turn(to: .passes)
    #expect(eventually { (try? store.database.write { try $0.put("c") }) != nil })
    #expect(try observer.database.itemNames() == ["a", "c"])
    #expect(eventually { store.database.health.isWriting })
  }

  @Test
  func `a read of a silent database ends within its own time, and so does all that is in line`()
    throws
  {
    defer { end() }
    var configuration = proxy.configuration(of: name)
    configuration.readMax = 3_000_000_000
    // A wait for any of these fails the test by its own limit of time.
    configuration.answerMax = 600_000_000_000
    configuration.connectSeconds = 600
    let store = try PostgreSQLStore(configuration)
    #expect(try store.database.read { try $0.log() } == [])
    proxy.turn(to: .swallows)
    let ends = (0..<300).map { _ in
      let end = Handover<Result<Int, any Error>>()
      store.database.read({ try $0.log().count }, completion: { end.set($0) })
      return end
    }
    // More than there are connections.
    TestThread.concurrently(40) { _ in
      let refusal = #expect(throws: DatabaseError.self) {
        try store.database.read { try $0.log() }
      }
      #expect(refusal?.kind == .unreachable)
    }
    for end in ends {
      let refusal = #expect(throws: DatabaseError.self) { try end.wait().get() }
      #expect(refusal?.kind == .unreachable)
    }
    proxy.turn(to: .passes)
    #expect(eventually { (try? store.database.read { try $0.log() }) == [] })
  }

  @Test func `a slow network is no failure`() throws {
    defer { end() }
    proxy.turn(to: .delays(20))
    TestThread.concurrently(8) { thread in
      do {
        _ = try put("\(thread)")
        _ = try store.database.read { try $0.log() }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(try observer.database.itemNames().count == 8)
  }

  @Test func `closing does not wait for a database that is away`() throws {
    defer { end() }
    _ = try put("a")
    var configuration = store.configuration
    // A close that waits for any of these fails the test by its own limit of time.
    configuration.retryMax = 600_000_000_000
    configuration.answerMax = 600_000_000_000
    let patient = try PostgreSQLStore(configuration)
    proxy.turn(to: .refuses)
    let ended = Handover<Ending>()
    patient.database.write({ try $0.put("b") }) { ended.set(Ending($0.map { String($0) })) }
    #expect(eventually { !patient.database.health.isWriting })
    patient.database.close()
    #expect(ended.wait() == .refused(.unreachable))
  }

  @Test func `closing does not wait for what became of a commit`() throws {
    defer { end() }
    _ = try put("a")
    var configuration = store.configuration
    configuration.retryMax = 600_000_000_000
    let patient = try PostgreSQLStore(configuration)
    proxy.cut(.behindCommit, then: .refuses)
    let ended = Handover<Ending>()
    patient.database.write({ try $0.put("b") }) { ended.set(Ending($0.map { String($0) })) }
    proxy.waitForCut()
    patient.database.close()
    #expect(ended.wait() == .refused(.commitUnknown))
  }

  @Test func `a connection that the database ended is made again, also for leases`() throws {
    defer { end() }
    let endings = Endings()
    let wait = WriteWait(
      key: "items", tag: "any", deadline: monotonicNanoseconds() + 60_000_000_000
    ) { true }
    let isThere = Atomic(false)
    store.database.queue("woken", to: endings, waiting: wait) { transaction in
      isThere.load(ordering: .relaxed) ? .done("") : .wait
    }
    #expect(eventually { store.database.health.parked == 1 })
    // Now something is there, of which only a look at the leases tells; the writer's connection is gone.
    isThere.store(true, ordering: .relaxed)
    try observer.asAnother("INSERT INTO leases VALUES (0)")
    try observer.asAnother(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'holdfast writer'
      """)
    #expect(endings.wait(for: 1) == [NamedEnding("woken", .done(""))])
  }
}
