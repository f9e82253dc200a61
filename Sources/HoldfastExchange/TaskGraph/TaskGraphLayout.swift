internal import CSQLite
internal import HoldfastDatabase
internal import HoldfastModel

/// A new database of task-graph-mcp with the schema V005 of its first generation.
final class TaskGraphLayout {
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  private static let schema = """
    CREATE TABLE agents(id TEXT PRIMARY KEY, name TEXT, tags TEXT,
      max_claims INTEGER NOT NULL DEFAULT 5, registered_at INTEGER NOT NULL,
      last_heartbeat INTEGER NOT NULL, last_claim_sequence INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE tasks(id TEXT PRIMARY KEY, parent_id TEXT REFERENCES tasks(id) ON DELETE CASCADE,
      title TEXT NOT NULL, description TEXT, status TEXT NOT NULL DEFAULT 'pending',
      priority TEXT NOT NULL DEFAULT 'medium', join_mode TEXT NOT NULL DEFAULT 'then',
      sibling_order INTEGER NOT NULL DEFAULT 0, owner_agent TEXT REFERENCES agents(id),
      claimed_at INTEGER, needed_tags TEXT, wanted_tags TEXT, points INTEGER,
      time_estimate_ms INTEGER, time_actual_ms INTEGER, started_at INTEGER, completed_at INTEGER,
      current_thought TEXT, tokens_in INTEGER NOT NULL DEFAULT 0,
      tokens_cached INTEGER NOT NULL DEFAULT 0, tokens_out INTEGER NOT NULL DEFAULT 0,
      tokens_thinking INTEGER NOT NULL DEFAULT 0, tokens_image INTEGER NOT NULL DEFAULT 0,
      tokens_audio INTEGER NOT NULL DEFAULT 0, cost_usd REAL NOT NULL DEFAULT 0.0,
      user_metrics TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
    CREATE TABLE dependencies(from_task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
      to_task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
      PRIMARY KEY(from_task_id, to_task_id));
    CREATE TABLE attachments(task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
      order_index INTEGER NOT NULL, name TEXT NOT NULL,
      mime_type TEXT NOT NULL DEFAULT 'text/plain', content TEXT NOT NULL,
      created_at INTEGER NOT NULL, file_path TEXT, PRIMARY KEY(task_id, order_index));
    CREATE TABLE file_locks(file_path TEXT PRIMARY KEY, agent_id TEXT NOT NULL REFERENCES agents(id),
      locked_at INTEGER NOT NULL, reason TEXT);
    CREATE TABLE claim_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT, file_path TEXT NOT NULL,
      agent_id TEXT NOT NULL, event TEXT NOT NULL, reason TEXT, timestamp INTEGER NOT NULL);
    CREATE INDEX idx_tasks_parent ON tasks(parent_id);
    CREATE INDEX idx_tasks_owner ON tasks(owner_agent);
    CREATE INDEX idx_tasks_status ON tasks(status);
    CREATE INDEX idx_attachments_task ON attachments(task_id);
    CREATE INDEX idx_deps_to ON dependencies(to_task_id);
    CREATE INDEX idx_file_locks_agent ON file_locks(agent_id);
    CREATE INDEX idx_claim_sequence_file ON claim_sequence(file_path, id);
    """

  /// Makes the schema in an empty file, or takes the one that a copy of a template has.
  ///
  /// - Parameter isTemplate: Whether the file is a copy of an empty database of the server.
  init(path: String, isTemplate: Bool) throws {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw HoldfastError(
        .readOnly, "the database cannot be made: \(String(cString: sqlite3_errstr(code)))")
    }
    self.handle = handle
    // Nobody sees the file before it is whole.
    try run("PRAGMA journal_mode=DELETE")
    try run("PRAGMA synchronous=OFF")
    if !isTemplate { try run(Self.schema) }
    try run("BEGIN")
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Writes what was inserted, and checks that every reference leads somewhere.
  func end() throws {
    try run("COMMIT")
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, "PRAGMA foreign_key_check", -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_DONE
    else { throw HoldfastError(.internalError, "a row of the export refers to nothing") }
  }

  private func run(_ sql: String) throws {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  private func failure() -> HoldfastError {
    let isFull = sqlite3_errcode(handle) == SQLITE_FULL
    return HoldfastError(
      isFull ? .storageFull : .invalidRequest,
      "the database cannot be written: \(String(cString: sqlite3_errmsg(handle)))")
  }

  enum Value {
    case null
    case int(Int64)
    case real(Double)
    case text(String)

    static func optional(_ number: Int64?) -> Value { number.map { .int($0) } ?? .null }
    /// A text; none for an empty one.
    static func unlessEmpty(_ text: String) -> Value { text.isEmpty ? .null : .text(text) }
  }

  typealias Cells = [(column: String, value: Value)]

  /// Writes a row.
  func insert(_ table: String, _ row: Cells) throws {
    let columns = row.map(\.column).joined(separator: ", ")
    let places = row.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    let statement = try prepared("INSERT INTO \(table)(\(columns)) VALUES (\(places))")
    sqlite3_reset(statement)
    for (index, cell) in row.enumerated() {
      let place = Int32(index + 1)
      switch cell.value {
      case .null: sqlite3_bind_null(statement, place)
      case .int(let number): sqlite3_bind_int64(statement, place, number)
      case .real(let number): sqlite3_bind_double(statement, place, number)
      case .text(let text):
        sqlite3_bind_text(
          statement, place, text, Int32(text.utf8.count), holdfast_sqlite_transient())
      }
    }
    guard sqlite3_step(statement) == SQLITE_DONE else { throw failure() }
  }

  private func prepared(_ sql: String) throws -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure()
    }
    statements[sql] = statement
    return statement
  }
}
