internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// A task as a row of task-graph-mcp: all columns under its names, times in milliseconds, null where nothing
/// is.
public struct TaskRow: Output {
  let entry: TaskEntry
  let id: TaskID
  var parent: TaskID?
  /// What it is about; its text where it has only that and one task is asked for.
  var description: String
  /// When the row changed last.
  var updatedAt: Timestamp?
  var blockedBy: [TaskID] = []
  /// What kind of thing it waits for.
  var obstacle: ObstacleKind?
  /// The tasks that it contains; nil where they are not asked for.
  var children: [TaskRow]?
  /// The tasks that a change made ready.
  var unblocked: [TaskID] = []
  /// Those that failed with it.
  var failed: [TaskID] = []
  var warnings: [String] = []

  public var revision: Int64? { entry.revision }

  init(entry: TaskEntry, id: TaskID) {
    self.entry = entry
    self.id = id
    description = entry.description
  }

  public static var placeholder: TaskRow {
    let task = TaskAnswer.placeholder
    return TaskRow(entry: task.entry, id: task.id)
  }

  public func write(_ out: inout ObjectWriter) {
    let graph = entry.graph
    out.field("id", id.text, "Its id.")
    out.field("parent_id", orNull: parent?.text, "The task that contains it.")
    out.field(
      "title", graph.title.isEmpty ? entry.filename.text : graph.title,
      "What it is called; its name where it has no title.")
    out.field(
      "description", orNull: description.isEmpty ? nil : description, "What it is about.")
    out.field(
      "status", GraphState(graph.category).word.text,
      "pending, in_progress, completed, failed or cancelled: what its status means.")
    out.field("priority", graph.priority.name, "How urgent it is.")
    out.field("join_mode", graph.joinMode.rawValue, "How it follows the sibling before it.")
    out.field("sibling_order", graph.siblingOrder, "Its place among its siblings.")
    out.field("owner_agent", orNull: graph.owner.isEmpty ? nil : graph.owner, "Who holds it.")
    out.milliseconds("claimed_at", orNull: graph.claimedAt, "When it was claimed.")
    out.list("needed_tags", graph.neededTags.tags, "An agent must have all of these.")
    out.list("wanted_tags", graph.wantedTags.tags, "An agent must have one of these.")
    out.field("points", orNull: graph.points, "How large it is.")
    out.field("time_estimate_ms", orNull: graph.estimate, "How long it should take.")
    out.field(
      "time_actual_ms", orNull: graph.actualTime > 0 ? graph.actualTime : nil,
      "How long it was worked on, without the time since it was claimed.")
    out.milliseconds("started_at", orNull: graph.startedAt, "When work on it began first.")
    out.milliseconds("completed_at", orNull: graph.completedAt, "When it ended.")
    out.field(
      "current_thought", orNull: graph.thought.isEmpty ? nil : graph.thought,
      "What its holder is at.")
    graph.usage.write(&out)
    out.field(
      "user_metrics", rendered: graph.metrics.isEmpty ? "null" : graph.metrics,
      "What its users count.")
    out.milliseconds("created_at", orNull: entry.createdAt, "When it was created.")
    out.milliseconds("updated_at", orNull: updatedAt, "When it was changed last.")
    writeAdditions(&out)
  }

  /// What the first generation does not have.
  private func writeAdditions(_ out: inout ObjectWriter) {
    let graph = entry.graph
    out.list("blocked_by", blockedBy.map(\.text), "The open tasks that it waits for.")
    out.field(
      "blocked_reason", unlessEmpty: obstacle?.rawValue,
      "Why it waits: dependency, sequence or ancestor.")
    out.field("priority_value", graph.priority.value, "How urgent it is, from 0 to 10.")
    out.field("worker_id", unlessEmpty: graph.owner, "Who holds it, as the later generation says.")
    out.field("assignee", unlessEmpty: graph.assignee, "The agent that it is for.")
    out.field(
      "fence", unlessZero: graph.owner.isEmpty ? 0 : graph.fence, "The number of its claim.")
    out.list("tags", unlessEmpty: graph.tags.tags, "What it has to do with.")
    out.field("phase", unlessEmpty: graph.phase, "What kind of work it is.")
    let usage = graph.usage
    let metrics = [usage.tokensIn, usage.tokensOut, usage.tokensCached, 0, 0, 0, 0, 0]
    out.field(
      "metrics", rendered: usage == Usage() ? "" : "\(metrics)",
      "The numbers of the later generation: tokens read, written and cached.")
    if let children {
      out.field("children", rendered: Self.rendered(children), "What it contains.")
    }
    out.list(
      "unblocked", unlessEmpty: unblocked.map(\.text), "The tasks that this change made ready.")
    out.list(
      "failed", unlessEmpty: failed.map(\.text), "The tasks that failed because of this change.")
    out.list("warnings", unlessEmpty: warnings, "What the writer should know.")
  }

  /// A list inside of its own elements cannot describe itself.
  private static func rendered(_ rows: [TaskRow]) -> [UInt8] {
    var out = ObjectWriter(shape: .native)
    out.beginArray()
    for row in rows { out.value(row) }
    out.endArray()
    return out.bytes
  }
}

extension StoreView {
  private static let timesOfEvents = DialectSQL { dialect in
    "SELECT seq, at FROM events WHERE seq IN (\(rows(dialect)))"
  }

  /// Tasks as rows, in their order.
  ///
  /// - Parameters:
  ///   - isWhole: Whether a text stands for a description that is not there.
  ///   - explains: Whether what a task waits for is more than its own blockers: also siblings, and what
  ///     holds those that contain it.
  func taskRows(
    of tasks: [TaskEntry], isWhole: Bool = false, explains: Bool = false
  ) throws -> [TaskRow] {
    let parents = try ids(ofRows: Set(tasks.compactMap(\.graph.parent)))
    let blockers = try openBlockers(of: tasks.filter { $0.graph.openBlockers > 0 })
    var times: [Int64: Timestamp] = [:]
    try reading.query(
      Self.timesOfEvents[reading.dialect], [Self.list(Set(tasks.map(\.revision)))]
    ) { times[$0.int(0)] = Timestamp(nanoseconds: $0.int(1)) }
    return try tasks.map { task in
      var row = TaskRow(entry: task, id: id(of: task))
      row.parent = task.graph.parent.flatMap { parents[$0] }
      row.updatedAt = times[task.revision]
      row.blockedBy = (blockers[task.id] ?? []).map(id(of:))
      if isWhole, row.description.isEmpty, task.contentBytes > 0 {
        row.description = String(decoding: try content(of: task), as: UTF8.self)
      }
      if task.graph.category == .open, task.gateIsShut, isWhole || explains {
        let obstacles = try obstacles(of: task)
        row.obstacle = obstacles.first?.kind
        if explains {
          var seen: Set<Int64> = []
          row.blockedBy = obstacles.map(\.task).filter { seen.insert($0.id).inserted }
            .map(id(of:))
        }
      }
      return row
    }
  }
}
