internal import HoldfastDatabase
public import HoldfastModel

/// Lists the tasks that can be claimed now, in the order in which claims take them.
public struct TaskReady: Listing {
  public static let name = "task_ready"
  public static let summary =
    "Lists the tasks that can be claimed now: the most urgent first, then the oldest."
  public static let access = Access.read
  public static let listName: StaticString = "tasks"

  public let project: ProjectName
  public let agent: AgentID?
  public let tags: TagList
  public let limit: Int64
  /// So many of the first ones are left out; behind a cursor they have been counted.
  public let offset: Int64
  public let cursor: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.caller(
      "agent", "Who asks: only what it may claim by its tags and assignments; without it, a person."
    )
    tags = try fields.value("tags", "Only tasks with all of these tags.", default: TagList.none)
    limit = try fields.value("limit", "At most this many tasks.", in: 1...1000, default: 20)
    offset = try fields.value(
      "offset", "Leaves out so many from the beginning; behind a cursor they have been counted.",
      in: 0...10_000, default: 0)
    cursor = try fields.value("cursor", "Where the page before ended.", default: "")
  }

  /// The first ones of all that anybody, or an agent, may claim.
  init(in project: ProjectName, for agent: AgentID?, limit: Int64, behind cursor: String = "") {
    self.project = project
    self.agent = agent
    self.limit = limit
    tags = .none
    offset = 0
    self.cursor = cursor
  }

  /// Where a page starts that goes on behind a task.
  static func cursor(behind task: TaskEntry) -> String {
    "\(task.graph.ready ?? 0).\(task.graph.age).\(task.id)"
  }

  private static let ready = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.rights = ?1 AND tasks.project = ?2 AND tasks.ready IS NOT NULL
      AND (tasks.ready, tasks.age, tasks.id) > (?3, ?4, ?5)
    ORDER BY tasks.ready, tasks.age, tasks.id
    """)
  private static let due = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.deferred = 1 AND tasks.defer_until <= ?1
    """)

  public func run(in view: StoreView, _ each: (TaskAnswer) throws -> Void) throws -> ListEnd {
    let start = try place()
    let agent = try agent.map(view.agent)
    guard let project = try view.projectKey(project) else { return ListEnd() }
    let keys = try view.rightsOfReady(for: agent, in: project)
    let offset = cursor.isEmpty ? offset : 0
    let wanted = offset + limit
    var found: [TaskEntry] = []
    for rights in keys {
      var count: Int64 = 0
      let values: [SQLValue] =
        [.text(rights), .int(project), .int(start.rank), .int(start.age), .int(start.id)]
      _ = try view.reading.query(Self.ready, values) { row in
        let task = TaskEntry(row: row)
        guard tags.tags.allSatisfy(task.graph.tags.contains) else { return true }
        found.append(task)
        count += 1
        return count <= wanted
      }
    }
    found += try due(in: project, keys, behind: start, view)
    found.sort(by: StoreView.isBetter)
    let page = found.prefix(Int(wanted)).dropFirst(Int(offset))
    for answer in try view.answers(page.map { ($0, nil) }) { try each(answer) }
    guard found.count > wanted else { return ListEnd() }
    return ListEnd(nextCursor: Self.cursor(behind: found[Int(wanted) - 1]))
  }

  /// Those of ``due(_:)`` that are asked for.
  private func due(
    in project: Int64, _ keys: [String], behind start: Place, _ view: StoreView
  ) throws -> [TaskEntry] {
    try Self.due(view).compactMap {
      var task = $0
      task.graph.ready = task.rank(at: view.reading.now)
      guard task.project == project, let rank = task.graph.ready,
        keys.contains(task.graph.rights) || agent == nil,
        tags.tags.allSatisfy(task.graph.tags.contains),
        (rank, task.graph.age, task.id) > (start.rank, start.age, start.id)
      else { return nil }
      return task
    }
  }

  /// Tasks of all projects that were put off until now, and that no write has found yet.
  static func due(_ view: StoreView) throws -> [TaskEntry] {
    try view.reading.all(due, [.int(view.reading.now)], TaskEntry.init(row:))
  }

  private struct Place {
    var rank = Int64.min
    var age = Int64.min
    var id = Int64.min
  }

  private func place() throws -> Place {
    guard !cursor.isEmpty else { return Place() }
    let parts = cursor.split(separator: ".").map { Int64($0) }
    guard parts.count == 3, let rank = parts[0], let age = parts[1], let id = parts[2] else {
      throw FieldPosition("cursor").mustBe("the next_cursor of the page before")
    }
    return Place(rank: rank, age: age, id: id)
  }
}
