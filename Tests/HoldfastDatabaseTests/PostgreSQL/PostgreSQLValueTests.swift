import HoldfastDatabase
import HoldfastTesting
import Testing

/// Values go in and come out as they are, and compare by their bytes.
@Suite struct PostgreSQLValueTests {
  let store: PostgreSQLStore
  var database: PostgreSQLDatabase { store.database }

  init() throws { store = try PostgreSQLStore() }

  @Test func `text with NUL is refused, bytes with it are kept`() throws {
    #expect(throws: DatabaseError.self) { try database.write { _ = try $0.put("a\0b") } }
    let content: [UInt8] = [0, 1, 0, 255, 0x5c, 0]
    try database.write { _ = try $0.put("bytes", content: content) }
    try database.write { _ = try $0.put("none", content: []) }
    let found = try database.read {
      try $0.all("SELECT content FROM items ORDER BY id") { $0.bytes(0) }
    }
    #expect(found == [content, []])
  }

  @Test func `composed and decomposed forms are apart, and so are cases`() throws {
    let names = ["\u{e9}", "e\u{301}", "E\u{301}", "\u{c9}", "ss", "\u{df}"]
    for name in names { try database.write { _ = try $0.put(name) } }
    for name in names {
      let found = try database.read { transaction in
        try transaction.all("SELECT name FROM items WHERE name = ?1", [.text(name)]) { $0.text(0) }
      }
      #expect(found.count == 1)
      #expect(found.first.map { Array($0.utf8) } == Array(name.utf8))
    }
  }

  @Test func `names are in the order of their bytes`() throws {
    let names = [
      "b", "a", "B", "_", "a b", "a-b", "ab", "\u{e9}", "z", "\u{10ffff}", "\u{ffff}", "10", "9",
    ]
    for name in names { try database.write { _ = try $0.put(name) } }
    let found = try database.read {
      try $0.all("SELECT name FROM items ORDER BY name") { $0.text(0) }
    }
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(found == sorted)
  }

  @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, 1 << 32, .max])
  func `numbers are whole over 64 bits`(number: Int64) throws {
    try database.write { try $0.execute("INSERT INTO numbers VALUES (?1)", [.int(number)]) }
    let found = try database.read { transaction in
      try transaction.all("SELECT n FROM numbers WHERE n = ?1", [.int(number)]) { row in
        (row.int(0), row.value(0))
      }
    }
    #expect(found.count == 1)
    #expect(found.first?.0 == number)
    #expect(found.first?.1 == .int(number))
  }

  @Test func `NULL, short numbers and truth values are told apart`() throws {
    let row = try database.read { transaction in
      try transaction.first(
        "SELECT CAST(NULL AS TEXT), CAST(-2 AS SMALLINT), CAST(-3 AS INTEGER), true, CAST(?1 AS TEXT)",
        [.text("")]
      ) { row in (0..<row.columnCount).map { row.value($0) } }
    }
    #expect(row == [.null, .int(-2), .int(-3), .int(1), .text("")])
  }
}
