internal import HoldfastDatabase
public import HoldfastModel

/// Shows tasks with all edges between them, and the longest chain of work that is left.
public struct TaskGraph: Query {
  public static let name = "task_graph"
  public static let summary =
    "Shows a project's tasks, or those below one, with their edges and the longest chain of open ones."
  public static let access = Access.read

  public let project: ProjectName
  /// This task and all that it contains; nil for the whole project.
  public let task: TaskFilename?
  public let format: GraphFormat
  public let isOpenOnly: Bool
  public let limit: Int64

  /// The most edges of an answer.
  public static let edgesMax = 20_000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    task = try fields.optional(
      "task", "Only this task and all that it contains: filename or id.")
    format = try fields.value(
      "format", "json for values; mermaid or dot for a text that such a program draws.",
      default: GraphFormat.json)
    isOpenOnly = try fields.value("open", "Only tasks that have not ended.", default: false)
    limit = try fields.value("limit", "At most this many tasks.", in: 1...5000, default: 1000)
  }

  public func run(in view: StoreView) throws -> GraphAnswer {
    let key = try view.projectKey(project)
    var tasks: [GraphTask] = []
    if let task {
      tasks = try below(try view.task(task, in: project), view)
    } else if let key {
      tasks = isOpenOnly ? try open(in: key, view) : try all(in: key, view)
    }
    let isCut = tasks.count > limit
    var answer = GraphAnswer(
      tasks: Array(tasks.prefix(Int(limit))).filter { !isOpenOnly || !$0.category.isFinal },
      isCut: isCut)
    try answer.join(view)
    answer.draw(as: format)
    return answer
  }

  // MARK: Tasks

  private static let columns = """
    tasks.id, tasks.given_id, tasks.filename, tasks.title, tasks.status, tasks.category,
    tasks.parent, tasks.owner, tasks.ready, tasks.estimate_ms
    """
  static let byName = SQL(
    """
    SELECT \(columns) FROM tasks WHERE tasks.project = ?1 AND tasks.deleted_at IS NULL
    ORDER BY tasks.filename LIMIT ?2
    """)
  static let byStatus = SQL(
    """
    SELECT \(columns) FROM tasks
    WHERE tasks.status = ?2 AND tasks.project = ?1 AND tasks.deleted_at IS NULL
    ORDER BY tasks.id LIMIT ?3
    """)
  static let byParents = DialectSQL { dialect in
    """
    SELECT \(columns) FROM tasks
    WHERE tasks.parent IN (\(StoreView.rows(dialect))) AND tasks.deleted_at IS NULL
    ORDER BY tasks.parent, tasks.sibling_order, tasks.age, tasks.id LIMIT ?2
    """
  }
  static let byRow = SQL("SELECT \(columns) FROM tasks WHERE tasks.id = ?1")

  private func all(in project: Int64, _ view: StoreView) throws -> [GraphTask] {
    try view.reading.all(Self.byName, [.int(project), .int(limit + 1)]) { GraphTask($0, view) }
  }

  private func open(in project: Int64, _ view: StoreView) throws -> [GraphTask] {
    let statuses = try view.reading.all(
      TaskFilter.statusesThere, [.int(Int64(TaskFilter.keysMax))]
    ) { $0.text(0) }
    let words = try view.statusWords(in: project)
    var tasks: [GraphTask] = []
    for status in statuses where tasks.count <= limit {
      let categories = words.categories(of: TaskStatus(stored: status))
      guard !categories.allSatisfy(\.isFinal) else { continue }
      tasks += try view.reading.all(
        Self.byStatus, [.int(project), .text(status), .int(limit + 1)]
      ) { GraphTask($0, view) }.filter { !$0.category.isFinal }
    }
    return tasks
  }

  /// A task and all below it, one question for each level.
  private func below(_ root: TaskEntry, _ view: StoreView) throws -> [GraphTask] {
    var tasks = try view.reading.all(Self.byRow, [.int(root.id)]) { GraphTask($0, view) }
    var seen: Set<Int64> = [root.id]
    var level = [root.id]
    while !level.isEmpty, tasks.count <= limit {
      let left = limit + 1 - Int64(tasks.count)
      let children = try view.reading.all(
        Self.byParents[view.reading.dialect], [StoreView.list(level), .int(left)]
      ) { GraphTask($0, view) }.filter { seen.insert($0.row).inserted }
      tasks += children
      level = children.map(\.row)
    }
    return tasks
  }
}
