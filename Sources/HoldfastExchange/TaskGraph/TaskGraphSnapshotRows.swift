internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The rows of a snapshot of task-graph-mcp.
struct TaskGraphSnapshotRows {
  let view: StoreView
  let project: Int64

  typealias Row = [(String, JSON)]

  /// The tables of a snapshot, in their order.
  enum Table: String, CaseIterable {
    case tasks
    case dependencies
    case attachments
    case tags = "task_tags"
    case neededTags = "task_needed_tags"
    case wantedTags = "task_wanted_tags"
    case steps = "task_sequence"
  }

  /// The rows that a task has in a table.
  ///
  /// - Parameter count: How many the table has before them.
  func rows(
    of table: Table, _ task: TaskEntry, _ id: String, after count: Int,
    _ report: inout TaskGraphSnapshotReport
  ) throws -> [Row] {
    switch table {
    case .tasks: [try self.task(task, id, &report)]
    case .dependencies: try edges(of: task, id)
    case .attachments: try attachments(of: task, id, &report)
    case .tags: tags(task.graph.tags, id)
    case .neededTags: tags(task.graph.neededTags, id)
    case .wantedTags: tags(task.graph.wantedTags, id)
    case .steps: try steps(of: task, id, after: count)
    }
  }

  private func time(_ time: Timestamp?) -> JSON {
    time.map { .number(JSONNumber($0.nanoseconds / 1_000_000)) } ?? .null
  }

  private func text(_ text: String) -> JSON { text.isEmpty ? .null : .string(text) }

  private func number(_ number: Int64?) -> JSON { number.map { .number(JSONNumber($0)) } ?? .null }

  /// A list as that system's own import reads it: a text.
  private func list(_ tags: TagList) -> JSON { .string(tags.fieldJSON.renderedText()) }

  private func tags(_ tags: TagList, _ id: String) -> [Row] {
    tags.tags.sorted(by: UTF8Order.precedes).map {
      [("task_id", .string(id)), ("tag", .string($0))]
    }
  }

  // MARK: Tasks

  /// What a status of ours is called there.
  static func status(_ category: StatusCategory, isAssigned: Bool) -> String {
    switch category {
    case .active: "working"
    case .done: "completed"
    case .failed: "failed"
    case .cancelled: "cancelled"
    default: isAssigned ? "assigned" : "pending"
    }
  }

  private func task(
    _ task: TaskEntry, _ id: String, _ report: inout TaskGraphSnapshotReport
  ) throws -> Row {
    let graph = task.graph
    let last = try lastChange(of: task)
    let isAssigned = graph.owner.isEmpty && !graph.assignee.isEmpty
    let status = Self.status(graph.category, isAssigned: isAssigned)
    countLeftOut(task, status: status, id, &report)
    let description =
      task.description.isEmpty
      ? String(decoding: try view.content(of: task), as: UTF8.self) : task.description
    var row: Row = [
      ("id", .string(id)),
      ("title", .string(graph.title.isEmpty ? task.filename.text : graph.title)),
      ("description", text(description)), ("status", .string(status)), ("phase", text(graph.phase)),
      ("priority", .string("\(graph.priority.value)")),
      ("worker_id", text(isAssigned ? graph.assignee : graph.owner)),
      ("claimed_at", time(graph.claimedAt)), ("needed_tags", list(graph.neededTags)),
      ("wanted_tags", list(graph.wantedTags)), ("tags", list(graph.tags)),
      ("points", number(graph.points)), ("time_estimate_ms", number(graph.estimate)),
      ("time_actual_ms", graph.actualTime > 0 ? number(graph.actualTime) : .null),
      ("started_at", time(graph.startedAt)), ("completed_at", time(graph.completedAt)),
      ("current_thought", text(graph.thought)),
      ("cost_usd", .number(Dollars(micros: graph.usage.costMicros).number)),
    ]
    row += try metrics(of: graph)
    row += [
      ("deleted_at", time(task.deletedAt)), ("deleted_by", text(last.deletedBy)),
      ("deleted_reason", text(last.deletedReason)),
      ("created_at", time(task.createdAt ?? last.at)), ("updated_at", time(last.at)),
      ("join_mode", .string(graph.joinMode.rawValue)),
      ("sibling_order", number(graph.siblingOrder)),
    ]
    return row
  }

  private func countLeftOut(
    _ task: TaskEntry, status: String, _ id: String, _ report: inout TaskGraphSnapshotReport
  ) {
    let graph = task.graph
    if graph.workflow != Workflow.graph.name { report.leaveOut("workflows of tasks") }
    if !UTF8Order.areSame(task.filename.text, id) { report.leaveOut("names of tasks") }
    if !task.description.isEmpty, task.contentBytes > 0 {
      report.leaveOut("texts beside descriptions")
    }
    if graph.dueAt != nil || graph.deferUntil != nil { report.leaveOut("dates of tasks") }
    if graph.siblingPolicy != .block { report.leaveOut("policies for siblings") }
    if !graph.owner.isEmpty { report.leaveOut("claims, to be made anew") }
    if !graph.progress.isEmpty { report.leaveOut("progress of tasks") }
  }

  /// The eight numbers of that system, of which three are ours, and the rest under names of our own.
  private func metrics(of graph: GraphColumns) throws -> Row {
    let usage = graph.usage
    var numbers = [usage.tokensIn, usage.tokensOut, usage.tokensCached] + [0, 0, 0, 0, 0]
    var rest: Row = []
    let own =
      graph.metrics.isEmpty
      ? [] : try JSONReader.read(Array(graph.metrics.utf8)).objectValue?.members ?? []
    for metric in own {
      let place = (0..<8).first { metric.key == "metric_\($0)" }
      if let place, let value = metric.value.int64Value, value != 0, numbers[place] == 0 {
        numbers[place] = value
      } else {
        rest.append((metric.key, metric.value))
      }
    }
    var row: Row = numbers.enumerated().map { ("metric_\($0)", number($1)) }
    if !rest.isEmpty { row.append(("user_metrics", .object(JSONObject(rest)))) }
    for (name, value) in [
      ("tokens_thinking", usage.tokensThinking), ("tokens_image", usage.tokensImage),
      ("tokens_audio", usage.tokensAudio),
    ] where value != 0 { row.append((name, number(value))) }
    return row
  }

  // MARK: What events say

  private struct Change {
    var at: Timestamp
    var deletedBy = ""
    var deletedReason = ""
  }

  private static let event: SQL = "SELECT at, type, actor FROM events WHERE seq = ?1"
  private static let imports = SQL(
    """
    SELECT data FROM events WHERE task = ?1 AND type = '\(EventType.imported.rawValue)' ORDER BY seq
    """)
  private static let deletions = SQL(
    """
    SELECT \(AuditLine.table.columnList) FROM audit_lines
    WHERE audit_lines.task = ?1 AND audit_lines.kind = '\(EventType.taskDeleted.rawValue)'
    ORDER BY audit_lines.happened_at, audit_lines.id
    """)

  /// When a task was changed last, here or where it was imported from, and who deleted it.
  private func lastChange(of task: TaskEntry) throws -> Change {
    var change = Change(at: task.createdAt ?? Timestamp(nanoseconds: 0))
    var isImported = false
    try view.reading.query(Self.event, [.int(task.revision)]) { row in
      change.at = Timestamp(nanoseconds: row.int(0))
      switch row.text(1) {
      case EventType.taskDeleted.rawValue: change.deletedBy = row.text(2)
      case EventType.imported.rawValue: isImported = true
      default: break
      }
    }
    if isImported {
      // An import writes a task, and then what contains it; the first of these says when it was changed.
      try view.reading.query(Self.imports, [.int(task.id)]) { row in
        let detail = try JSONReader.read(row.bytes(0))["detail"]
        if let text = detail?["updated_at"]?.stringValue, let time = try Timestamp.parse(text) {
          change.at = time
        }
      }
    }
    guard task.deletedAt != nil, change.deletedBy.isEmpty else { return change }
    if let line = try view.reading.all(Self.deletions, [.int(task.id)], AuditLine.init(row:)).last {
      change.deletedBy = line.instanceTitle
      change.deletedReason = line.message
    }
    return change
  }

  private func steps(of task: TaskEntry, _ id: String, after count: Int) throws -> [Row] {
    try view.history(of: task).enumerated().map { index, step in
      [
        ("id", number(Int64(count + index + 1))), ("task_id", .string(id)),
        ("worker_id", text(step.worker)),
        (
          "status",
          .string(step.category.map { Self.status($0, isAssigned: false) } ?? step.status)
        ),
        ("phase", text(step.phase)), ("reason", text(step.reason)), ("timestamp", time(step.start)),
        ("end_timestamp", time(step.end)),
      ]
    }
  }

  // MARK: Edges

  private func edges(of task: TaskEntry, _ id: String) throws -> [Row] {
    var rows: [Row] = []
    if let parent = try task.graph.parent.flatMap(view.taskRow) {
      rows.append(edge(view.id(of: parent).text, id, "contains"))
    }
    for (blocker, edge) in try view.blockers(of: task) {
      var row = self.edge(view.id(of: blocker).text, id, edge.type.rawValue)
      row.append(("on_failure", .string(edge.onFailure.rawValue)))
      rows.append(row)
    }
    return rows
  }

  private func edge(_ from: String, _ to: String, _ type: String) -> Row {
    [
      ("from_task_id", .string(from)), ("to_task_id", .string(to)), ("dep_type", .string(type)),
    ]
  }

  // MARK: Attachments

  private static let attachments = SQL(
    """
    SELECT \(Attachment.table.columnList) FROM attachments
    WHERE attachments.task = ?1 AND attachments.detached_at IS NULL ORDER BY attachments.order_index
    """)

  private func attachments(
    of task: TaskEntry, _ id: String, _ report: inout TaskGraphSnapshotReport
  ) throws -> [Row] {
    try view.reading.all(Self.attachments, [.int(task.id)], Attachment.init(row:)).map {
      attachment in
      let bytes = try view.content(ofHash: attachment.hash) ?? []
      let text = attachment.mediaType.isText ? String(validating: bytes, as: UTF8.self) : nil
      // Bytes that say they are a text and are none keep themselves, and lose that word.
      let isNoText = attachment.mediaType.isText && text == nil
      if isNoText { report.leaveOut("media types of texts that are no UTF-8") }
      return [
        ("task_id", .string(id)), ("attachment_type", .string(attachment.type)),
        ("sequence", number(attachment.orderIndex)),
        ("order_index", number(attachment.orderIndex)), ("name", .string(attachment.name)),
        (
          "mime_type",
          .string(isNoText ? MediaType.anyBytes.text : attachment.mediaType.text)
        ),
        ("content", .string(text ?? Base64.encode(bytes))),
        ("file_path", self.text(attachment.filePath)), ("created_at", time(attachment.createdAt)),
      ]
    }
  }
}
