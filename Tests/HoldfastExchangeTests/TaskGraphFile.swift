import HoldfastTesting

/// Databases of task-graph-mcp as its generations make them, with rows in all tables.
enum TaskGraphFile {
  private static func agents(_ more: String = "") -> String {
    """
    CREATE TABLE agents(id TEXT PRIMARY KEY, name TEXT, tags TEXT, max_claims INTEGER NOT NULL DEFAULT 5,
      registered_at INTEGER NOT NULL, last_heartbeat INTEGER NOT NULL\(more));
    """
  }

  private static func tasks(_ more: String = "") -> String {
    """
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
      user_metrics TEXT\(more), created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
    """
  }

  private static let dependencies = """
    CREATE TABLE dependencies(from_task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
      to_task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
      PRIMARY KEY(from_task_id, to_task_id));
    """

  private static func locks(_ more: String = "") -> String {
    """
    CREATE TABLE file_locks(file_path TEXT PRIMARY KEY, agent_id TEXT NOT NULL REFERENCES agents(id),
      locked_at INTEGER NOT NULL\(more));
    """
  }

  private static let sequence = """
    CREATE TABLE claim_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT, file_path TEXT NOT NULL,
      agent_id TEXT NOT NULL, event TEXT NOT NULL, reason TEXT, timestamp INTEGER NOT NULL);
    """

  private static let subscriptions = """
    CREATE TABLE subscriptions(id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, target TEXT);
    CREATE TABLE inbox(id INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, message TEXT);
    INSERT INTO subscriptions VALUES ('s1', 'ada', 'all');
    """

  private static func attachments(_ version: Int) -> String {
    switch version {
    case 1, 2:
      """
      CREATE TABLE attachments(id TEXT PRIMARY KEY, task_id TEXT NOT NULL REFERENCES tasks(id),
        name TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/plain', content TEXT NOT NULL,
        created_at INTEGER NOT NULL\(version == 2 ? ", order_index INTEGER NOT NULL DEFAULT 0" : ""));
      INSERT INTO attachments(id, task_id, name, content, created_at)
        VALUES ('u1', 'do', 'log', 'it ran', 1769000300);
      """
    default:
      """
      CREATE TABLE attachments(task_id TEXT NOT NULL REFERENCES tasks(id), order_index INTEGER NOT NULL,
        name TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/plain', content TEXT NOT NULL,
        created_at INTEGER NOT NULL\(version == 5 ? ", file_path TEXT" : ""),
        PRIMARY KEY(task_id, order_index));
      INSERT INTO attachments(task_id, order_index, name, content, created_at)
        VALUES ('do', 3, 'log', 'it ran', 1769000300);
      """
    }
  }

  /// The times of a database: the code writes milliseconds, the documents say seconds.
  private static func rows(_ version: Int, _ unit: String) -> String {
    let t = unit == "s" ? "" : "000"
    return """
      INSERT INTO agents(id, name, tags, max_claims, registered_at, last_heartbeat) VALUES
        ('ada', 'Ada', '["rust","db"]', 7, 1769000000\(t), 1769000500\(t)),
        ('bob', NULL, '[]', 5, 1769000001\(t), 1769000400\(t));
      INSERT INTO tasks(id, parent_id, title, description, status, priority, join_mode, sibling_order,
        owner_agent, claimed_at, needed_tags, wanted_tags, points, time_estimate_ms, time_actual_ms,
        started_at, completed_at, current_thought, tokens_in, tokens_cached, tokens_out,
        tokens_thinking, tokens_image, tokens_audio, cost_usd, user_metrics, created_at, updated_at)
      VALUES
        ('root', NULL, 'Root', 'all', 'pending', 'critical', 'then', 0, NULL, NULL, NULL, NULL, NULL,
          NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0.0, NULL, 1769000010\(t), 1769000010\(t)),
        ('plan', 'root', 'Plan', NULL, 'completed', 'high', 'then', 0, NULL, 1769000020\(t), '[]', '[]',
          3, 60000, 1500, 1769000020\(t), 1769000090\(t), 'was easy', 100, 20, 30, 4, 5, 6, 0.25,
          '{"lines":12}', 1769000011\(t), 1769000090\(t)),
        ('do', 'root', 'Do', NULL, 'in_progress', 'medium', 'then', 1, 'ada', 1769000100\(t),
          '["rust"]', '["db","web"]', 5, NULL, NULL, 1769000100\(t), NULL, 'half way', 0, 0, 0, 0, 0, 0,
          0.0, NULL, 1769000012\(t), 1769000200\(t)),
        ('see', 'root', 'See', NULL, 'pending', 'low', 'also', 2, NULL, NULL, NULL, NULL, NULL, NULL,
          NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0.0, NULL, 1769000013\(t), 1769000013\(t)),
        ('ship', NULL, 'Ship', NULL, 'pending', 'medium', 'then', 1, NULL, NULL, NULL, NULL, NULL,
          NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0.0, NULL, 1769000014\(t), 1769000014\(t)),
        ('never', NULL, 'Never', NULL, 'failed', 'medium', 'then', 2, NULL, NULL, NULL, NULL, NULL,
          NULL, NULL, NULL, 1769000300\(t), NULL, 0, 0, 0, 0, 0, 0, 0.0, NULL, 1769000015\(t),
          1769000300\(t));
      INSERT INTO dependencies VALUES ('root', 'ship'), ('never', 'see');
      INSERT INTO file_locks(file_path, agent_id, locked_at) VALUES ('src/a.rs', 'ada', 1769000120\(t));
      """
  }

  /// Makes a database of the first generation, whose schema is of that version.
  static func seed(_ path: String, version: Int, unit: String = "ms") throws {
    let later = version >= 4
    var sql = agents(later ? ", last_claim_sequence INTEGER NOT NULL DEFAULT 0" : "")
    sql += tasks(version == 1 ? ", metadata TEXT" : "") + dependencies
    sql += locks(later ? ", reason TEXT" : "")
    sql += later ? sequence : subscriptions
    sql += rows(version, unit)
    sql += attachments(version)
    if version == 1 { sql += "UPDATE tasks SET metadata = '{\"from\":\"x\"}' WHERE id = 'plan';" }
    if later {
      sql += """
        UPDATE file_locks SET reason = 'edit';
        UPDATE agents SET last_claim_sequence = 2 WHERE id = 'bob';
        INSERT INTO claim_sequence(file_path, agent_id, event, reason, timestamp) VALUES
          ('src/b.rs', 'gone', 'claimed', 'try', 1769000050000),
          ('src/b.rs', 'gone', 'released', NULL, 1769000060000),
          ('src/a.rs', 'ada', 'claimed', 'edit', 1769000120000);
        """
    }
    try KasmosFile(path: path).run(sql)
  }

  /// Makes a database of the later generation.
  static func later(_ path: String) throws {
    try KasmosFile(path: path).run(
      """
      CREATE TABLE workers(id TEXT PRIMARY KEY, tags TEXT, max_claims INTEGER NOT NULL DEFAULT 5,
        registered_at INTEGER NOT NULL, last_heartbeat INTEGER NOT NULL,
        last_claim_sequence INTEGER NOT NULL DEFAULT 0, last_status TEXT, last_phase TEXT,
        workflow TEXT);
      CREATE TABLE tasks(id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT,
        status TEXT NOT NULL DEFAULT 'pending', priority TEXT NOT NULL DEFAULT 'medium',
        worker_id TEXT REFERENCES workers(id), claimed_at INTEGER, needed_tags TEXT, wanted_tags TEXT,
        tags TEXT DEFAULT '[]', points INTEGER, time_estimate_ms INTEGER, time_actual_ms INTEGER,
        started_at INTEGER, completed_at INTEGER, current_thought TEXT,
        metric_0 INTEGER NOT NULL DEFAULT 0, metric_1 INTEGER NOT NULL DEFAULT 0,
        metric_2 INTEGER NOT NULL DEFAULT 0, metric_3 INTEGER NOT NULL DEFAULT 0,
        metric_4 INTEGER NOT NULL DEFAULT 0, metric_5 INTEGER NOT NULL DEFAULT 0,
        metric_6 INTEGER NOT NULL DEFAULT 0, metric_7 INTEGER NOT NULL DEFAULT 0,
        cost_usd REAL NOT NULL DEFAULT 0.0, user_metrics TEXT, deleted_at INTEGER, deleted_by TEXT,
        deleted_reason TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, phase TEXT);
      CREATE TABLE dependencies(from_task_id TEXT NOT NULL, to_task_id TEXT NOT NULL,
        dep_type TEXT NOT NULL DEFAULT 'blocks', PRIMARY KEY(from_task_id, to_task_id, dep_type));
      CREATE TABLE file_locks(file_path TEXT PRIMARY KEY, worker_id TEXT NOT NULL, task_id TEXT,
        reason TEXT, locked_at INTEGER NOT NULL);
      CREATE TABLE claim_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT, file_path TEXT NOT NULL,
        worker_id TEXT NOT NULL, event TEXT NOT NULL, reason TEXT, claim_id INTEGER,
        timestamp INTEGER NOT NULL, end_timestamp INTEGER);
      CREATE TABLE task_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL,
        worker_id TEXT, status TEXT, phase TEXT, reason TEXT, timestamp INTEGER NOT NULL,
        end_timestamp INTEGER);
      CREATE TABLE task_tags(task_id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY(task_id, tag));
      CREATE VIRTUAL TABLE tasks_fts USING fts5(task_id UNINDEXED, title, description);
      INSERT INTO workers(id, tags, registered_at, last_heartbeat, workflow)
        VALUES ('w1', '["go"]', 1769000000000, 1769000500000, 'swarm');
      INSERT INTO tasks(id, title, description, status, priority, worker_id, claimed_at, needed_tags,
        tags, points, time_actual_ms, started_at, completed_at, current_thought, metric_0, metric_1,
        metric_2, metric_5, cost_usd, user_metrics, deleted_at, deleted_by, deleted_reason,
        created_at, updated_at, phase) VALUES
        ('top', 'Top', NULL, 'pending', '8', NULL, NULL, '[]', '["x"]', NULL, NULL, NULL, NULL, NULL,
          0, 0, 0, 0, 0.0, NULL, NULL, NULL, NULL, 1769000000000, 1769000000000, NULL),
        ('one', 'One', 'first', 'completed', '9', NULL, NULL, '["go"]', '["x","y"]', 2, 4000,
          1769000010000, 1769000014000, 'done it', 10, 20, 30, 50, 0.003, '{"a":1}', NULL, NULL, NULL,
          1769000001000, 1769000014000, 'implement'),
        ('two', 'Two', NULL, 'working', '0', 'w1', 1769000020000, NULL, '[]', NULL, NULL,
          1769000020000, NULL, 'on it', 0, 0, 0, 0, 0.0, NULL, NULL, NULL, NULL, 1769000002000,
          1769000020000, 'test'),
        ('three', 'Three', NULL, 'assigned', '5', 'w1', NULL, NULL, '[]', NULL, NULL, NULL, NULL, NULL,
          0, 0, 0, 0, 0.0, NULL, NULL, NULL, NULL, 1769000003000, 1769000003000, NULL),
        ('old', 'Old', NULL, 'cancelled', '5', NULL, NULL, NULL, '[]', NULL, NULL, NULL, NULL, NULL,
          0, 0, 0, 0, 0.0, NULL, 1769000030000, 'w1', 'not needed', 1769000004000, 1769000030000,
          NULL);
      INSERT INTO task_tags VALUES ('one', 'x'), ('one', 'z');
      INSERT INTO dependencies VALUES ('top', 'one', 'contains'), ('top', 'two', 'contains'),
        ('top', 'old', 'contains'), ('one', 'two', 'follows'), ('two', 'three', 'blocks'),
        ('one', 'three', 'see-also'), ('old', 'three', 'blocks'), ('gone', 'three', 'blocks');
      INSERT INTO task_sequence(task_id, worker_id, status, phase, reason, timestamp, end_timestamp)
      VALUES
        ('one', NULL, 'pending', NULL, NULL, 1769000001000, 1769000010000),
        ('one', 'w1', 'working', 'implement', NULL, 1769000010000, 1769000014000),
        ('one', NULL, 'completed', NULL, 'all well', 1769000014000, NULL),
        ('two', 'w1', 'working', 'test', NULL, 1769000020000, NULL);
      INSERT INTO file_locks VALUES ('/abs/src/a.go', 'w1', 'two', 'edit', 1769000021000);
      """)
  }

  /// A snapshot of the later generation, with integers as priorities and lists as tags.
  static let snapshot = """
    {"schema_version": 3, "export_version": "1.0.0", "exported_at": "2026-01-26T01:38:09+00:00",
     "exported_by": "task-graph-mcp v0.1.2", "tables": {
      "tasks": [
       {"id": "a", "title": "A", "description": null, "status": "completed", "priority": 7,
        "worker_id": null, "claimed_at": null, "needed_tags": ["n"], "wanted_tags": [],
        "tags": ["t"], "points": null, "time_estimate_ms": null, "time_actual_ms": 297147,
        "started_at": 1769391118913, "completed_at": 1769391416060, "current_thought": "passed",
        "cost_usd": 0.0, "metrics": [1, 2, 3, 0, 0, 0, 0, 9], "phase": "review",
        "created_at": 1769389394179, "updated_at": 1769391416060},
       {"id": "b", "title": "B", "status": "pending", "priority": 3, "tags": [], "cost_usd": 0.5,
        "metrics": [0, 0, 0, 0, 0, 0, 0, 0], "created_at": 1769389394180,
        "updated_at": 1769389394180}],
      "dependencies": [{"from_task_id": "a", "to_task_id": "b", "dep_type": "blocks"}],
      "task_tags": [{"task_id": "a", "tag": "t"}],
      "task_state_sequence": [
       {"id": 1, "task_id": "a", "worker_id": "w", "event": "in_progress", "reason": null,
        "timestamp": 1769391118913, "end_timestamp": 1769391416060},
       {"id": 2, "task_id": "a", "worker_id": null, "event": "completed", "reason": "fine",
        "timestamp": 1769391416060, "end_timestamp": null}]}}
    """
}
