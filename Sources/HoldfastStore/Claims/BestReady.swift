internal import HoldfastDatabase
internal import HoldfastModel

// The tasks that can be claimed stand in one index by who may claim them, then by urgency and age. An
// agent may claim those of a few keys of rights; the best of each is one seek.

extension StoreView {
  private static let readyOf = Lookup<TaskEntry>(
    by: ["rights", "project"], where: [.isNotNull("ready")], order: ["ready", "age", "id"])

  // Over all projects, and then which of them are in the one: each a seek. A condition on the project
  // inside would go through the ready tasks of others.
  private static let keysOfReady: SQL = """
    WITH RECURSIVE keys(rights) AS (
      SELECT min(rights) FROM tasks WHERE ready IS NOT NULL AND rights >= ?2
      UNION ALL
      SELECT (SELECT min(rights) FROM tasks WHERE ready IS NOT NULL AND rights > keys.rights)
      FROM keys WHERE keys.rights IS NOT NULL)
    SELECT rights FROM keys
    WHERE rights IS NOT NULL AND EXISTS (
      SELECT 1 FROM tasks
      WHERE tasks.rights = keys.rights AND tasks.project = ?1 AND tasks.ready IS NOT NULL)
    """

  /// The keys of rights under which an agent may claim; without an agent all that there are.
  func rightsOfReady(for agent: Agent?, in project: Int64) throws -> [String] {
    guard let agent else { return try rightsOfReady(from: "", in: project) }
    let tagged = try rightsOfReady(from: TagRights.tagged, in: project).filter {
      TagRights(key: $0)?.allows(agent.tags) ?? false
    }
    return ["", TagRights.key(assignedTo: agent.name.text)] + tagged
  }

  fileprivate func rightsOfReady(from key: String, in project: Int64) throws -> [String] {
    try reading.all(Self.keysOfReady, [.int(project), .text(key)]) { $0.text(0) }
  }

  /// Which of two tasks is claimed first.
  static func isBetter(_ a: TaskEntry, _ b: TaskEntry) -> Bool {
    (a.graph.ready ?? .max, a.graph.age, a.id) < (b.graph.ready ?? .max, b.graph.age, b.id)
  }

  /// The best task of a key of rights.
  func bestReady(rights: String, in project: Int64) throws -> TaskEntry? {
    try first(Self.readyOf, [.text(rights), .int(project)])
  }
}

extension Changes {
  private static let tagged = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.rights = ?1 AND tasks.project = ?2 AND tasks.ready IS NOT NULL AND tasks.tags <> ''
    ORDER BY tasks.ready, tasks.age, tasks.id
    """)

  /// The best task that an agent can start now.
  ///
  /// - Parameter tags: Only one with all of these; then the ready tasks are gone through in their order.
  func bestReady(for agent: Agent, tags: TagList, in project: Int64) throws -> TaskEntry? {
    var best: TaskEntry?
    for rights in try rightsOfReady(for: agent, in: project) {
      let task =
        try tags.isEmpty
        ? bestReady(rights: rights, in: project) : firstTagged(tags, rights, in: project)
      if let task, best.map({ Self.isBetter(task, $0) }) ?? true { best = task }
    }
    return best
  }

  private func firstTagged(
    _ tags: TagList, _ rights: String, in project: Int64
  ) throws -> TaskEntry? {
    var found: TaskEntry?
    _ = try transaction.query(Self.tagged, [.text(rights), .int(project)]) { row in
      let task = TaskEntry(row: row)
      guard tags.tags.allSatisfy(task.graph.tags.contains) else { return true }
      found = task
      return false
    }
    return found
  }
}
