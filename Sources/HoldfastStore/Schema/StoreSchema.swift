public import HoldfastDatabase

/// The schema of a store, and what the engines need to know of it.
public enum StoreSchema {
  public static let current = DatabaseSchema(
    migrations: [
      Migration(1, "the task store") { try run(taskStore, $0) },
      Migration(2, "the task graph") { try run(taskGraph, $0) },
      Migration(3, "agents and file locks") { try run(AgentTables.statements, $0) },
      Migration(4, "the search", run: SearchTables.make),
      Migration(5, "costs, comments and output of tasks") { try run(CostTables.statements, $0) },
      Migration(6, "lists of tasks") { try run(taskLists, $0) },
      Migration(7, "attachments of tasks") { try run(AttachmentTables.statements, $0) },
      Migration(8, "views under the names of task-graph-mcp") {
        try run(TaskGraphViews.statements, $0)
      },
      Migration(9, "the leases of an agent's claims") { try run(leasesOfOwner, $0) },
      Migration(10, "workflows of projects") { try run(workflows, $0) },
    ],
    lastLogEntry: "SELECT seq, at FROM events ORDER BY seq DESC LIMIT 1",
    liveLease: """
      SELECT 1 FROM signals WHERE status = 'processing' AND lease_until > ?1
      UNION ALL SELECT 1 FROM heartbeats WHERE leased_at IS NOT NULL
      UNION ALL SELECT 1 FROM tasks WHERE lease_until > 0 LIMIT 1
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

  private static func run(
    _ statements: (Dialect) -> [String], _ transaction: any WriteTransaction
  ) throws {
    for statement in statements(transaction.dialect) {
      try transaction.execute(SQL(statement), [])
    }
  }

  // Indexes: a create touches one random leaf (the filename); the others grow at their right end.
  //
  // Two indexes of one table that a question could both use start with different columns: a planner that
  // knows nothing of a new table yet takes the wrong one of two that look the same to it.
  private static func taskStore(_ sql: Dialect) -> [String] {
    [
      """
      CREATE TABLE store(
        id \(sql.givenKey) CHECK (id = 1),
        key \(sql.bytes) NOT NULL, epoch \(sql.integer) NOT NULL
      ) \(sql.tableEnd)
      """,
      """
      CREATE TABLE projects(
        id \(sql.key),
        name \(sql.text) NOT NULL,
        identity \(sql.text) NOT NULL DEFAULT '',
        accepts_any_status \(sql.integer) NOT NULL DEFAULT 0,
        config \(sql.text),
        created_at \(sql.integer) NOT NULL,
        deleted_at \(sql.integer),
        alias_of \(sql.integer) REFERENCES projects(id)
      ) \(sql.tableEnd)
      """,
      "CREATE UNIQUE INDEX projects_by_name ON projects(name) WHERE deleted_at IS NULL",
      "CREATE INDEX projects_by_alias ON projects(alias_of) WHERE alias_of IS NOT NULL",
      """
      CREATE TABLE tasks(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        filename \(sql.text) NOT NULL,
        status \(sql.text) NOT NULL,
        description \(sql.text) NOT NULL DEFAULT '',
        branch \(sql.text) NOT NULL DEFAULT '',
        topic \(sql.text) NOT NULL DEFAULT '',
        goal \(sql.text) NOT NULL DEFAULT '',
        implemented \(sql.text) NOT NULL DEFAULT '',
        created_at \(sql.integer),
        planning_at \(sql.integer),
        implementing_at \(sql.integer),
        reviewing_at \(sql.integer),
        verifying_at \(sql.integer),
        done_at \(sql.integer),
        execution_phase \(sql.text) NOT NULL DEFAULT '',
        active_agent_type \(sql.text) NOT NULL DEFAULT '',
        active_wave \(sql.integer) NOT NULL DEFAULT 0,
        review_cycle \(sql.integer) NOT NULL DEFAULT 0,
        latest_review_feedback \(sql.text) NOT NULL DEFAULT '',
        pr_url \(sql.text) NOT NULL DEFAULT '',
        pr_review_decision \(sql.text) NOT NULL DEFAULT '',
        pr_check_status \(sql.text) NOT NULL DEFAULT '',
        pr_create_state \(sql.text) NOT NULL DEFAULT '',
        pr_create_error \(sql.text) NOT NULL DEFAULT '',
        pr_create_attempts \(sql.integer) NOT NULL DEFAULT 0,
        pr_create_attempted_at \(sql.integer),
        verified_sha \(sql.text) NOT NULL DEFAULT '',
        verified_base_sha \(sql.text) NOT NULL DEFAULT '',
        verified_at \(sql.integer),
        verified_by \(sql.text) NOT NULL DEFAULT '',
        stale_verification_reason \(sql.text) NOT NULL DEFAULT '',
        blocked_reason \(sql.text) NOT NULL DEFAULT '',
        blocked_source \(sql.text) NOT NULL DEFAULT '',
        blocked_at \(sql.integer),
        clickup_task_id \(sql.text) NOT NULL DEFAULT '',
        linear_issue_id \(sql.text) NOT NULL DEFAULT '',
        linear_identifier \(sql.text) NOT NULL DEFAULT '',
        linear_url \(sql.text) NOT NULL DEFAULT '',
        linear_team_key \(sql.text) NOT NULL DEFAULT '',
        linear_project_id \(sql.text) NOT NULL DEFAULT '',
        content \(sql.integer),
        content_bytes \(sql.integer) NOT NULL DEFAULT 0,
        revision \(sql.integer) NOT NULL,
        deleted_at \(sql.integer)
      ) \(sql.tableEnd)
      """,
      "CREATE UNIQUE INDEX tasks_by_filename ON tasks(project, filename) WHERE deleted_at IS NULL",
      "CREATE INDEX tasks_by_status ON tasks(status, project, id) WHERE deleted_at IS NULL",
      """
      CREATE INDEX tasks_by_topic ON tasks(project, \(sql.indexed("topic")), id)
        WHERE topic <> '' AND deleted_at IS NULL
      """,
      """
      CREATE INDEX tasks_by_linear_issue ON tasks(project, \(sql.indexed("linear_issue_id")))
        WHERE linear_issue_id <> '' AND deleted_at IS NULL
      """,
      """
      CREATE INDEX tasks_deleted ON tasks(project, filename, revision)
        WHERE deleted_at IS NOT NULL
      """,
      """
      CREATE TABLE subtasks(
        id \(sql.key),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        number \(sql.integer) NOT NULL,
        title \(sql.text) NOT NULL DEFAULT '',
        status \(sql.text) NOT NULL DEFAULT '',
        UNIQUE (task, number)
      ) \(sql.tableEnd)
      """,
      """
      CREATE TABLE pr_reviews(
        id \(sql.key),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        review_id \(sql.integer) NOT NULL,
        review_state \(sql.text) NOT NULL DEFAULT '',
        review_body \(sql.text) NOT NULL DEFAULT '',
        reviewer_login \(sql.text) NOT NULL DEFAULT '',
        reaction_posted \(sql.integer) NOT NULL DEFAULT 0,
        fixer_dispatched \(sql.integer) NOT NULL DEFAULT 0,
        created_at \(sql.integer),
        url \(sql.text) NOT NULL DEFAULT '',
        submitted_at \(sql.integer),
        UNIQUE (task, review_id)
      ) \(sql.tableEnd)
      """,
      """
      CREATE TABLE topics(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        name \(sql.text) NOT NULL,
        created_at \(sql.integer),
        UNIQUE (project, name)
      ) \(sql.tableEnd)
      """,
      """
      CREATE TABLE signals(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        task \(sql.integer) REFERENCES tasks(id),
        plan_file \(sql.text) NOT NULL DEFAULT '',
        type \(sql.text) NOT NULL,
        payload \(sql.text) NOT NULL DEFAULT '',
        status \(sql.text) NOT NULL,
        created_at \(sql.integer) NOT NULL,
        claimed_by \(sql.text) NOT NULL DEFAULT '',
        claimed_at \(sql.integer),
        processed_at \(sql.integer),
        result \(sql.text) NOT NULL DEFAULT '',
        attempts \(sql.integer) NOT NULL DEFAULT 0,
        claim \(sql.integer),
        lease_until \(sql.integer)
      ) \(sql.tableEnd)
      """,
      // A signal stands in the indexes of its status alone, so a claim touches one leaf of each of
      // three. The first two let every claim seek, with any filter and whatever else is pending.
      """
      CREATE INDEX signals_pending_by_type ON signals(type, project, created_at\(sql.indexEnd))
        WHERE status = 'pending'
      """,
      """
      CREATE INDEX signals_pending_by_plan ON signals(plan_file, project, type, created_at\(sql.indexEnd))
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
        seq \(sql.givenKey),
        project \(sql.integer),
        task \(sql.integer),
        type \(sql.text) NOT NULL,
        actor \(sql.text) NOT NULL,
        at \(sql.integer) NOT NULL,
        data \(sql.text) NOT NULL,
        content \(sql.bytes)
      ) \(sql.longTableEnd)
      """,
      "CREATE INDEX events_by_task ON events(task, seq) WHERE task IS NOT NULL",
      "CREATE INDEX events_by_project ON events(project, seq, type)",
      """
      CREATE TABLE audit_lines(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        task \(sql.integer) REFERENCES tasks(id),
        kind \(sql.text) NOT NULL,
        happened_at \(sql.integer) NOT NULL,
        task_file \(sql.text) NOT NULL DEFAULT '',
        instance_title \(sql.text) NOT NULL DEFAULT '',
        agent_type \(sql.text) NOT NULL DEFAULT '',
        wave_number \(sql.integer) NOT NULL DEFAULT 0,
        task_number \(sql.integer) NOT NULL DEFAULT 0,
        message \(sql.text) NOT NULL DEFAULT '',
        detail \(sql.text) NOT NULL DEFAULT '',
        level \(sql.text) NOT NULL DEFAULT 'info'
      ) \(sql.tableEnd)
      """,
      """
      CREATE INDEX audit_lines_by_project
        ON audit_lines(project, happened_at, id, \(sql.indexed("kind")))
      """,
      """
      CREATE INDEX audit_lines_by_task ON audit_lines(task, happened_at, id) WHERE task IS NOT NULL
      """,
      """
      CREATE INDEX audit_lines_by_file
        ON audit_lines(project, \(sql.indexed("task_file")), happened_at, id)
        WHERE task IS NULL
      """,
      """
      CREATE TABLE idempotency(
        id \(sql.key),
        key \(sql.bytes) NOT NULL UNIQUE,
        request \(sql.bytes) NOT NULL,
        at \(sql.integer) NOT NULL,
        status \(sql.integer) NOT NULL,
        revision \(sql.integer),
        answer \(sql.bytes) NOT NULL,
        text \(sql.integer),
        text_place \(sql.integer)
      ) \(sql.tableEnd)
      """,
    ]
  }
}
