// What a copy of a whole store from one engine to another needs, side by side. The lease clock and,
// on PostgreSQL, the last number of the log stand in tables of the engines' own.
extension Dialect {
  /// The columns of the table ?1 in their order, and whether each may be long: a text, or bytes.
  package var columns: SQL {
    switch self {
    case .sqlite: "SELECT name, type IN ('TEXT', 'BLOB') FROM pragma_table_info(?1) ORDER BY cid"
    case .postgresql:
      """
      SELECT CAST(attname AS TEXT), atttypid IN ('text'::regtype, 'bytea'::regtype)
      FROM pg_attribute
      WHERE attrelid = to_regclass(?1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
      """
    }
  }

  /// All tables but the engine's own.
  package var tables: SQL {
    switch self {
    case .sqlite:
      """
      SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name <> 'lease_clock' AND name NOT LIKE 'sqlite%'
      """
    case .postgresql:
      """
      SELECT CAST(relname AS TEXT) FROM pg_class
      WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'r'
        AND relname NOT IN ('writer', 'commits')
      """
    }
  }

  /// Takes all rows out of tables that refer only to each other.
  ///
  /// - Parameter tables: Their names; none refers to a later one.
  package func emptying(_ tables: [String]) -> [SQL] {
    switch self {
    case .sqlite: tables.reversed().map { SQL("DELETE FROM \($0)") }
    case .postgresql: [SQL("TRUNCATE \(tables.joined(separator: ", "))")]
    }
  }

  private var leaseClock: SQL {
    switch self {
    case .sqlite: "SELECT time, wall FROM lease_clock WHERE id = 1"
    case .postgresql: "SELECT lease_time, lease_wall FROM writer WHERE id = 1"
    }
  }

  fileprivate var setLeaseClock: SQL {
    switch self {
    case .sqlite: "UPDATE lease_clock SET time = ?1, wall = ?2 WHERE id = 1"
    case .postgresql: "UPDATE writer SET lease_time = ?1, lease_wall = ?2 WHERE id = 1"
    }
  }

  /// Reads where the lease clock stands.
  package func leaseClock(_ view: any ReadTransaction) throws -> LeaseClock {
    try view.first(leaseClock) { LeaseClock(time: $0.int(0), wall: $0.int(1)) }
      ?? LeaseClock(time: 0, wall: 0)
  }
}

extension WriteTransaction {
  /// Makes an unfinished copy a store, with all its rows in it.
  ///
  /// Nothing may be written behind it before the copy is closed: the engine still counts from where it
  /// was opened.
  ///
  /// - Parameters:
  ///   - lease: Where the lease clock goes on.
  ///   - tables: The tables to whose rows the database gives numbers, in the column `id`.
  ///   - schema: The schema of the store.
  package func finishCopy(lease: LeaseClock, tables: [String], schema: DatabaseSchema) throws {
    try execute(dialect.setLeaseClock, [.int(lease.time), .int(lease.wall)])
    switch dialect {
    case .sqlite: try execute(SQL("PRAGMA application_id=\(schema.mark)"), [])
    case .postgresql:
      for table in tables {
        // A number that was given by hand does not move the sequence.
        try execute(
          SQL(
            """
            SELECT setval(pg_get_serial_sequence('\(table)', 'id'), coalesce(max(id), 1),
              max(id) IS NOT NULL) FROM \(table)
            """), [])
      }
      let last = try first(schema.lastLogEntry) { ($0.int(0), $0.int(1)) } ?? (0, 0)
      try execute(
        "UPDATE writer SET seq = ?1, at = ?2, mark = ?3 WHERE id = 1",
        [.int(last.0), .int(last.1), .int(Int64(schema.mark))])
    }
  }
}
