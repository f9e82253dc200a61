internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// Agents, and the files that they hold.
extension ExportLines {
  private static let agents = SQL(
    """
    SELECT \(Agent.table.columnList), heartbeats.seen_at FROM agents
    LEFT JOIN heartbeats ON heartbeats.id = agents.id WHERE agents.disconnected_at IS NULL
    ORDER BY agents.name
    """)
  private static let locks: SQL = """
    SELECT locks.path, agents.name, locks.reason, locks.locked_at, tasks.filename FROM locks
    JOIN agents ON agents.id = locks.agent
    LEFT JOIN tasks ON tasks.id = locks.bound_to AND tasks.deleted_at IS NULL
    WHERE locks.project = ?1 ORDER BY locks.path
    """

  /// Writes the agents that are connected: they belong to the store, and any may work in any project.
  mutating func writeAgents() throws {
    let agents = try store.view { view in
      try view.reading.all(Self.agents, []) {
        (agent: Agent(row: $0), seenAt: $0.optionalInt(Agent.table.columns.count + 1))
      }
    }
    for (agent, seenAt) in agents {
      report.agents += 1
      try line("agent") { json in
        ExportedRow.write(agent, to: &json)
        guard let seenAt else { return }
        json.key("last_heartbeat")
        json.string(Timestamp(nanoseconds: seenAt).description)
      }
    }
  }

  mutating func writeLocks(of project: Project) throws {
    let locks = try store.view { view in
      try view.reading.all(Self.locks, [.int(project.id)]) {
        [
          ("path", $0.text(0)), ("agent", $0.text(1)), ("reason", $0.text(2)),
          ("locked_at", Timestamp(nanoseconds: $0.int(3)).description),
          ("task", $0.optionalText(4) ?? ""),
        ]
      }
    }
    for lock in locks {
      report.locks += 1
      try line("lock") { json in
        json.key("project")
        json.string(project.name.text)
        for (key, text) in lock where !text.isEmpty {
          json.key(key)
          json.string(text)
        }
      }
    }
  }
}
