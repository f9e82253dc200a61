import HoldfastDatabase
import Testing

@Suite struct ValueTests {
  private let store: TestStore

  init() throws {
    store = try TestStore()
    try store.database.write { _ = try $0.execute("CREATE TABLE things(a ANY) STRICT", []) }
  }

  /// What the database gives back for a value.
  private func roundTrip(_ value: SQLValue) throws -> SQLValue? {
    try store.database.write { transaction in
      try transaction.execute("DELETE FROM things", [])
      try transaction.execute("INSERT INTO things VALUES (?1)", [value])
    }
    return try store.database.read { try $0.first("SELECT a FROM things") { $0.value(0) } }
  }

  @Test(
    arguments: [
      .null, .int(0), .int(-1), .int(.max), .int(.min), .int(1 << 53 + 1), .text(""), .text("a"),
      .text("a\0b"), .text("\0"), .text("ends\0"), .text("\u{FEFF}x"), .text("😀 \u{10FFFF}"),
      .text("1"), .text("é"), .text("e\u{301}"), .text(String(repeating: "ä", count: 100_000)),
      .bytes([]), .bytes([0]), .bytes([0xff, 0xfe, 0xc0, 0x80, 0x00, 0xed, 0xa0, 0x80]),
      .bytes([UInt8](repeating: 0x80, count: 1_000_000)), .bytes(Array("text".utf8)),
    ] as [SQLValue])
  func `a value comes back as it went in`(value: SQLValue) throws {
    #expect(try roundTrip(value) == value)
  }

  @Test func `composed and decomposed letters are two texts`() throws {
    #expect(SQLValue.text("\u{E9}") != SQLValue.text("e\u{301}"))
    try store.database.write { transaction in
      try transaction.put("caf\u{E9}")
      try transaction.put("cafe\u{301}")
    }
    let find: SQL = "SELECT seq FROM items WHERE name = ?1"
    let found = try store.database.read { transaction in
      try ["caf\u{E9}", "cafe\u{301}"].map {
        try transaction.first(find, [.text($0)]) { $0.int(0) }
      }
    }
    #expect(found == [1, 2])
    let sizes = try store.database.read {
      try $0.all("SELECT name FROM items ORDER BY seq") { $0.bytes(0).count }
    }
    #expect(sizes == [5, 6])
  }

  @Test func `composed and decomposed letters are two statements`() throws {
    let composed = SQL("SELECT 'caf\u{E9}'")
    let decomposed = SQL("SELECT 'cafe\u{301}'")
    #expect(composed != decomposed)
    #expect(composed == SQL("SELECT 'caf\u{E9}'"))
    let lengths = try store.database.read { transaction in
      try [composed, decomposed].map { try transaction.first($0) { $0.bytes(0).count } }
    }
    #expect(lengths == [5, 6])
  }

  @Test func `texts are in the order of their bytes`() throws {
    let names = ["a", "Z", "é", "e\u{301}", "z", "😀", "ｱ", "a\0", "A", "\u{7F}"]
    try store.database.write { transaction in for name in names { try transaction.put(name) } }
    let sorted = try store.database.read {
      try $0.all("SELECT name FROM items ORDER BY name") { $0.bytes(0) }
    }
    #expect(sorted == names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func `an optional is null or itself`() {
    #expect(SQLValue.optional(nil as Int64?) == .null)
    #expect(SQLValue.optional(nil as String?) == .null)
    #expect(SQLValue.optional(5) == .int(5))
    #expect(SQLValue.optional("") == .text(""))
  }

  @Test func `a row gives its columns in each form`() throws {
    try store.database.read { transaction in
      try transaction.query("SELECT NULL, 7, 'ab', x'00ff', ''", []) { row in
        #expect(row.columnCount == 5)
        #expect(row.isNull(0) && !row.isNull(1) && !row.isNull(4))
        #expect(row.optionalInt(0) == nil && row.optionalInt(1) == 7)
        #expect(row.optionalText(0) == nil && row.optionalText(2) == "ab")
        #expect(row.text(4) == "" && row.optionalText(4) == "")
        #expect(row.bytes(3) == [0, 0xff] && row.bytes(0) == [])
        #expect(row.withBytes(2) { $0.count } == 2)
        #expect(
          (0..<5).map(row.value) == [.null, .int(7), .text("ab"), .bytes([0, 0xff]), .text("")])
      }
    }
  }

  @Test func `bytes that are no text are repaired where text is asked for`() throws {
    let text = try store.database.read { try $0.first("SELECT x'61ff62'") { $0.text(0) } }
    #expect(text == "a\u{FFFD}b")
  }
}
