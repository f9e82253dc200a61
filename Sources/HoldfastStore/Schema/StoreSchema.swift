public import HoldfastDatabase

/// The schema of a store, and what the engines need to know of it.
public enum StoreSchema {
  public static let current = DatabaseSchema(
    migrations: [Migration(1, "the task store", run: createTaskStore)],
    lastLogEntry: "SELECT seq, at FROM events ORDER BY seq DESC LIMIT 1",
    liveLease: """
      SELECT 1 FROM signals WHERE status = 'processing' AND lease_until > ?1 LIMIT 1
      """,
    endedLeases: SQL(
      """
      SELECT '\(Signal.waitKey)' || projects.name FROM projects
      WHERE projects.deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM signals
        WHERE signals.project = coalesce(projects.alias_of, projects.id)
          AND signals.status = 'processing' AND signals.lease_until <= ?1)
      """),
    applicationID: 0x486f_6c64  // "Hold"
  )

  private static func createTaskStore(_ transaction: any WriteTransaction) throws {
    for statement in taskStore {
      try transaction.execute(SQL(statement), [])
    }
  }

  // Indexes: a create touches one random leaf (the filename); the others grow at their right end.
  private static let taskStore = [
    """
    CREATE TABLE store(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      key BLOB NOT NULL, epoch INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE projects(
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      identity TEXT NOT NULL DEFAULT '',
      accepts_any_status INTEGER NOT NULL DEFAULT 0,
      config TEXT,
      created_at INTEGER NOT NULL,
      deleted_at INTEGER,
      alias_of INTEGER REFERENCES projects(id)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX projects_by_name ON projects(name) WHERE deleted_at IS NULL",
    "CREATE INDEX projects_by_alias ON projects(alias_of) WHERE alias_of IS NOT NULL",
    """
    CREATE TABLE tasks(
      id INTEGER PRIMARY KEY,
      project INTEGER NOT NULL REFERENCES projects(id),
      filename TEXT NOT NULL,
      status TEXT NOT NULL,
      description TEXT NOT NULL DEFAULT '',
      branch TEXT NOT NULL DEFAULT '',
      topic TEXT NOT NULL DEFAULT '',
      goal TEXT NOT NULL DEFAULT '',
      implemented TEXT NOT NULL DEFAULT '',
      created_at INTEGER,
      planning_at INTEGER,
      implementing_at INTEGER,
      reviewing_at INTEGER,
      verifying_at INTEGER,
      done_at INTEGER,
      execution_phase TEXT NOT NULL DEFAULT '',
      active_agent_type TEXT NOT NULL DEFAULT '',
      active_wave INTEGER NOT NULL DEFAULT 0,
      review_cycle INTEGER NOT NULL DEFAULT 0,
      latest_review_feedback TEXT NOT NULL DEFAULT '',
      pr_url TEXT NOT NULL DEFAULT '',
      pr_review_decision TEXT NOT NULL DEFAULT '',
      pr_check_status TEXT NOT NULL DEFAULT '',
      pr_create_state TEXT NOT NULL DEFAULT '',
      pr_create_error TEXT NOT NULL DEFAULT '',
      pr_create_attempts INTEGER NOT NULL DEFAULT 0,
      pr_create_attempted_at INTEGER,
      verified_sha TEXT NOT NULL DEFAULT '',
      verified_base_sha TEXT NOT NULL DEFAULT '',
      verified_at INTEGER,
      verified_by TEXT NOT NULL DEFAULT '',
      stale_verification_reason TEXT NOT NULL DEFAULT '',
      blocked_reason TEXT NOT NULL DEFAULT '',
      blocked_source TEXT NOT NULL DEFAULT '',
      blocked_at INTEGER,
      clickup_task_id TEXT NOT NULL DEFAULT '',
      linear_issue_id TEXT NOT NULL DEFAULT '',
      linear_identifier TEXT NOT NULL DEFAULT '',
      linear_url TEXT NOT NULL DEFAULT '',
      linear_team_key TEXT NOT NULL DEFAULT '',
      linear_project_id TEXT NOT NULL DEFAULT '',
      content INTEGER,
      content_bytes INTEGER NOT NULL DEFAULT 0,
      revision INTEGER NOT NULL,
      deleted_at INTEGER
    ) STRICT
    """,
    "CREATE UNIQUE INDEX tasks_by_filename ON tasks(project, filename) WHERE deleted_at IS NULL",
    "CREATE INDEX tasks_by_status ON tasks(project, status, id) WHERE deleted_at IS NULL",
    """
    CREATE INDEX tasks_by_topic ON tasks(project, topic, id)
      WHERE topic <> '' AND deleted_at IS NULL
    """,
    """
    CREATE INDEX tasks_by_linear_issue ON tasks(project, linear_issue_id)
      WHERE linear_issue_id <> '' AND deleted_at IS NULL
    """,
    """
    CREATE INDEX tasks_deleted ON tasks(project, filename, revision)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE TABLE subtasks(
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL REFERENCES tasks(id),
      number INTEGER NOT NULL,
      title TEXT NOT NULL DEFAULT '',
      status TEXT NOT NULL DEFAULT '',
      UNIQUE (task, number)
    ) STRICT
    """,
    """
    CREATE TABLE pr_reviews(
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL REFERENCES tasks(id),
      review_id INTEGER NOT NULL,
      review_state TEXT NOT NULL DEFAULT '',
      review_body TEXT NOT NULL DEFAULT '',
      reviewer_login TEXT NOT NULL DEFAULT '',
      reaction_posted INTEGER NOT NULL DEFAULT 0,
      fixer_dispatched INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER,
      url TEXT NOT NULL DEFAULT '',
      submitted_at INTEGER,
      UNIQUE (task, review_id)
    ) STRICT
    """,
    """
    CREATE TABLE topics(
      id INTEGER PRIMARY KEY,
      project INTEGER NOT NULL REFERENCES projects(id),
      name TEXT NOT NULL,
      created_at INTEGER,
      UNIQUE (project, name)
    ) STRICT
    """,
    """
    CREATE TABLE signals(
      id INTEGER PRIMARY KEY,
      project INTEGER NOT NULL REFERENCES projects(id),
      task INTEGER REFERENCES tasks(id),
      plan_file TEXT NOT NULL DEFAULT '',
      type TEXT NOT NULL,
      payload TEXT NOT NULL DEFAULT '',
      status TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      claimed_by TEXT NOT NULL DEFAULT '',
      claimed_at INTEGER,
      processed_at INTEGER,
      result TEXT NOT NULL DEFAULT '',
      attempts INTEGER NOT NULL DEFAULT 0,
      claim INTEGER,
      lease_until INTEGER
    ) STRICT
    """,
    // A signal stands in the indexes of its status alone, so a claim touches one leaf of each of
    // three. The first two let every claim seek, with any filter and whatever else is pending.
    """
    CREATE INDEX signals_pending_by_type ON signals(project, type, created_at)
      WHERE status = 'pending'
    """,
    """
    CREATE INDEX signals_pending_by_plan ON signals(project, plan_file, type, created_at)
      WHERE status = 'pending'
    """,
    """
    CREATE INDEX signals_processing ON signals(project, lease_until) WHERE status = 'processing'
    """,
    """
    CREATE INDEX signals_ended ON signals(project, status, created_at)
      WHERE status IN ('done', 'failed')
    """,
    "CREATE INDEX signals_by_task ON signals(task) WHERE task IS NOT NULL",
    """
    CREATE TABLE events(
      seq INTEGER PRIMARY KEY,
      project INTEGER,
      task INTEGER,
      type TEXT NOT NULL,
      actor TEXT NOT NULL,
      at INTEGER NOT NULL,
      data TEXT NOT NULL,
      content BLOB
    ) STRICT
    """,
    "CREATE INDEX events_by_task ON events(task, seq) WHERE task IS NOT NULL",
    "CREATE INDEX events_by_project ON events(project, seq, type)",
    """
    CREATE TABLE audit_lines(
      id INTEGER PRIMARY KEY,
      project INTEGER NOT NULL REFERENCES projects(id),
      task INTEGER REFERENCES tasks(id),
      kind TEXT NOT NULL,
      happened_at INTEGER NOT NULL,
      task_file TEXT NOT NULL DEFAULT '',
      instance_title TEXT NOT NULL DEFAULT '',
      agent_type TEXT NOT NULL DEFAULT '',
      wave_number INTEGER NOT NULL DEFAULT 0,
      task_number INTEGER NOT NULL DEFAULT 0,
      message TEXT NOT NULL DEFAULT '',
      detail TEXT NOT NULL DEFAULT '',
      level TEXT NOT NULL DEFAULT 'info'
    ) STRICT
    """,
    "CREATE INDEX audit_lines_by_project ON audit_lines(project, happened_at, id, kind)",
    """
    CREATE INDEX audit_lines_by_task ON audit_lines(task, happened_at, id) WHERE task IS NOT NULL
    """,
    """
    CREATE INDEX audit_lines_by_file ON audit_lines(project, task_file, happened_at, id)
      WHERE task IS NULL
    """,
    """
    CREATE TABLE idempotency(
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL UNIQUE,
      request BLOB NOT NULL,
      at INTEGER NOT NULL,
      status INTEGER NOT NULL,
      revision INTEGER,
      answer BLOB NOT NULL,
      text INTEGER,
      text_place INTEGER
    ) STRICT
    """,
  ]
}
