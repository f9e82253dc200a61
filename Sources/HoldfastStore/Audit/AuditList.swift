internal import HoldfastDatabase
public import HoldfastModel

/// Lists what happened in a project, newest first: the log of events as an audit trail, with what an
/// import brought in its own times.
public struct AuditList: Listing {
  public static let name = "audit_list"
  public static let summary = "Lists what happened in a project, newest first."
  public static let access = Access.read
  public static let listName: StaticString = "events"

  public let project: ProjectName
  public let kinds: [String]
  public let tasks: [TaskFilename]
  public let instances: [String]
  public let after: Timestamp?
  public let before: Timestamp?
  public let limit: Int
  public let cursor: TimeCursor?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    kinds = try fields.value(
      "kind",
      "Kinds of the audit trail or types of events; several mean any of them. Without one, all but an "
        + "import's own events.", default: [String]())
    tasks = try fields.value(
      "task", "Filenames or ids of tasks; several mean any of them.", default: [TaskFilename]())
    instances = try fields.value(
      "instance", "Agents that did it; several mean any of them.", default: [String]())
    after = try fields.time("after", "Only what happened later than this.")
    before = try fields.time("before", "Only what happened earlier than this.")
    limit = try fields.value(
      "limit", "At most this many; 500 is the most.", default: AuditLimit(value: 100)
    ).value
    cursor = try fields.optional("cursor", "Where the page before ended.")
  }

  public func run(in view: StoreView, _ each: (AuditEvent) throws -> Void) throws -> ListEnd {
    try list(over: StoreReads(view), each)
  }

  public func walk(over reads: StoreReads) throws -> ListWalk<AuditEvent> {
    ListWalk { try list(over: reads, $0) }
  }

  private func list(over reads: StoreReads, _ each: (AuditEvent) throws -> Void) throws -> ListEnd {
    guard let key = try reads.read({ try $0.projectKey(project) }) else { return ListEnd() }
    let end = before.map { TimeCursor(time: $0.nanoseconds, id: .min) } ?? .end
    let scan = AuditScan(
      reads: reads, project: project, after: after, end: min(end, cursor ?? .end), limit: limit,
      kinds: kinds, instances: instances)
    let found = try scan.run(over: try reads.read { try sources(in: key, $0) })
    for event in found.events { try each(event) }
    return ListEnd(nextCursor: found.end?.text)
  }

  private func sources(in project: Int64, _ view: StoreView) throws -> [AuditScan.Source] {
    guard !tasks.isEmpty else { return [.eventsOfProject(project), .linesOfProject(project)] }
    return try keys(in: project, view).flatMap { key -> [AuditScan.Source] in
      [.eventsOfTask(key), .linesOfTask(key)]
    } + Set(tasks).map { .linesOfFile(project, $0.text) }
  }

  // Deleted tasks keep their history, so a name may lead to several tasks.
  private static let tasksOfName: SQL = """
    SELECT id FROM tasks WHERE project = ?1 AND filename = ?2 AND deleted_at IS NULL
    UNION ALL
    SELECT id FROM tasks WHERE project = ?1 AND filename = ?2 AND deleted_at IS NOT NULL
    """
  private static let taskOfKey: SQL = "SELECT id FROM tasks WHERE id = ?2 AND project = ?1"

  private func keys(in project: Int64, _ view: StoreView) throws -> [Int64] {
    var keys: Set<Int64> = []
    for task in tasks {
      let named = try view.reading.all(
        Self.tasksOfName, [.int(project), .text(task.text)], { $0.int(0) })
      keys.formUnion(named)
      if named.isEmpty, let key = view.facts.ids.row(id: TaskID(stored: task.text)),
        try view.reading.exists(Self.taskOfKey, [.int(project), .int(key)])
      {
        keys.insert(key)
      }
    }
    return keys.sorted()
  }
}
