import HoldfastDatabase
import Synchronization
import Testing

@Suite struct MigrationTests {
  private struct Broken: Error {}
  private let folder = TemporaryFolder()
  private var path: String { folder.file("store.db") }
  private var backup: String { path + ".schema-1.backup" }

  private let second = Migration(2, "a note") { transaction in
    try transaction.execute("ALTER TABLE items ADD COLUMN note TEXT NOT NULL DEFAULT ''", [])
  }
  private let third = Migration(3, "a note in each") { transaction in
    try transaction.execute("UPDATE items SET note = 'old'", [])
    try transaction.put("migrated")
  }

  private func open(_ migrations: Migration...) throws -> SQLiteDatabase {
    try openStore(path, schema: TestSchema.schema([TestSchema.first] + migrations))
  }

  private func makeFirst() throws {
    try withStore(path) { try $0.write { _ = try $0.put("a") } }
  }

  @Test func `all run in order on a new store`() throws {
    let database = try open(second, third)
    defer { database.close() }
    #expect(try database.itemNames() == ["migrated"])
    #expect(try database.read { try $0.number("PRAGMA user_version") } == 3)
    #expect(!exists(backup))
  }

  @Test func `only the missing ones run on an old store`() throws {
    try makeFirst()
    let database = try open(second, third)
    defer { database.close() }
    #expect(try database.read { try $0.number("PRAGMA user_version") } == 3)
    let notes = try database.read {
      try $0.all("SELECT note FROM items ORDER BY seq") { $0.text(0) }
    }
    #expect(notes == ["old", ""])
  }

  @Test func `one that writes to the log goes on with its numbers and times`() throws {
    let future = wallNanoseconds() + 3_600_000_000_000
    try withStore(path) { database in
      try database.write { transaction in
        try transaction.execute(
          "INSERT INTO log VALUES (?1, ?2, 'a')", [.int(transaction.nextSequence()), .int(future)])
      }
    }
    let database = try open(second, third)
    defer { database.close() }
    #expect(try database.read { try $0.log() }.map(\.seq) == [1, 2])
    #expect(try database.read { try $0.number("SELECT max(at) FROM log") } == future)
    #expect(try database.write { try $0.put("b") } == 3)
    #expect(database.health.lastSequence == 3)
  }

  @Test func `a store that is up to date is not touched`() throws {
    try open(second).close()
    let before = bytes(of: path)
    try open(second).close()
    #expect(bytes(of: path) == before)
    #expect(folder.names == ["store.db", "store.db.lock"])
  }

  @Test func `one that fails is rolled back whole`() throws {
    try makeFirst()
    let broken = Migration(3, "broken") { transaction in
      try transaction.put("half")
      try transaction.execute("CREATE TABLE half(a)", [])
      throw Broken()
    }
    #expect(throws: Broken.self) { try open(second, broken) }
    let database = try open(second)
    defer { database.close() }
    #expect(try database.itemNames() == ["a"])
    #expect(try database.read { try $0.number("PRAGMA user_version") } == 2)
    #expect(try !database.read { try $0.exists("SELECT 1 FROM sqlite_schema WHERE name='half'") })
  }

  @Test func `one that failed can be tried again`() throws {
    try makeFirst()
    let flag = Flag()
    let sometimes = Migration(2, "sometimes broken") { _ in
      if !flag.isSet { throw Broken() }
    }
    for _ in 1...3 { #expect(throws: Broken.self) { try open(sometimes) } }
    flag.set()
    let database = try open(sometimes)
    defer { database.close() }
    #expect(try database.itemNames() == ["a"])
    #expect(
      folder.names.filter { !$0.hasPrefix("store.db-") } == [
        "store.db", "store.db.lock", "store.db.schema-1.backup",
      ])
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
    func set() { value.store(true, ordering: .sequentiallyConsistent) }
  }

  @Test func `a store as it was before is kept beside it`() throws {
    try withStore(path) { database in
      for number in 1...300 {
        try database.write {
          _ = try $0.put("\(number)", content: [UInt8](repeating: 1, count: 9000))
        }
      }
    }
    try open(second, third).close()
    #expect(mode(of: backup) == 0o600)
    let (names, problems) = try withStore(backup) { (try $0.itemNames(), try $0.checkIntegrity()) }
    #expect(names == (1...300).map(String.init))
    #expect(problems == [])
  }

  @Test func `the copy holds what was only in the log`() throws {
    // As after a crash: the file with its log.
    let original = try openStore(folder.file("original.db"))
    try original.write { _ = try $0.put("a") }
    copyFile(folder.file("original.db"), to: path)
    copyFile(folder.file("original.db-wal"), to: path + "-wal")
    original.close()
    let database = try open(second)
    defer { database.close() }
    #expect(try database.itemNames() == ["a"])
    #expect(try withStore(backup) { try $0.itemNames() } == ["a"])
  }

  @Test func `lease time moves in one as in any write`() throws {
    let clock = TestClock()
    let leases = Inbox<Int64>()
    let migration = Migration(2, "leases") { leases.put(try $0.leaseTime) }
    func open(_ migrations: Migration...) throws -> SQLiteDatabase {
      try openStore(path, schema: TestSchema.schema([TestSchema.first] + migrations)) {
        $0.wallClock = { clock.now }
      }
    }
    do {
      let database = try open()
      defer { database.close() }
      try database.write { _ = try $0.leaseTime }
    }
    clock.advance(seconds: 5)
    let database = try open(migration)
    defer { database.close() }
    #expect(leases.all == [5_000_000_000])
    #expect(try database.read { try $0.number("SELECT time FROM lease_clock") } == 5_000_000_000)
  }
}
