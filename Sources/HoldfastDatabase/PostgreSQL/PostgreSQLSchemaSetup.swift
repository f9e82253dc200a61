/// Makes an empty database a store, or brings an old store's schema up to date.
///
/// One server at a time does so, under an advisory lock of the database; the others wait for it and
/// find nothing left to do.
struct PostgreSQLSchemaSetup {
  let connection: PostgreSQLWriterConnection
  let schema: DatabaseSchema

  private static let lock: SQL = "SELECT pg_advisory_xact_lock(?1)"
  private static let hasWriter: SQL = "SELECT to_regclass('writer') IS NOT NULL"
  private static let hasOthers: SQL = """
    SELECT EXISTS (SELECT 1 FROM pg_class
      WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p', 'v'))
    """
  private static let isOurs: SQL = """
    SELECT count(*) = 3 FROM pg_attribute
    WHERE attrelid = to_regclass('writer') AND attname IN ('mark', 'version', 'seq')
    """
  private static let state: SQL = """
    SELECT version, seq, at, lease_time, lease_wall, mark FROM writer WHERE id = 1
    """
  private static let setVersion: SQL = """
    UPDATE writer SET version = ?1, seq = ?2, at = ?3 WHERE id = 1
    """

  /// - Throws: ``DatabaseError`` for a database that is something else or newer; it is left as it was.
  /// - Returns: The last number of the log.
  func bringUpToDate() throws -> Int64 {
    if schema.isUnfinished { try connection.claimCopy(schema) }
    try connection.send("BEGIN", [])
    do {
      try connection.query(Self.lock, [.int(Int64(schema.applicationID))]) { _ in }
      let isStore = try connection.first(Self.hasWriter, []) { $0.int(0) != 0 } ?? false
      if !isStore {
        guard try connection.first(Self.hasOthers, [], { $0.int(0) == 0 }) ?? true else {
          throw DatabaseError(
            .foreignFile,
            "the database holds tables of another program: make an empty one for Holdfast with "
              + "'createdb'")
        }
        try makeWriter()
      }
      let sequence = try migrate()
      try connection.send("COMMIT", [])
      try connection.settle()
      return sequence
    } catch {
      if connection.isInTransaction {
        try connection.send("ROLLBACK", [])
        try connection.settle()
      }
      throw error
    }
  }

  /// The engine's own tables: one row, which each group of writes locks first, and the marks of the last
  /// commits.
  private func makeWriter() throws {
    try connection.send(
      text: """
        CREATE TABLE writer(
          id BIGINT PRIMARY KEY CHECK (id = 1), mark BIGINT NOT NULL, version BIGINT NOT NULL,
          seq BIGINT NOT NULL, at BIGINT NOT NULL,
          lease_time BIGINT NOT NULL, lease_wall BIGINT NOT NULL
        ) WITH (fillfactor = 10)
        """, [])
    try connection.send(
      text: """
        CREATE TABLE commits(
          slot BIGINT PRIMARY KEY, number BIGINT NOT NULL, mark BIGINT NOT NULL
        ) WITH (fillfactor = 50)
        """, [])
    try connection.send(
      text: "INSERT INTO writer VALUES (1, $1, 0, 0, 0, 0, 0)", [.int(Int64(schema.mark))])
  }

  /// - Returns: The last number of the log.
  private func migrate() throws -> Int64 {
    let isOurs = try connection.first(Self.isOurs, []) { $0.int(0) != 0 } ?? false
    let state =
      isOurs
      ? try connection.first(Self.state, []) { row in
        (
          version: row.int(0), seq: row.int(1), at: row.int(2),
          lease: LeaseClock(time: row.int(3), wall: row.int(4)), mark: row.int(5)
        )
      } : nil
    guard let state, state.mark == Int64(schema.mark) else {
      throw state.flatMap { schema.refusal(of: $0.mark) }
        ?? DatabaseError(
          .foreignFile, "the database has a table 'writer' that is not Holdfast's")
    }
    // The caller finds it again before its first write, and refuses that.
    guard state.version < schema.version else { return state.seq }
    connection.group.load(sequence: state.seq, time: state.at, lease: state.lease)
    connection.group.begin(wall: connection.clock.now)
    for migration in schema.migrations where migration.number > state.version {
      try migration.run(connection)
      try connection.settle()
    }
    try connection.execute(
      Self.setVersion,
      [
        .int(Int64(schema.version)), .int(connection.group.lastSequence),
        .int(connection.group.time),
      ])
    _ = connection.group.takeTouched()
    return connection.group.lastSequence
  }
}

extension PostgreSQLWriterConnection {
  private static let claim: SQL = "SELECT pg_try_advisory_lock(?1)"
  /// How long the database may take to notice that a copy is not there any more, in nanoseconds.
  private static let claimMax: UInt64 = 3_000_000_000

  /// Keeps other copies out of the database, for as long as the connection stands.
  ///
  /// - Throws: ``DatabaseError/Kind/busy`` when there is another one.
  func claimCopy(_ schema: DatabaseSchema) throws {
    let deadline = monotonicNanoseconds() + Self.claimMax
    while try first(Self.claim, [.int(Int64(schema.unfinishedMark))], { $0.int(0) }) != 1 {
      guard monotonicNanoseconds() < deadline else {
        throw DatabaseError(
          .busy,
          "another 'holdfast migrate' is copying into this database: wait for its end, or end it")
      }
      pauseBriefly()
    }
  }
}
