internal import HoldfastDatabase

extension StoreSchema {
  /// The task graph: what a task's row says about it, and the edges between tasks.
  static func taskGraph(_ sql: Dialect) -> [String] {
    let columns = [
      ("title", "\(sql.text) NOT NULL DEFAULT ''"),
      ("given_id", "\(sql.text)"),
      ("workflow", "\(sql.text) NOT NULL DEFAULT ''"),
      ("phase", "\(sql.text) NOT NULL DEFAULT ''"),
      ("parent", "\(sql.integer) REFERENCES tasks(id)"),
      ("sibling_order", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("join_mode", "\(sql.text) NOT NULL DEFAULT 'then'"),
      ("sibling_policy", "\(sql.text) NOT NULL DEFAULT 'block'"),
      ("priority", "\(sql.integer) NOT NULL DEFAULT 5"),
      ("needed_tags", "\(sql.text) NOT NULL DEFAULT ''"),
      ("wanted_tags", "\(sql.text) NOT NULL DEFAULT ''"),
      ("tags", "\(sql.text) NOT NULL DEFAULT ''"),
      ("points", "\(sql.integer)"),
      ("estimate_ms", "\(sql.integer)"),
      ("due_at", "\(sql.integer)"),
      ("defer_until", "\(sql.integer)"),
      ("assignee", "\(sql.text) NOT NULL DEFAULT ''"),
      ("offered_to", "\(sql.text) NOT NULL DEFAULT ''"),
      ("owner", "\(sql.text) NOT NULL DEFAULT ''"),
      ("session", "\(sql.text) NOT NULL DEFAULT ''"),
      ("claimed_at", "\(sql.integer)"),
      ("fence", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("lease_seconds", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("started_at", "\(sql.integer)"),
      ("completed_at", "\(sql.integer)"),
      ("reason", "\(sql.text) NOT NULL DEFAULT ''"),
      ("thought", "\(sql.text) NOT NULL DEFAULT ''"),
      ("progress", "\(sql.text) NOT NULL DEFAULT ''"),
      ("active_since", "\(sql.integer)"),
      ("active_ms", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("logged_ms", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_in", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_cached", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_out", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_thinking", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_image", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("tokens_audio", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("cost_micros", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("metrics", "\(sql.text) NOT NULL DEFAULT ''"),
      ("category", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("ready", "\(sql.integer)"),
      ("rights", "\(sql.text) NOT NULL DEFAULT ''"),
      ("age", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("open_blockers", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("open_children", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("waits_for_sibling", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("waits_for_ancestor", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("deferred", "\(sql.integer) NOT NULL DEFAULT 0"),
      ("lease_until", "\(sql.integer)"),
    ]
    return columns.map { "ALTER TABLE tasks ADD COLUMN \($0.0) \($0.1)" } + [
      // What the rows that are there already come to; later each write keeps it.
      """
      UPDATE tasks SET
        category = CASE
          WHEN status = 'ready' THEN 0
          WHEN status IN ('planning', 'implementing', 'reviewing', 'verifying') THEN 1
          WHEN status = 'done' THEN 3
          WHEN status = 'cancelled' THEN 5
          ELSE 2 END,
        ready = CASE WHEN status = 'ready' AND deleted_at IS NULL THEN 5 END,
        age = coalesce(created_at, 0)
      """,
      // Without a condition: without statistics PostgreSQL takes a part of a table for next to nothing, and
      // reads it whole.
      "DROP INDEX tasks_by_status",
      "CREATE INDEX tasks_by_status ON tasks(status, project, id, deleted_at)",
      "CREATE UNIQUE INDEX tasks_by_given_id ON tasks(given_id) WHERE given_id IS NOT NULL",
      "CREATE INDEX tasks_by_owner ON tasks(owner) WHERE owner <> ''",
      "CREATE INDEX tasks_ready ON tasks(rights, project, ready, age\(sql.indexEnd)) WHERE ready IS NOT NULL",
      // The children of a task in their order; those that open a group; those that have not ended well.
      """
      CREATE INDEX tasks_by_parent ON tasks(parent, sibling_order, age\(sql.indexEnd))
        WHERE parent IS NOT NULL
      """,
      """
      CREATE INDEX tasks_opening_group ON tasks(join_mode, parent, sibling_order, age\(sql.indexEnd))
        WHERE parent IS NOT NULL AND deleted_at IS NULL
      """,
      """
      CREATE INDEX tasks_by_category ON tasks(category, parent, sibling_order, age\(sql.indexEnd))
        WHERE parent IS NOT NULL AND deleted_at IS NULL
      """,
      "CREATE INDEX tasks_by_lease ON tasks(lease_until) WHERE lease_until IS NOT NULL",
      """
      CREATE INDEX tasks_deferred ON tasks(defer_until) WHERE deferred = 1
      """,
      """
      CREATE TABLE dependencies(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        blocker \(sql.integer) NOT NULL REFERENCES tasks(id),
        type \(sql.text) NOT NULL,
        on_failure \(sql.text) NOT NULL DEFAULT 'block',
        created_at \(sql.integer),
        UNIQUE (task, blocker, type)
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX dependencies_by_blocker ON dependencies(blocker, task)",
    ]
  }

  /// The claims of an agent by the lease time at which a tenth of their lease is over.
  static func leasesOfOwner(_ sql: Dialect) -> [String] {
    [
      "DROP INDEX tasks_by_owner",
      """
      CREATE INDEX tasks_by_owner ON tasks(owner, (lease_until - lease_seconds * 900000000))
        WHERE owner <> ''
      """,
    ]
  }

  /// Workflows of projects' own, and the tasks that have one.
  static func workflows(_ sql: Dialect) -> [String] {
    [
      """
      CREATE TABLE workflows(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        name \(sql.text) NOT NULL,
        definition \(sql.text) NOT NULL,
        UNIQUE (project, name)
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX tasks_by_workflow ON tasks(workflow, project, status) WHERE \(hasOwnWorkflow)",
    ]
  }

  /// Whether a task has a workflow of its project's own, as the index says it.
  static let hasOwnWorkflow = "workflow NOT IN ('', 'graph', 'repository')"

  /// What lists of tasks are found by.
  static func taskLists(_ sql: Dialect) -> [String] {
    [
      "CREATE INDEX tasks_at_top ON tasks(project, id) WHERE parent IS NULL AND deleted_at IS NULL",
      """
      CREATE INDEX tasks_blocked ON tasks(project, id)
        WHERE category = 0 AND open_blockers + waits_for_sibling + waits_for_ancestor > 0
          AND deleted_at IS NULL
      """,
    ]
  }
}
