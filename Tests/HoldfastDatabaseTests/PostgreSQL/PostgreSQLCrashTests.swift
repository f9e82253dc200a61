import HoldfastDatabase
import HoldfastTesting
import Synchronization
import Testing

/// PostgreSQL itself ends at once and starts again.
@Suite(.serialized) struct PostgreSQLCrashTests {
  @Test func `a commit that a crash undid is not taken for another one with its number`() throws {
    // Nothing but commits brings the log to the disk, so a crash forgets the numbers of transactions.
    let cluster = PostgreSQLCluster("-c", "wal_writer_delay=10s", "-c", "bgwriter_delay=10s")
    let proxy = try DatabaseProxy(to: cluster)
    defer { proxy.close() }
    let name = try cluster.makeDatabase()
    let other = try PostgreSQLStore(PostgreSQLConfiguration(url: cluster.url(of: name)))
    let store = try PostgreSQLStore(proxy.configuration(of: name))
    _ = try store.database.write { try $0.put("a") }
    proxy.cut(.beforeCommit, then: .refuses)
    let ended = Handover<Ending>()
    store.database.write({ try $0.put("b") }) { ended.set(Ending($0.map { String($0) })) }
    proxy.waitForCut()
    cluster.crash()
    cluster.start()
    // These get the number of the transaction that was lost, and those behind it.
    for number in 0..<3 { _ = try other.database.write { try $0.put("c\(number)") } }
    proxy.turn(to: .passes)
    let ending = ended.wait()
    let names = try other.database.itemNames()
    #expect(names.contains("b") == (ending == .done("5")), "\(ending) \(names)")
    #expect(ending == .done("5"), "\(ending) \(names)")
  }

  @Test func `of what two writers were told across crashes everything is there once`() throws {
    let cluster = PostgreSQLCluster()
    let configuration = PostgreSQLConfiguration(url: cluster.url(of: try cluster.makeDatabase()))
    let stores = try (0..<2).map { _ in try PostgreSQLStore(configuration) }
    let acknowledged = Mutex<[String: Int64]>([:])
    let rounds = 5
    let isOver = Atomic(false)
    let answered = Atomic(0)
    let writers = (0..<8).map { writer in
      let end = Handover<Bool>()
      TestThread.start {
        var number = 0
        while !isOver.load(ordering: .relaxed) {
          let name = "\(writer)-\(number)"
          number += 1
          do {
            let seq = try stores[writer % 2].database.write { try $0.put(name) }
            acknowledged.withLock { $0[name] = seq }
            answered.add(1, ordering: .relaxed)
          } catch let error as DatabaseError {
            let kinds: [DatabaseError.Kind] = [.unreachable, .commitUnknown, .aborted]
            #expect(kinds.contains(error.kind), "\(error)")
          } catch {
            Issue.record("\(error)")
          }
        }
        end.set(true)
      }
      return end
    }
    for _ in 0..<rounds {
      let before = answered.load(ordering: .relaxed)
      #expect(eventually { answered.load(ordering: .relaxed) > before + 40 })
      cluster.crash()
      cluster.start()
    }
    let before = answered.load(ordering: .relaxed)
    #expect(eventually { answered.load(ordering: .relaxed) > before + 40 })
    isOver.store(true, ordering: .relaxed)
    for writer in writers { _ = writer.wait() }
    let items = try stores[0].database.read { try $0.items() }
    let found = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.seq) })
    let wrong = acknowledged.withLock { $0 }.filter { found[$0.key] != $0.value }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    for store in stores { #expect(store.database.health.isWriting) }
  }
}
