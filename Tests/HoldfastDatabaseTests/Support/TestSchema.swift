import HoldfastDatabase

/// The schema of the tests: a log, and a table of what its entries made, which must agree.
enum TestSchema {
  static let applicationID: Int32 = 0x5465_7374

  static let first = Migration(1, "a log and its items") { transaction in
    try transaction.execute(
      "CREATE TABLE log(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL) STRICT",
      [])
    try transaction.execute(
      """
      CREATE TABLE items(
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE CHECK (name <> ''),
        seq INTEGER NOT NULL UNIQUE REFERENCES log(seq),
        content BLOB NOT NULL,
        promised INTEGER REFERENCES log(seq) DEFERRABLE INITIALLY DEFERRED
      ) STRICT
      """, [])
    try transaction.execute("CREATE TABLE leases(until INTEGER PRIMARY KEY) STRICT", [])
  }

  static func schema(_ migrations: [Migration] = [first]) -> DatabaseSchema {
    DatabaseSchema(
      migrations: migrations,
      lastLogEntry: "SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1",
      liveLease: "SELECT 1 FROM leases WHERE until > ?1 LIMIT 1",
      endedLeases: "SELECT 'items' FROM leases WHERE until <= ?1", applicationID: applicationID)
  }
}

/// One row of the log and one of the items.
struct Item: Equatable, Sendable {
  let seq: Int64
  let name: String
}

extension WriteTransaction {
  /// Writes an item and its entry in the log.
  @discardableResult
  func put(_ name: String, content: [UInt8] = []) throws -> Int64 {
    let seq = nextSequence()
    try execute(
      "INSERT INTO log(seq, at, name) VALUES (?1, ?2, ?3)", [.int(seq), .int(now), .text(name)])
    try execute(
      "INSERT INTO items(name, seq, content) VALUES (?1, ?2, ?3)",
      [.text(name), .int(seq), .bytes(content)])
    return seq
  }

  /// Takes the oldest item away.
  func takeItem() throws -> String? {
    try first(
      "DELETE FROM items WHERE id = (SELECT id FROM items ORDER BY id LIMIT 1) RETURNING name"
    ) { $0.text(0) }
  }
}

extension ReadTransaction {
  func items() throws -> [Item] {
    try all("SELECT seq, name FROM items ORDER BY seq") { Item(seq: $0.int(0), name: $0.text(1)) }
  }

  func log() throws -> [Item] {
    try all("SELECT seq, name FROM log ORDER BY seq") { Item(seq: $0.int(0), name: $0.text(1)) }
  }

  func number(_ sql: SQL) throws -> Int64 { try first(sql) { $0.int(0) } ?? 0 }
}

extension Database {
  func itemNames() throws -> [String] { try read { try $0.items().map(\.name) } }
}
