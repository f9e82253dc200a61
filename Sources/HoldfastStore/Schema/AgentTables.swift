internal import HoldfastDatabase

/// The tables of agents and of the files that they lock.
enum AgentTables {
  static func create(_ transaction: any WriteTransaction) throws {
    for statement in statements(transaction.dialect) {
      try transaction.execute(SQL(statement), [])
    }
  }

  private static func statements(_ sql: Dialect) -> [String] {
    [
      // A row stays when its agent disconnects: what it did refers to it.
      """
      CREATE TABLE agents(
        id \(sql.key),
        name \(sql.text) NOT NULL,
        title \(sql.text) NOT NULL DEFAULT '',
        tags \(sql.text) NOT NULL DEFAULT '',
        max_claims \(sql.integer) NOT NULL DEFAULT 5,
        registered_at \(sql.integer) NOT NULL,
        joined \(sql.integer) NOT NULL,
        disconnected_at \(sql.integer)
      ) \(sql.tableEnd)
      """,
      "CREATE UNIQUE INDEX agents_by_name ON agents(name) WHERE disconnected_at IS NULL",
      "CREATE INDEX agents_connected ON agents(id) WHERE disconnected_at IS NULL",
      """
      CREATE TABLE heartbeats(
        id \(sql.givenKey) REFERENCES agents(id),
        seen_at \(sql.integer) NOT NULL,
        leased_at \(sql.integer)
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX heartbeats_by_lease ON heartbeats(leased_at) WHERE leased_at IS NOT NULL",
      """
      CREATE TABLE locks(
        id \(sql.key),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        path \(sql.text) NOT NULL,
        agent \(sql.integer) NOT NULL REFERENCES agents(id),
        bound_to \(sql.integer) REFERENCES tasks(id),
        reason \(sql.text) NOT NULL DEFAULT '',
        locked_at \(sql.integer) NOT NULL,
        fence \(sql.integer) NOT NULL
      ) \(sql.tableEnd)
      """,
      // Not unique: a path is longer than an entry of an index of PostgreSQL may be.
      "CREATE INDEX locks_by_path ON locks(project, \(sql.indexed("path")))",
      "CREATE INDEX locks_by_agent ON locks(agent, id)",
      "CREATE INDEX locks_by_task ON locks(bound_to) WHERE bound_to IS NOT NULL",
      """
      CREATE TABLE lock_events(
        id \(sql.givenKey),
        seq \(sql.integer) NOT NULL,
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        path \(sql.text) NOT NULL,
        agent \(sql.integer) NOT NULL REFERENCES agents(id),
        cause \(sql.text) NOT NULL,
        reason \(sql.text) NOT NULL DEFAULT '',
        happened_at \(sql.integer) NOT NULL
      ) \(sql.tableEnd)
      """,
      "CREATE INDEX lock_events_by_project ON lock_events(project, seq\(sql.indexEnd))",
      """
      CREATE TABLE lock_positions(
        id \(sql.givenKey),
        agent \(sql.integer) NOT NULL REFERENCES agents(id),
        project \(sql.integer) NOT NULL REFERENCES projects(id),
        filter \(sql.text) NOT NULL,
        position \(sql.integer) NOT NULL,
        UNIQUE (agent, project, filter)
      ) \(sql.tableEnd)
      """,
      // The number through which lock events are no longer kept.
      """
      CREATE TABLE lock_cut(
        id \(sql.givenKey) CHECK (id = 1), through \(sql.integer) NOT NULL
      ) \(sql.tableEnd)
      """,
      "INSERT INTO lock_cut(id, through) VALUES (1, 0)",
    ]
  }
}
