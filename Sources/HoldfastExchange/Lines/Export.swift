internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel
public import HoldfastStore

/// Writes what the store holds as JSON Lines: one object a line, for other programs, for another
/// store, or to be kept.
///
/// First the agents. Then each project: its own line with its aliases, its workflows, its topics, its tasks with their
/// texts, subtasks, reviews, costs, comments, output and places in the task graph, its deleted tasks, the
/// files that agents hold, its signals, its audit trail. A text that is not UTF-8 is written in Base64 as
/// `content_base64`. What is attached to a task follows it, a line each; of a file in the project's
/// folder, its path. The last line counts the others, so that a file that was cut is known. Nobody holds
/// a task where it is read: such a task waits there to be claimed; the report says how many. A task keeps its id
/// where that is free. The patches of the log are left out: a backup holds them.
///
/// Each line is one moment's state; what is written meanwhile may be in it or not.
public struct Export: StoreOperation {
  public static let name = "export"
  public static let summary = "Writes projects with their tasks and signals as JSON Lines."
  public static let access = Access.read

  /// The one project to write; nil for all.
  public let project: ProjectName?
  private let sink: @Sendable ([UInt8]) throws -> Void

  /// - Parameters:
  ///   - project: The one project to write; nil for all.
  ///   - sink: Takes the bytes, some lines at a time, in their order.
  public init(project: ProjectName? = nil, to sink: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.project = project
    self.sink = sink
  }

  private static let projects = SQL(
    """
    SELECT \(Project.table.columnList) FROM projects
    WHERE deleted_at IS NULL AND alias_of IS NULL ORDER BY name
    """)

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws
    -> ExportReport
  {
    let projects = try store.view { view in
      try view.reading.all(Self.projects, [], Project.init(row:))
    }
    let wanted: [Project]
    if let project {
      let key = try store.view { try $0.projectKey(project) }
      wanted = projects.filter { $0.id == key }
      guard !wanted.isEmpty else {
        throw HoldfastError(.notFound, "project not found: \(project)")
      }
    } else {
      wanted = projects
    }
    var lines = ExportLines(store: store, sink: sink, progress: progress)
    try lines.line("holdfast_export") {
      $0.key("version"); $0.int(ExportHeader.version)
    }
    try lines.writeAgents()
    for project in wanted { try lines.write(project) }
    try lines.finish()
    return lines.report
  }
}

/// What was exported.
public struct ExportReport: Output {
  public var projects = 0
  public var agents = 0
  public var locks = 0
  public var workflows = 0
  public var topics = 0
  public var tasks = 0
  /// Tasks that agents hold, and nobody where the file is imported.
  public var held = 0
  public var attachments = 0
  public var signals = 0
  public var auditEvents = 0
  public var lines = 0

  public static var placeholder: ExportReport { ExportReport() }

  public func write(_ out: inout ObjectWriter) {
    out.field("projects", Int64(projects), "Projects that were written.")
    out.field("agents", Int64(agents), "Agents that were written.")
    out.field("locks", Int64(locks), "Locks that were written.")
    out.field("workflows", Int64(workflows), "Workflows of projects' own that were written.")
    out.field("topics", Int64(topics), "Topics that were written.")
    out.field("tasks", Int64(tasks), "Tasks that were written.")
    out.field(
      "held", Int64(held),
      "Tasks of them that agents hold: where the file is imported they wait to be claimed.")
    out.field("attachments", Int64(attachments), "Attachments of tasks that were written.")
    out.field("signals", Int64(signals), "Signals that were written.")
    out.field("audit_events", Int64(auditEvents), "Lines of the audit trail that were written.")
    out.field("lines", Int64(lines), "All lines.")
  }
}
