internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel
public import HoldfastStore

/// Writes a project as a snapshot of task-graph-mcp: the JSON that its later generation exports.
///
/// What is written is what the import of such a file reads, so an export that comes from one comes back as it
/// was. What that generation has no column for stands under names of our own, which it passes over: the
/// mode and place among siblings, what a blocker's failure does, kinds of tokens. What has no place at
/// all is left out, and counted.
///
/// All of it is of one moment, which the store's log waits for.
public struct TaskGraphSnapshot: StoreOperation {
  public static let name = "export_task_graph_snapshot"
  public static let summary = "Writes a project as a snapshot of task-graph-mcp."
  public static let access = Access.read

  public let project: ProjectName
  private let sink: @Sendable ([UInt8]) throws -> Void

  /// - Parameter sink: Takes the bytes, some rows at a time, in their order.
  public init(project: ProjectName, to sink: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.project = project
    self.sink = sink
  }

  /// The newest schema whose rows these are.
  private static let schemaVersion: Int64 = 3
  private static let rowsPerStep = 500

  private static let tasks: SQL = """
    SELECT id, given_id FROM tasks WHERE project = ?1 AND filename <> ''
    """

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws -> TaskGraphSnapshotReport
  {
    try store.wholeView { view in
      guard let key = try view.projectKey(project) else {
        throw HoldfastError(.notFound, "project not found: \(project)")
      }
      // As the other system sorts them, so that two snapshots are easily compared.
      let tasks = try view.reading.all(Self.tasks, [.int(key)]) { row in
        (
          row: row.int(0),
          id: row.optionalText(1) ?? view.facts.ids.id(row: row.int(0)).text
        )
      }.sorted { UTF8Order.precedes($0.id, $1.id) }
      var report = TaskGraphSnapshotReport()
      let rows = TaskGraphSnapshotRows(view: view, project: key)
      try sink(Array(header(at: Timestamp(nanoseconds: view.reading.now)).utf8))
      for (index, table) in TaskGraphSnapshotRows.Table.allCases.enumerated() {
        try sink(Array("\(index == 0 ? "" : ",")\"\(table.rawValue)\":[".utf8))
        var out: [UInt8] = []
        var count = 0
        for (place, task) in tasks.enumerated() {
          if place % Self.rowsPerStep == 0 {
            try progress(
              StoreProgress("exporting \(table.rawValue)", unit: "tasks", done: place))
          }
          guard let entry = try view.taskRow(task.row) else { continue }
          for row in try rows.rows(of: table, entry, task.id, after: count, &report) {
            if count > 0 { out.append(UInt8(ascii: ",")) }
            out.append(UInt8(ascii: "\n"))
            out += JSON.object(JSONObject(row)).rendered()
            count += 1
          }
          if out.count > 65_536 {
            try sink(out)
            out = []
          }
        }
        report.count(table, count)
        try sink(out + Array("]".utf8))
      }
      try sink(Array("}}\n".utf8))
      try report.count(elsewhere: key, view)
      return report
    }
  }

  private func header(at time: Timestamp) -> String {
    #"{"schema_version":\#(Self.schemaVersion),"export_version":"1.0.0","exported_at":"\#(time)","#
      + #""exported_by":"holdfast \#(HoldfastVersion.current)","tables":{"#
  }
}

/// What was exported.
public struct TaskGraphSnapshotReport: Output {
  public private(set) var tasks = 0
  public private(set) var dependencies = 0
  public private(set) var attachments = 0
  public private(set) var steps = 0
  /// What has no place in a snapshot, and how much of it there is.
  public private(set) var leftOut: [(what: String, count: Int)] = []

  public static var placeholder: TaskGraphSnapshotReport { TaskGraphSnapshotReport() }

  mutating func count(_ table: TaskGraphSnapshotRows.Table, _ count: Int) {
    switch table {
    case .tasks: tasks = count
    case .dependencies: dependencies = count
    case .attachments: attachments = count
    case .steps: steps = count
    default: break
    }
  }

  mutating func leaveOut(_ what: String, _ count: Int = 1) {
    guard count > 0 else { return }
    if let index = leftOut.firstIndex(where: { $0.what == what }) {
      leftOut[index].count += count
    } else {
      leftOut.append((what, count))
    }
  }

  private static let elsewhere: [(String, SQL)] = [
    ("agents", "SELECT count(*) FROM agents WHERE disconnected_at IS NULL AND ?1 = ?1"),
    ("locks of files", "SELECT count(*) FROM locks WHERE project = ?1"),
    ("signals", "SELECT count(*) FROM signals WHERE project = ?1"),
    ("topics", "SELECT count(*) FROM topics WHERE project = ?1"),
    (
      "comments",
      """
      SELECT count(*) FROM comments JOIN tasks ON tasks.id = comments.task
      WHERE tasks.project = ?1 AND comments.deleted_at IS NULL
      """
    ),
    (
      "parts of output",
      """
      SELECT count(*) FROM task_output JOIN tasks ON tasks.id = task_output.task
      WHERE tasks.project = ?1
      """
    ),
  ]

  /// Counts what is not in the rows of tasks.
  mutating func count(elsewhere project: Int64, _ view: StoreView) throws {
    for (what, sql) in Self.elsewhere {
      leaveOut(what, Int(try view.reading.first(sql, [.int(project)]) { $0.int(0) } ?? 0))
    }
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("tasks", Int64(tasks), "Tasks that were written.")
    out.field("dependencies", Int64(dependencies), "Edges that were written.")
    out.field("attachments", Int64(attachments), "Attachments that were written.")
    out.field("steps", Int64(steps), "Steps of the history that were written.")
    out.list(
      "left_out", leftOut.map { "\($0.what): \($0.count)" },
      "What has no place in a snapshot, and how much of it there is.")
  }
}
