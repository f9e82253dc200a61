internal import HoldfastDatabase

/// The tables of task-graph-mcp, under its names, as views of the store: for reports and for programs that
/// know those names.
///
/// A task is known by the id that was given to it, or by its filename. Its status is one of the five,
/// whatever its workflow calls it. Deleted tasks are out of sight.
enum TaskGraphViews {
  /// In which unit times are.
  enum Unit: Int64 {
    case milliseconds = 1_000_000
    case seconds = 1_000_000_000
  }

  /// Each view with what it selects.
  static func all(_ sql: Dialect, _ unit: Unit) -> [(name: String, select: String)] {
    [
      ("task_graph_tasks", tasks(sql, unit)), ("task_graph_agents", agents(sql, unit)),
      ("task_graph_dependencies", dependencies), ("task_graph_file_locks", locks(unit)),
      ("task_graph_claim_sequence", sequence(unit)),
      ("task_graph_attachments", attachments(sql, unit)),
    ]
  }

  static func statements(_ sql: Dialect) -> [String] {
    let views = all(sql, .milliseconds).map { "CREATE VIEW \($0.name) AS \($0.select)" }
    return sql == .postgresql ? [textOfBytes] + views : views
  }

  /// Bytes as a text: those that are none in Base64.
  private static let textOfBytes = """
    CREATE OR REPLACE FUNCTION task_graph_text(content BYTEA) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
      RETURN convert_from(content, 'UTF8');
    EXCEPTION WHEN OTHERS THEN
      RETURN encode(content, 'base64');
    END $$
    """

  /// What is attached to tasks; of a file its path alone, as there.
  private static func attachments(_ sql: Dialect, _ unit: Unit) -> String {
    let content =
      switch sql {
      case .sqlite: "CAST(blobs.content AS TEXT)"
      case .postgresql: "task_graph_text(blobs.content)"
      }
    return """
      SELECT \(id("tasks")) AS task_id, attachments.order_index AS order_index,
        attachments.name AS name, attachments.mime_type AS mime_type,
        coalesce(\(content), '') AS content, nullif(attachments.file_path, '') AS file_path,
        \(time("attachments.created_at", unit)) AS created_at,
        nullif(attachments.attachment_type, '') AS attachment_type, attachments.bytes AS bytes,
        projects.name AS project
      FROM attachments JOIN tasks ON tasks.id = attachments.task
        JOIN projects ON projects.id = tasks.project
        LEFT JOIN blobs ON blobs.hash = attachments.hash AND attachments.hash <> ''
      WHERE attachments.detached_at IS NULL AND tasks.deleted_at IS NULL
      """
  }

  private static func time(_ column: String, _ unit: Unit) -> String {
    "\(column) / \(unit.rawValue)"
  }

  /// Tags as a JSON list: they are stored apart by line ends, and have no other control characters.
  private static func list(_ column: String, _ sql: Dialect) -> String {
    let lineEnd =
      switch sql {
      case .sqlite: "char(10)"
      case .postgresql: "chr(10)"
      }
    let escaped = "replace(replace(\(column), '\\', '\\\\'), '\"', '\\\"')"
    return "CASE WHEN \(column) = '' THEN '[]' "
      + "ELSE '[\"' || replace(\(escaped), \(lineEnd), '\",\"') || '\"]' END"
  }

  private static func id(_ table: String) -> String {
    "coalesce(\(table).given_id, \(table).filename)"
  }

  private static func tasks(_ sql: Dialect, _ unit: Unit) -> String {
    """
    SELECT \(id("tasks")) AS id,
      (SELECT \(id("parents")) FROM tasks AS parents
        WHERE parents.id = tasks.parent AND parents.deleted_at IS NULL) AS parent_id,
      CASE WHEN tasks.title = '' THEN tasks.filename ELSE tasks.title END AS title,
      nullif(tasks.description, '') AS description,
      CASE tasks.category WHEN 1 THEN 'in_progress' WHEN 3 THEN 'completed' WHEN 4 THEN 'failed'
        WHEN 5 THEN 'cancelled' ELSE 'pending' END AS status,
      CASE WHEN tasks.priority <= 3 THEN 'low' WHEN tasks.priority <= 6 THEN 'medium'
        WHEN tasks.priority <= 8 THEN 'high' ELSE 'critical' END AS priority,
      tasks.join_mode AS join_mode, tasks.sibling_order AS sibling_order,
      nullif(tasks.owner, '') AS owner_agent, \(time("tasks.claimed_at", unit)) AS claimed_at,
      \(list("tasks.needed_tags", sql)) AS needed_tags,
      \(list("tasks.wanted_tags", sql)) AS wanted_tags,
      tasks.points AS points, tasks.estimate_ms AS time_estimate_ms,
      tasks.active_ms + tasks.logged_ms AS time_actual_ms,
      \(time("tasks.started_at", unit)) AS started_at,
      \(time("tasks.completed_at", unit)) AS completed_at,
      nullif(tasks.thought, '') AS current_thought,
      tasks.tokens_in AS tokens_in, tasks.tokens_cached AS tokens_cached,
      tasks.tokens_out AS tokens_out, tasks.tokens_thinking AS tokens_thinking,
      tasks.tokens_image AS tokens_image, tasks.tokens_audio AS tokens_audio,
      CAST(tasks.cost_micros AS DOUBLE PRECISION) / 1000000 AS cost_usd,
      nullif(tasks.metrics, '') AS user_metrics,
      \(time("coalesce(tasks.created_at, 0)", unit)) AS created_at,
      (SELECT \(time("events.at", unit)) FROM events WHERE events.seq = tasks.revision) AS updated_at,
      tasks.priority AS priority_value, \(list("tasks.tags", sql)) AS tags,
      nullif(tasks.phase, '') AS phase, tasks.filename AS filename, projects.name AS project
    FROM tasks JOIN projects ON projects.id = tasks.project
    WHERE tasks.deleted_at IS NULL
    """
  }

  private static func agents(_ sql: Dialect, _ unit: Unit) -> String {
    """
    SELECT agents.name AS id, nullif(agents.title, '') AS name, \(list("agents.tags", sql)) AS tags,
      agents.max_claims AS max_claims, \(time("agents.registered_at", unit)) AS registered_at,
      \(time("coalesce(heartbeats.seen_at, agents.registered_at)", unit)) AS last_heartbeat,
      coalesce((SELECT max(lock_positions.position) FROM lock_positions
        WHERE lock_positions.agent = agents.id AND lock_positions.filter = ''), agents.joined)
        AS last_claim_sequence
    FROM agents LEFT JOIN heartbeats ON heartbeats.id = agents.id
    WHERE agents.disconnected_at IS NULL
    """
  }

  private static let dependencies = """
    SELECT \(id("blockers")) AS from_task_id, \(id("tasks")) AS to_task_id,
      dependencies.type AS dep_type, dependencies.on_failure AS on_failure, projects.name AS project
    FROM dependencies JOIN tasks ON tasks.id = dependencies.task
      JOIN tasks AS blockers ON blockers.id = dependencies.blocker
      JOIN projects ON projects.id = dependencies.project
    WHERE dependencies.type IN ('blocks', 'follows')
      AND tasks.deleted_at IS NULL AND blockers.deleted_at IS NULL
    """

  private static func locks(_ unit: Unit) -> String {
    """
    SELECT locks.path AS file_path, agents.name AS agent_id, nullif(locks.reason, '') AS reason,
      \(time("locks.locked_at", unit)) AS locked_at, projects.name AS project
    FROM locks JOIN agents ON agents.id = locks.agent JOIN projects ON projects.id = locks.project
    """
  }

  /// The files of one call share a number.
  private static func sequence(_ unit: Unit) -> String {
    """
    SELECT lock_events.seq AS id, lock_events.path AS file_path, agents.name AS agent_id,
      CASE lock_events.cause WHEN 'taken' THEN 'claimed' ELSE 'released' END AS event,
      nullif(lock_events.reason, '') AS reason, \(time("lock_events.happened_at", unit)) AS timestamp,
      projects.name AS project
    FROM lock_events JOIN agents ON agents.id = lock_events.agent
      JOIN projects ON projects.id = lock_events.project
    """
  }
}
