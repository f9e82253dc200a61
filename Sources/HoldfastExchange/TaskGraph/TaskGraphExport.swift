internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel
public import HoldfastStore

/// Writes a project as a database of task-graph-mcp: the schema V005 of its first generation.
///
/// The server keeps a record of its migrations with sums of its own texts, and opens no database that has
/// none: a template, an empty database that it made itself, brings that.
///
/// All of it is of one moment, which the store's log waits for. What has no place there is left out, and counted: deleted tasks, tags, phases, edges that hold
/// nothing, comments and output. A status that is not known there becomes the one of its meaning, and the
/// report says which tasks had it.
public struct TaskGraphExport: StoreOperation {
  public static let name = "export_task_graph"
  public static let summary = "Writes a project as a database of task-graph-mcp."
  public static let access = Access.read

  /// An empty file.
  public let path: String
  public let project: ProjectName
  public let unit: SQLQuery.TimeUnit
  /// An empty database that the server made.
  public let template: String?

  public init(path: String, project: ProjectName, unit: SQLQuery.TimeUnit, template: String?) {
    self.path = path
    self.project = project
    self.unit = unit
    self.template = template
  }

  private static let tasksPerStep = 500
  private static let tasks = SQL(
    """
    SELECT \(TaskEntry.table.columnList), events.at FROM tasks
    LEFT JOIN events ON events.seq = tasks.revision
    WHERE tasks.project = ?1 AND tasks.deleted_at IS NULL ORDER BY tasks.id
    """)
  private static let attachments = SQL(
    """
    SELECT \(Attachment.table.columnList) FROM attachments
    WHERE attachments.task = ?1 AND attachments.detached_at IS NULL ORDER BY attachments.order_index
    """)
  private static let agents = SQL(
    """
    SELECT \(Agent.table.columnList), heartbeats.seen_at,
      (SELECT count(*) FROM lock_events WHERE lock_events.project = ?1 AND lock_events.seq <= coalesce(
        (SELECT lock_positions.position FROM lock_positions WHERE lock_positions.agent = agents.id
          AND lock_positions.project = ?1 AND lock_positions.filter = ''), agents.joined))
    FROM agents LEFT JOIN heartbeats ON heartbeats.id = agents.id
    WHERE agents.disconnected_at IS NULL ORDER BY agents.name
    """)
  private static let locks: SQL = """
    SELECT locks.path, agents.name, locks.locked_at, locks.reason FROM locks
    JOIN agents ON agents.id = locks.agent WHERE locks.project = ?1 ORDER BY locks.path
    """
  private static let sequence: SQL = """
    SELECT lock_events.path, agents.name, lock_events.cause, lock_events.reason,
      lock_events.happened_at
    FROM lock_events JOIN agents ON agents.id = lock_events.agent
    WHERE lock_events.project = ?1 ORDER BY lock_events.seq, lock_events.id
    """

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws -> TaskGraphExportReport
  {
    try store.wholeView { view in
      guard let key = try view.projectKey(project) else {
        throw HoldfastError(.notFound, "project not found: \(project)")
      }
      if let template { try FileReading.copy(checked(template), to: path) }
      let layout = try TaskGraphLayout(path: path, isTemplate: template != nil)
      var report = TaskGraphExportReport()
      let agents = try writeAgents(key, view, layout, &report)
      _ = try view.reading.query(Self.tasks, [.int(key)]) { row in
        if report.tasks % Self.tasksPerStep == 0 {
          try progress(StoreProgress("exporting", unit: "tasks", done: report.tasks))
        }
        try write(try line(row, in: view), agents, view, layout, &report)
        return true
      }
      try writeLocks(key, view, layout, &report)
      try layout.end()
      return report
    }
  }

  private func checked(_ template: String) throws -> String {
    guard try TaskGraphTables.isOne(template) else {
      throw HoldfastError(
        .invalidRequest, "the template \(template) is no database of task-graph-mcp")
    }
    let tables = try TaskGraphTables(database: template)
    guard tables.rows.values.allSatisfy(\.isEmpty), !tables.isLater,
      FileReading.size(template + "-wal") == 0
    else {
      throw HoldfastError(
        .invalidRequest,
        "the template \(template) is in use, has rows, or is of a later generation: let the server make "
          + "an empty one, and stop it")
    }
    return template
  }

  // MARK: Tasks

  private struct Line {
    let entry: TaskEntry
    let id: String
    let parent: String?
    let updatedAt: Int64
    let content: [UInt8]
    let blockers: [String]
    let otherEdges: Int
    let attachments: [Attachment]
  }

  private func line(_ row: any Row, in view: StoreView) throws -> Line {
    let entry = TaskEntry(row: row)
    let parent = try entry.graph.parent.flatMap(view.taskRow)
    let edges = try view.blockers(of: entry).filter { $0.task.deletedAt == nil }
    var blockers: [String] = []
    for (task, edge) in edges where edge.type.isBlocking {
      let id = view.id(of: task).text
      if !blockers.contains(where: { UTF8Order.areSame($0, id) }) { blockers.append(id) }
    }
    return Line(
      entry: entry, id: view.id(of: entry).text,
      parent: parent.flatMap { $0.deletedAt == nil ? view.id(of: $0).text : nil },
      updatedAt: row.optionalInt(row.columnCount - 1) ?? 0, content: try view.content(of: entry),
      blockers: blockers, otherEdges: edges.count { !$0.edge.type.isBlocking },
      attachments: try view.reading.all(
        Self.attachments, [.int(entry.id)], Attachment.init(row:)))
  }

  private func time(_ nanoseconds: Int64) -> TaskGraphLayout.Value {
    .int(nanoseconds / (unit == .seconds ? 1_000_000_000 : 1_000_000))
  }

  private func time(_ time: Timestamp?) -> TaskGraphLayout.Value {
    time.map { self.time($0.nanoseconds) } ?? .null
  }

  private func write(
    _ line: Line, _ agents: Set<String>, _ view: StoreView, _ layout: TaskGraphLayout,
    _ report: inout TaskGraphExportReport
  ) throws {
    report.tasks += 1
    report.leftOut += line.otherEdges + (line.entry.graph.tags.isEmpty ? 0 : 1)
    let graph = line.entry.graph
    let text = String(decoding: line.content, as: UTF8.self)
    let isShort = line.entry.description.isEmpty
    let owner = agents.contains(graph.owner) ? graph.owner : ""
    let status = Self.status(graph.category)
    if !UTF8Order.areSame(line.entry.status.text, status) {
      let workflow = graph.workflow.isEmpty ? Workflow.standard.name : graph.workflow
      report.note(line.id, line.entry.status, of: workflow, as: status)
    }
    try layout.insert(
      "tasks",
      [
        ("id", .text(line.id)), ("parent_id", line.parent.map { .text($0) } ?? .null),
        ("title", .text(graph.title.isEmpty ? line.entry.filename.text : graph.title)),
        ("description", .unlessEmpty(isShort ? text : line.entry.description)),
        ("status", .text(status)), ("priority", .text(graph.priority.name)),
        ("join_mode", .text(graph.joinMode.rawValue)), ("sibling_order", .int(graph.siblingOrder)),
        ("owner_agent", .unlessEmpty(owner)), ("claimed_at", time(graph.claimedAt)),
        ("needed_tags", .text(Self.list(graph.neededTags))),
        ("wanted_tags", .text(Self.list(graph.wantedTags))), ("points", .optional(graph.points)),
        ("time_estimate_ms", .optional(graph.estimate)),
        ("time_actual_ms", graph.actualTime > 0 ? .int(graph.actualTime) : .null),
        ("started_at", time(graph.startedAt)), ("completed_at", time(graph.completedAt)),
        ("current_thought", .unlessEmpty(graph.thought)),
        ("tokens_in", .int(graph.usage.tokensIn)),
        ("tokens_cached", .int(graph.usage.tokensCached)),
        ("tokens_out", .int(graph.usage.tokensOut)),
        ("tokens_thinking", .int(graph.usage.tokensThinking)),
        ("tokens_image", .int(graph.usage.tokensImage)),
        ("tokens_audio", .int(graph.usage.tokensAudio)),
        ("cost_usd", .real(Double(graph.usage.costMicros) / 1_000_000)),
        ("user_metrics", .unlessEmpty(graph.metrics)),
        ("created_at", time(line.entry.createdAt ?? Timestamp(nanoseconds: line.updatedAt))),
        ("updated_at", time(line.updatedAt)),
      ])
    for blocker in line.blockers {
      report.dependencies += 1
      try layout.insert(
        "dependencies", [("from_task_id", .text(blocker)), ("to_task_id", .text(line.id))])
    }
    for attachment in line.attachments {
      try write(attachment, of: line, view, layout, &report)
    }
    // A task that has both keeps its text as something that is attached.
    guard !isShort, !line.content.isEmpty else { return }
    let last = line.attachments.last?.orderIndex ?? -1
    try layout.insert(
      "attachments",
      [
        ("task_id", .text(line.id)), ("order_index", .int(last + 1)),
        ("name", .text("content.md")), ("mime_type", .text("text/markdown")),
        ("content", .text(text)), ("created_at", time(line.updatedAt)),
      ])
  }

  private func write(
    _ attachment: Attachment, of line: Line, _ view: StoreView, _ layout: TaskGraphLayout,
    _ report: inout TaskGraphExportReport
  ) throws {
    let bytes = try view.content(ofHash: attachment.hash) ?? []
    let isText = attachment.mediaType.isText && String(validating: bytes, as: UTF8.self) != nil
    report.attachments += 1
    try layout.insert(
      "attachments",
      [
        ("task_id", .text(line.id)), ("order_index", .int(attachment.orderIndex)),
        ("name", .text(attachment.name)), ("mime_type", .text(attachment.mediaType.text)),
        (
          "content", .text(isText ? String(decoding: bytes, as: UTF8.self) : Base64.encode(bytes))
        ), ("created_at", time(attachment.createdAt)),
        ("file_path", .unlessEmpty(attachment.filePath)),
      ])
  }

  private static func status(_ category: StatusCategory) -> String {
    switch category {
    case .active: "in_progress"
    case .done: "completed"
    case .failed: "failed"
    case .cancelled: "cancelled"
    default: "pending"
    }
  }

  private static func list(_ tags: TagList) -> String { tags.fieldJSON.renderedText() }

  // MARK: Agents and files

  /// - Returns: The names of the agents.
  private func writeAgents(
    _ key: Int64, _ view: StoreView, _ layout: TaskGraphLayout,
    _ report: inout TaskGraphExportReport
  ) throws -> Set<String> {
    let width = Agent.table.columns.count + 1
    let agents = try view.reading.all(Self.agents, [.int(key)]) {
      (agent: Agent(row: $0), seenAt: $0.optionalInt(width), sequence: $0.int(width + 1))
    }
    for (agent, seenAt, sequence) in agents {
      report.agents += 1
      try layout.insert(
        "agents",
        [
          ("id", .text(agent.name.text)), ("name", .unlessEmpty(agent.title)),
          ("tags", .text(Self.list(agent.tags))), ("max_claims", .int(agent.maxClaims)),
          ("registered_at", time(agent.registeredAt)),
          ("last_heartbeat", time(seenAt ?? agent.registeredAt.nanoseconds)),
          ("last_claim_sequence", .int(sequence)),
        ])
    }
    return Set(agents.map(\.agent.name.text))
  }

  private func writeLocks(
    _ key: Int64, _ view: StoreView, _ layout: TaskGraphLayout,
    _ report: inout TaskGraphExportReport
  ) throws {
    let locks = try view.reading.all(Self.locks, [.int(key)]) { row -> TaskGraphLayout.Cells in
      [
        ("file_path", .text(row.text(0))), ("agent_id", .text(row.text(1))),
        ("locked_at", time(row.int(2))), ("reason", .unlessEmpty(row.text(3))),
      ]
    }
    let events = try view.reading.all(Self.sequence, [.int(key)]) { row -> TaskGraphLayout.Cells in
      [
        ("file_path", .text(row.text(0))), ("agent_id", .text(row.text(1))),
        ("event", .text(row.text(2) == "taken" ? "claimed" : "released")),
        ("reason", .unlessEmpty(row.text(3))), ("timestamp", time(row.int(4))),
      ]
    }
    report.locks = locks.count
    for lock in locks { try layout.insert("file_locks", lock) }
    for event in events { try layout.insert("claim_sequence", event) }
  }
}
