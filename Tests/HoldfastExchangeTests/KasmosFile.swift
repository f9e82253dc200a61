import HoldfastDatabase
import HoldfastTesting

/// A kasmos database as its releases make them.
struct KasmosFile {
  let path: String

  static let tasks = """
    CREATE TABLE tasks (
      id INTEGER PRIMARY KEY, project TEXT NOT NULL, filename TEXT NOT NULL,
      status TEXT NOT NULL DEFAULT 'ready', description TEXT NOT NULL DEFAULT '',
      branch TEXT NOT NULL DEFAULT '', topic TEXT NOT NULL DEFAULT '',
      created_at TEXT NOT NULL DEFAULT '', implemented TEXT NOT NULL DEFAULT '',
      planning_at TEXT NOT NULL DEFAULT '', implementing_at TEXT NOT NULL DEFAULT '',
      reviewing_at TEXT NOT NULL DEFAULT '', verifying_at TEXT NOT NULL DEFAULT '',
      done_at TEXT NOT NULL DEFAULT '', execution_phase TEXT NOT NULL DEFAULT '',
      active_agent_type TEXT NOT NULL DEFAULT '', active_wave INTEGER NOT NULL DEFAULT 0,
      goal TEXT NOT NULL DEFAULT '', latest_review_feedback TEXT NOT NULL DEFAULT '',
      pr_url TEXT NOT NULL DEFAULT '', content TEXT NOT NULL DEFAULT '',
      review_cycle INTEGER NOT NULL DEFAULT 0, linear_issue_id TEXT NOT NULL DEFAULT '',
      UNIQUE(project, filename));
    """
  static let others = """
    CREATE TABLE topics (id INTEGER PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL,
      created_at TEXT NOT NULL DEFAULT '', UNIQUE(project, name));
    CREATE TABLE subtasks (id INTEGER PRIMARY KEY, project TEXT NOT NULL,
      plan_filename TEXT NOT NULL, task_number INTEGER NOT NULL, title TEXT NOT NULL DEFAULT '',
      status TEXT NOT NULL DEFAULT 'pending', UNIQUE(project, plan_filename, task_number));
    CREATE TABLE pr_reviews (id INTEGER PRIMARY KEY, project TEXT NOT NULL,
      plan_filename TEXT NOT NULL, review_id INTEGER NOT NULL,
      review_state TEXT NOT NULL DEFAULT '', review_body TEXT NOT NULL DEFAULT '',
      reviewer_login TEXT NOT NULL DEFAULT '', reaction_posted INTEGER NOT NULL DEFAULT 0,
      fixer_dispatched INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT '');
    CREATE TABLE signals (id INTEGER PRIMARY KEY, project TEXT NOT NULL DEFAULT '',
      plan_file TEXT NOT NULL DEFAULT '', signal_type TEXT NOT NULL DEFAULT '',
      payload TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT 'pending',
      created_at TEXT NOT NULL DEFAULT '', claimed_by TEXT NOT NULL DEFAULT '',
      claimed_at TEXT NOT NULL DEFAULT '', processed_at TEXT NOT NULL DEFAULT '',
      result TEXT NOT NULL DEFAULT '');
    CREATE TABLE audit_events (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,
      timestamp TEXT NOT NULL, project TEXT NOT NULL DEFAULT '',
      plan_file TEXT NOT NULL DEFAULT '', instance_title TEXT NOT NULL DEFAULT '',
      agent_type TEXT NOT NULL DEFAULT '', wave_number INTEGER NOT NULL DEFAULT 0,
      task_number INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
      detail TEXT NOT NULL DEFAULT '', level TEXT NOT NULL DEFAULT 'info');
    """

  /// Makes a database with rows in every table of project `kas`.
  static func full(_ path: String) throws -> KasmosFile {
    let file = KasmosFile(path: path)
    try file.run(
      tasks + others + """
        PRAGMA journal_mode=DELETE;
        INSERT INTO tasks(id, project, filename, status, description, branch, topic, created_at,
          planning_at, goal, content, review_cycle, execution_phase) VALUES
          (1, 'kas', 'alpha', 'in_progress', 'First', 'plan/alpha', 'core',
            '2026-01-02T03:04:05.123456789Z', '2026-01-02 04:04:05.5 +0100 CET m=+0.1', 'G',
            '# Alpha', 3, 'wave_running'),
          (2, 'kas', 'beta.md', 'completed', '', '', '', '2026-01-03T00:00:00Z', '', '', '', 0, ''),
          (3, 'other', 'alpha', '', '', '', '', '', '', '', '', 0, '');
        INSERT INTO topics(project, name, created_at) VALUES ('kas', 'core', '2026-01-01T00:00:00Z');
        INSERT INTO subtasks(project, plan_filename, task_number, title, status) VALUES
          ('kas', 'alpha', 1, 'one', 'done'), ('kas', 'alpha', 2, 'two', ''),
          ('kas', 'beta.md', 1, 'b', 'pending');
        INSERT INTO pr_reviews(project, plan_filename, review_id, review_state, review_body,
          reaction_posted, created_at) VALUES
          ('kas', 'alpha', 9223372036854775807, 'APPROVED', 'fine', 1, '2026-01-05T00:00:00Z');
        INSERT INTO signals(project, plan_file, signal_type, payload, status, created_at, claimed_by,
          claimed_at, processed_at, result) VALUES
          ('kas', 'alpha', 'implement-finished', 'text', 'pending', '2026-01-06T00:00:00Z',
            '', '', '', ''),
          ('kas', 'alpha', 'plan_start', '', 'processing', '2026-01-06T00:00:01Z',
            'w', '2026-01-06T00:00:02Z', '', ''),
          ('kas', 'beta.md', 'review_approved', '{"a":1}', 'done', '2026-01-06T00:00:03Z',
            'w', '2026-01-06T00:00:04Z', '2026-01-06T00:00:05Z', 'ok'),
          ('kas', 'alpha', 'odd', '', 'pending', '2026-01-06T00:00:06Z', '', '', '', '');
        INSERT INTO audit_events(kind, timestamp, project, plan_file, agent_type, wave_number,
          message, detail, level) VALUES
          ('wave_started', '2026-01-07T00:00:00.5Z', 'kas', 'alpha', 'coder', 2, 'wave 2', '{"x":1}',
            'warn');
        """)
    return file
  }

  func run(_ sql: String) throws {
    let database = try ForeignSQLite(path: path)
    defer { database.close() }
    try database.run(sql)
  }

  func run(_ sql: String, _ values: [SQLValue]) throws {
    let database = try ForeignSQLite(path: path)
    defer { database.close() }
    try database.run(sql, values)
  }
}
