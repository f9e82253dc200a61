internal import HoldfastDatabase
public import HoldfastModel

/// Lists tasks as rows of task-graph-mcp: those that are ready as claims take them, others the newest first.
public struct TaskRowList: Query {
  public static let name = "task_row_list"
  public static let summary =
    "Lists tasks with the columns of task-graph-mcp, the newest first; ready ones as claims take them."
  public static let access = Access.read

  public let project: ProjectName
  /// Any of these; empty for all.
  public let states: [GraphState]
  public let isReady: Bool
  public let isBlocked: Bool
  public let isClaimed: Bool
  public let owner: AgentID?
  public let parent: TaskFilename?
  public let agent: AgentID?
  public let hasDependencies: Bool
  public let limit: Int64
  public let offset: Int64
  public let cursor: String

  /// The most edges of an answer.
  static let edgesMax: Int64 = 20_000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    states = try fields.value(
      "status", "Tasks in any of these statuses, by what their own mean.", default: [GraphState]())
    isReady = try fields.value("ready", "Only tasks that can be claimed now.", default: false)
    isBlocked = try fields.value(
      "blocked", "Only tasks that wait for a dependency, a sibling or what contains them.",
      default: false)
    isClaimed = try fields.value("claimed", "Only tasks that somebody holds.", default: false)
    owner = try fields.optional("owner", "Tasks that this agent holds.")
    parent = try fields.optional(
      "parent", "Tasks directly in this one; the word null for those that none contains.")
    agent = try fields.optional(
      "agent", "Tasks that this agent may claim by its tags and assignments.")
    hasDependencies = try fields.value(
      "dependencies", "Whether the edges that make tasks wait come with them.", default: false)
    limit = try fields.value("limit", "At most this many.", in: 1...1000, default: 100)
    offset = try fields.value(
      "offset", "Leaves out so many from the beginning; behind a cursor they have been counted.",
      in: 0...1_000_000_000, default: 0)
    cursor = try fields.value("cursor", "Where the page before ended.", default: "")
  }

  public func check() throws(HoldfastError) {
    guard cursor.isEmpty || isReady || Int64(cursor) != nil else { throw Self.noCursor }
  }

  private static var noCursor: HoldfastError {
    FieldPosition("cursor").mustBe("the next_cursor of the page before")
  }

  public func run(in view: StoreView) throws -> TaskRowPage {
    guard let key = try view.projectKey(project) else {
      _ = try agent.map(view.agent)
      return TaskRowPage(rows: [], edges: hasDependencies ? [] : nil, nextCursor: nil)
    }
    let filter = try filter(in: key, view)
    var page = Page(limit: limit, offset: cursor.isEmpty ? offset : 0)
    if isReady {
      try readReady(filter, &page, view)
    } else {
      try readNewest(filter, &page, view)
    }
    let rows = try view.taskRows(of: page.tasks, explains: isBlocked)
    return TaskRowPage(
      rows: rows, edges: try hasDependencies ? edges(in: key, view) : nil,
      nextCursor: page.nextCursor)
  }

  private func filter(in project: Int64, _ view: StoreView) throws -> TaskFilter {
    var filter = TaskFilter(project: project)
    filter.categories = states.reduce(into: []) { $0.formUnion($1.categories) }
    filter.isAssigned =
      states.contains(where: \.isAssigned)
      && !states.contains { $0.status == .pending && !$0.isAssigned }
    filter.owner = owner?.text ?? ""
    if let parent {
      filter.place =
        parent.text == "null" ? .top : .inside(try view.graphTask(parent, in: project).id)
    }
    filter.agent = try agent.map(view.agent)
    filter.isReady = isReady
    filter.isBlocked = isBlocked
    return filter
  }

  /// The tasks of a page, and where the next one starts.
  private struct Page {
    let limit: Int64
    /// Tasks still to leave out.
    var offset: Int64
    var tasks: [TaskEntry] = []
    var nextCursor: String?
    /// Tasks that were looked at.
    var examined = 0
    /// How far the page has come.
    private var last = ""

    init(limit: Int64, offset: Int64) {
      self.limit = limit
      self.offset = offset
    }

    /// One call looks through so many tasks; the next page goes on from there.
    private static let examinedMax = 20_000

    /// Takes a task, or leaves it out.
    ///
    /// - Parameter place: Where a page starts that goes on behind it.
    /// - Returns: Whether the page goes on.
    mutating func take(_ task: TaskEntry, at place: String, isWanted: Bool) -> Bool {
      if isWanted && tasks.count == limit || examined == Self.examinedMax {
        nextCursor = last
        return false
      }
      last = place
      // What is left out by its number alone is not looked at.
      if isWanted, offset > 0 {
        offset -= 1
        return true
      }
      examined += 1
      if isWanted { tasks.append(task) }
      return true
    }
  }

  // MARK: Ready ones

  private func readReady(_ filter: TaskFilter, _ page: inout Page, _ view: StoreView) throws {
    var start = cursor
    while true {
      var goesOn = true
      let end = try TaskReady(in: project, for: agent, limit: 1000, behind: start).run(in: view) {
        guard goesOn else { return }
        let isWanted = filter.accepts($0.entry, at: view.reading.now) && accepts($0.entry)
        goesOn = page.take($0.entry, at: TaskReady.cursor(behind: $0.entry), isWanted: isWanted)
      }
      guard goesOn, let next = end.nextCursor else { return }
      start = next
    }
  }

  private func accepts(_ task: TaskEntry) -> Bool { !isClaimed || !task.graph.owner.isEmpty }

  // MARK: The newest first

  private static let newest = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.status = ?2 AND tasks.project = ?1 AND tasks.deleted_at IS NULL AND tasks.id < ?3
    ORDER BY tasks.id DESC LIMIT ?4
    """)
  private static let claimed: SQL = """
    SELECT id FROM tasks WHERE owner <> '' AND project = ?1 LIMIT ?2
    """
  /// Tasks that are read at once.
  private static let stepMax = 500

  private func readNewest(_ filter: TaskFilter, _ page: inout Page, _ view: StoreView) throws {
    var before = Int64(cursor) ?? .max
    let keys = try keys(filter, view)?.filter { $0 < before }.sorted(by: >)
    var rest = keys?[...]
    let statuses = try keys == nil ? self.statuses(filter, view) : []
    while true {
      let tasks: [TaskEntry]
      if let step = rest?.prefix(Self.stepMax) {
        let found = try view.tasks(inRows: Array(step))
        tasks = step.compactMap { found[$0] }.filter { $0.deletedAt == nil }
        rest?.removeFirst(step.count)
      } else {
        tasks = try next(of: statuses, before: before, in: filter.project, page, view)
      }
      for task in tasks {
        let isWanted = filter.accepts(task, at: view.reading.now) && accepts(task)
        guard page.take(task, at: "\(task.id)", isWanted: isWanted) else { return }
        before = task.id
      }
      guard rest.map({ !$0.isEmpty }) ?? !tasks.isEmpty else { return }
    }
  }

  /// The tasks among which a condition chooses well; nil to go through all of the statuses.
  private func keys(_ filter: TaskFilter, _ view: StoreView) throws -> [Int64]? {
    if isClaimed, owner == nil {
      return try view.reading.all(
        Self.claimed, [.int(filter.project), .int(Int64(TaskFilter.keysMax))]
      ) { $0.int(0) }
    }
    guard owner != nil || parent != nil || isBlocked else { return nil }
    return try filter.keys(StoreReads(view))?.map(\.id)
  }

  /// The statuses that may be wanted.
  private func statuses(_ filter: TaskFilter, _ view: StoreView) throws -> [String] {
    let there = try view.reading.all(
      TaskFilter.statusesThere, [.int(Int64(TaskFilter.keysMax))]
    ) { $0.text(0) }
    guard !filter.categories.isEmpty else { return there }
    let words = try view.statusWords(in: filter.project)
    return there.filter {
      !filter.categories.isDisjoint(with: words.categories(of: TaskStatus(stored: $0)))
    }
  }

  /// The newest ones of all statuses; each status gives as many as are taken.
  private func next(
    of statuses: [String], before: Int64, in project: Int64, _ page: Page, _ view: StoreView
  ) throws -> [TaskEntry] {
    let wanted = limit + page.offset + 1 - Int64(page.tasks.count)
    let count = min(Int64(Self.stepMax), wanted + Int64(page.examined))
    let found = try statuses.flatMap { status in
      try view.reading.all(
        Self.newest, [.int(project), .text(status), .int(before), .int(count)],
        TaskEntry.init(row:))
    }
    return Array(found.sorted { $0.id > $1.id }.prefix(Int(count)))
  }

  // MARK: Edges

  private static let edges: SQL = """
    SELECT dependencies.blocker, dependencies.task FROM dependencies
    JOIN tasks ON tasks.id = dependencies.task
    JOIN tasks AS blockers ON blockers.id = dependencies.blocker
    WHERE dependencies.project = ?1 AND dependencies.type IN ('blocks', 'follows')
      AND tasks.deleted_at IS NULL AND blockers.deleted_at IS NULL
    ORDER BY dependencies.id LIMIT ?2
    """

  private func edges(in project: Int64, _ view: StoreView) throws -> [TaskRowEdge] {
    let found = try view.reading.all(Self.edges, [.int(project), .int(Self.edgesMax)]) {
      ($0.int(0), $0.int(1))
    }
    let ids = try view.ids(ofRows: Set(found.flatMap { [$0.0, $0.1] }))
    return found.compactMap { from, to in
      guard let from = ids[from], let to = ids[to] else { return nil }
      return TaskRowEdge(from: from, to: to)
    }
  }
}
