import HoldfastDatabase
import Testing

@Suite struct ReadLimitTests {
  private static let endless: SQL = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n
    """

  @Test func `a read over its limit is refused and the next one is not`() throws {
    let store = try TestStore { $0.readMax = 10_000_000 }
    try store.database.write { _ = try $0.put("a") }
    for _ in 1...3 {
      let error = #expect(throws: DatabaseError.self) {
        try store.database.read { try $0.exists(Self.endless) }
      }
      #expect(error?.kind == .tooLong)
      #expect(try store.database.itemNames() == ["a"])
    }
  }

  @Test func `many small queries count together`() throws {
    let store = try TestStore { $0.readMax = 10_000_000 }
    try store.database.write { _ = try $0.put("a") }
    let error = #expect(throws: DatabaseError.self) {
      try store.database.read { transaction in
        while true { _ = try transaction.exists("SELECT 1 FROM items WHERE name = 'a'") }
      }
    }
    #expect(error?.kind == .tooLong)
  }

  @Test func `a write is never interrupted`() throws {
    let store = try TestStore { $0.readMax = 1 }
    try store.database.write { transaction in
      _ = try transaction.execute(
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        INSERT INTO leases SELECT i FROM n
        """, [])
    }
    #expect(try store.database.checkIntegrity() == [])
  }

  @Test func `a read sees one moment however long it is`() throws {
    let store = try TestStore()
    try store.database.write { _ = try $0.put("a") }
    let (before, after) = try store.database.read { transaction in
      let before = try transaction.items()
      try store.database.write { _ = try $0.put("b") }
      return (before, try transaction.items())
    }
    #expect(before == after)
    #expect(try store.database.itemNames() == ["a", "b"])
  }

  @Test func `a read that fails leaves its reader to the next`() throws {
    struct Failure: Error {}
    let store = try TestStore()
    for _ in 1...20 {
      #expect(throws: Failure.self) {
        try store.database.read { transaction in
          _ = try transaction.items()
          throw Failure()
        }
      }
      #expect(try store.database.itemNames() == [])
    }
  }

  @Test func `more readers at once than are kept`() throws {
    let store = try TestStore()
    try store.database.write { _ = try $0.put("a") }
    let inside = Inbox<Int>()
    let read = Inbox<[String]>()
    let mayGo = (0..<40).map { _ in Handover<Bool>() }
    for number in 0..<40 {
      try startThread(name: "reader") {
        let names = try? store.database.read { transaction in
          let names = try transaction.items().map(\.name)
          inside.put(number)
          _ = mayGo[number].wait()
          return names
        }
        read.put(names ?? ["failed"])
      }
    }
    inside.wait(for: 40)
    for gate in mayGo { gate.set(true) }
    #expect(read.wait(for: 40) == Array(repeating: ["a"], count: 40))
  }
}
