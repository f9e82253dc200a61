internal import HoldfastDatabase

/// The tables of what tasks cost, what is said about them, and what the work on them printed.
enum CostTables {
  static func statements(_ sql: Dialect) -> [String] {
    [
      """
      CREATE TABLE costs(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        agent \(sql.text) NOT NULL DEFAULT '',
        at \(sql.integer) NOT NULL,
        duration_ms \(sql.integer) NOT NULL DEFAULT 0,
        tokens_in \(sql.integer) NOT NULL DEFAULT 0,
        tokens_cached \(sql.integer) NOT NULL DEFAULT 0,
        tokens_out \(sql.integer) NOT NULL DEFAULT 0,
        tokens_thinking \(sql.integer) NOT NULL DEFAULT 0,
        tokens_image \(sql.integer) NOT NULL DEFAULT 0,
        tokens_audio \(sql.integer) NOT NULL DEFAULT 0,
        cost_micros \(sql.integer) NOT NULL DEFAULT 0
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX costs_by_task ON costs(task\(sql.indexEnd))",
      "CREATE INDEX costs_by_project ON costs(project, at)",
      """
      CREATE TABLE comments(
        id \(sql.key),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        author \(sql.text) NOT NULL,
        at \(sql.integer) NOT NULL,
        body \(sql.text) NOT NULL,
        edited_at \(sql.integer),
        deleted_at \(sql.integer)
      ) \(sql.longTableEnd)
      """,
      "CREATE INDEX comments_by_task ON comments(task\(sql.indexEnd))",
      """
      CREATE TABLE task_output(
        id \(sql.key),
        task \(sql.integer) NOT NULL REFERENCES tasks(id),
        type \(sql.text) NOT NULL,
        at \(sql.integer) NOT NULL,
        source \(sql.text) NOT NULL DEFAULT '',
        body \(sql.text) NOT NULL
      ) \(sql.longTableEnd)
      """,
      "CREATE INDEX task_output_by_task ON task_output(task\(sql.indexEnd))",
    ]
  }
}
