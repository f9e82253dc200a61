import HoldfastDatabase
import Testing

@Suite struct StatementTests {
  private let store: TestStore

  init() throws {
    store = try TestStore()
    try store.database.write { transaction in
      for name in ["a", "b", "c"] { try transaction.put(name) }
    }
  }

  private static let names: SQL = "SELECT name FROM items ORDER BY name"

  @Test func `the same query inside its own rows is another one`() throws {
    let pairs = try store.database.read { transaction in
      try transaction.all(Self.names) { outer in
        let name = outer.text(0)
        let inner = try transaction.all(Self.names) { row in
          try transaction.all(Self.names) { $0.text(0) }.joined() + row.text(0)
        }
        return name + inner.joined()
      }
    }
    #expect(pairs == ["aabcaabcbabcc", "babcaabcbabcc", "cabcaabcbabcc"])
  }

  @Test func `the same write inside its own rows is another one`() throws {
    let insert: SQL = "INSERT INTO leases VALUES (?1) RETURNING until"
    try store.database.write { transaction in
      try transaction.query(insert, [.int(1)]) { _ in
        try transaction.query(insert, [.int(2)]) { row in #expect(row.int(0) == 2) }
      }
      try transaction.execute(insert, [.int(3)])
    }
    #expect(try store.database.read { try $0.number("SELECT count(*) FROM leases") } == 3)
  }

  @Test func `a query that is left in the middle starts afresh`() throws {
    struct Enough: Error {}
    try store.database.read { (transaction) throws in
      for _ in 1...2 {
        #expect(throws: Enough.self) {
          try transaction.query(Self.names, []) { _ in throw Enough() }
        }
      }
      #expect(try transaction.all(Self.names) { $0.text(0) } == ["a", "b", "c"])
    }
  }

  @Test func `values of one run do not stay for the next`() throws {
    let sql: SQL = "SELECT ?1, ?2"
    try store.database.read { (transaction) throws in
      #expect(try transaction.first(sql, [.int(1), .int(2)]) { $0.optionalInt(1) } == .some(2))
      #expect(try transaction.first(sql, [.int(1)]) { $0.isNull(1) } == true)
    }
  }

  @Test func `more values than places are an error`() throws {
    let error = #expect(throws: DatabaseError.self) {
      try store.database.read { try $0.exists("SELECT ?1", [.int(1), .int(2)]) }
    }
    #expect(error?.kind == .misuse)
  }

  @Test func `a change of the schema reaches prepared statements`() throws {
    let all: SQL = "SELECT * FROM leases"
    let insert: SQL = "INSERT INTO leases(until) VALUES (?1)"
    func columns() throws -> Int? {
      try store.database.read { try $0.first(all) { $0.columnCount } }
    }
    try store.database.write { _ = try $0.execute(insert, [.int(1)]) }
    #expect(try columns() == 1)
    try store.database.write { transaction in
      try transaction.execute(insert, [.int(2)])
      try transaction.execute("ALTER TABLE leases ADD COLUMN note TEXT", [])
      try transaction.execute(insert, [.int(3)])
    }
    #expect(try columns() == 2)
    try store.database.write { transaction in
      try transaction.execute("DROP TABLE leases", [])
      try transaction.execute(
        "CREATE TABLE leases(until INTEGER PRIMARY KEY, a TEXT, b TEXT) STRICT", [])
      try transaction.execute(insert, [.int(4)])
    }
    #expect(try columns() == 3)
  }

  @Test func `more statements than are kept all work`() throws {
    try store.database.read { (transaction) throws in
      for number in Array(0..<1200) + Array(0..<1200) {
        let sql = SQL("SELECT \(number) FROM items")
        #expect(try transaction.all(sql) { $0.int(0) } == Array(repeating: Int64(number), count: 3))
      }
    }
  }

  @Test func `a statement that is in use outlives those that are let go`() throws {
    let names = try store.database.read { transaction in
      try transaction.all(Self.names) { row in
        for number in 0..<600 { _ = try transaction.exists(SQL("SELECT \(number)")) }
        return row.text(0)
      }
    }
    #expect(names == ["a", "b", "c"])
  }

  @Test(arguments: [
    "", "   ", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1\0", "SELEC", "SELECT ?1,",
  ])
  func `what is not one statement is refused`(text: String) throws {
    let error = #expect(throws: DatabaseError.self) {
      try store.database.read { try $0.exists(SQL(text)) }
    }
    #expect(error?.kind == .misuse)
    #expect(try store.database.itemNames() == ["a", "b", "c"])
  }

  @Test func `a read writes nothing`() throws {
    let error = #expect(throws: DatabaseError.self) {
      try store.database.read { try $0.exists("DELETE FROM items RETURNING 1") }
    }
    #expect(error?.kind == .readOnly)
    #expect(try store.database.itemNames() == ["a", "b", "c"])
  }

  @Test func `an error of the engine keeps what it is about out of the message`() throws {
    let error = #expect(throws: DatabaseError.self) {
      try store.database.write { _ = try $0.put("a") }
    }
    #expect(error?.message == "a rule of the schema refused the row")
    #expect(error?.detail.contains("UNIQUE constraint failed: items.name") == true)
  }
}
