internal import HoldfastDatabase
public import HoldfastModel

/// A task as a graph shows it.
public struct GraphTask: Output {
  let row: Int64
  let id: TaskID
  let filename: String
  let title: String
  let status: String
  let category: StatusCategory
  /// The row of the task that contains it.
  let parentRow: Int64?
  let owner: String
  let isReady: Bool
  let estimate: Int64?
  var parent: TaskID?
  var isCritical = false

  /// Reads a row of ``TaskGraph``.
  init(_ row: any Row, _ view: StoreView) {
    self.row = row.int(0)
    id = row.optionalText(1).map(TaskID.init(stored:)) ?? view.facts.ids.id(row: row.int(0))
    filename = row.text(2)
    title = row.text(3)
    status = row.text(4)
    category = StatusCategory(rawValue: row.int(5)) ?? .waiting
    parentRow = row.optionalInt(6)
    owner = row.text(7)
    isReady = row.optionalInt(8) != nil
    estimate = row.optionalInt(9)
  }

  private init(placeholder: Void) {
    row = 1
    id = .placeholder
    filename = "task"
    title = ""
    status = "pending"
    category = .open
    parentRow = nil
    owner = ""
    isReady = true
    estimate = nil
  }

  public static var placeholder: GraphTask { GraphTask(placeholder: ()) }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", id.text, "The task's id.")
    out.field("filename", filename, "Its name in its project.")
    out.field("title", unlessEmpty: title, "What it is called.")
    out.field("status", status, "Its status.")
    out.field("category", category.name, "What its status means.")
    out.field("parent", unlessEmpty: parent?.text, "The task of the graph that contains it.")
    out.field("owner_agent", unlessEmpty: owner, "The agent that holds it.")
    out.field("ready", ifTrue: isReady, "Whether it can be claimed now.")
    out.field("time_estimate_ms", unlessNil: estimate, "How long it should take.")
    out.field("critical", ifTrue: isCritical, "Whether it is on the longest chain.")
  }
}

/// Tasks with the edges between them.
public struct GraphAnswer: Output {
  private(set) var tasks: [GraphTask]?
  private(set) var edges: [Edge]?
  private(set) var critical: [TaskID] = []
  private(set) var estimate: Int64 = 0
  private(set) var isCut: Bool
  private var drawn: [GraphDrawing.Edge] = []
  private var format = ""
  private var content = ""

  /// An edge between two tasks of the graph.
  struct Edge: Output {
    let from: TaskID
    let to: TaskID
    let type: String

    static var placeholder: Edge { Edge(from: .placeholder, to: .placeholder, type: "blocks") }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "GraphEdge" }

    func write(_ out: inout ObjectWriter) {
      out.field("from", from.text, "The task that comes first.")
      out.field("to", to.text, "The other one.")
      out.field(
        "type", type,
        "A type of dependency; contains; or then, from a sibling to those of the group behind it.")
    }
  }

  init(tasks: [GraphTask], isCut: Bool) {
    self.tasks = tasks
    self.isCut = isCut
  }

  static let dependencies = DialectSQL { dialect in
    """
    SELECT blocker, task, type FROM dependencies WHERE task IN (\(StoreView.rows(dialect)))
    ORDER BY task, blocker, type LIMIT \(TaskGraph.edgesMax + 1)
    """
  }
  static let siblings = DialectSQL { dialect in
    """
    SELECT id, parent, join_mode FROM tasks
    WHERE parent IN (\(StoreView.rows(dialect))) AND deleted_at IS NULL
    ORDER BY parent, sibling_order, age, id LIMIT \(TaskGraph.edgesMax + 1)
    """
  }

  /// Finds the edges between the tasks, and their longest chain.
  mutating func join(_ view: StoreView) throws {
    guard var tasks, !tasks.isEmpty else { return }
    let places = Dictionary(
      tasks.enumerated().map { ($0.element.row, $0.offset) }, uniquingKeysWith: { $1 })
    for (place, task) in tasks.enumerated() {
      guard let parent = task.parentRow.flatMap({ places[$0] }) else { continue }
      tasks[place].parent = tasks[parent].id
      add(parent, place, "contains", isBlocking: false)
    }
    let rows = StoreView.list(tasks.map(\.row))
    try view.reading.query(Self.dependencies[view.reading.dialect], [rows]) { row in
      guard let from = places[row.int(0)], let to = places[row.int(1)] else { return }
      let type = row.text(2)
      add(from, to, type, isBlocking: DependencyType(rawValue: type)?.isBlocking ?? false)
    }
    try joinSiblings(view, places)
    let path = GraphPath(
      tasks.map { task in
        GraphPath.Node(
          parent: task.parentRow.flatMap { places[$0] }, isOpen: !task.category.isFinal,
          estimate: task.estimate ?? 0)
      }, edges: drawn.filter(\.isBlocking).map { ($0.from, $0.to) })
    for place in path.tasks { tasks[place].isCritical = true }
    critical = path.tasks.map { tasks[$0].id }
    estimate = path.estimate
    edges = drawn.map {
      Edge(from: tasks[$0.from].id, to: tasks[$0.to].id, type: $0.type)
    }
    self.tasks = tasks
  }

  /// Adds the edges between the groups of siblings.
  private mutating func joinSiblings(_ view: StoreView, _ places: [Int64: Int]) throws {
    let parents = Set((tasks ?? []).compactMap(\.parentRow))
    guard !parents.isEmpty else { return }
    var before: [Int] = []
    var group: [Int] = []
    var parent: Int64?
    var visited = 0
    try view.reading.query(
      Self.siblings[view.reading.dialect], [StoreView.list(parents)]
    ) { row in
      visited += 1
      if parent != row.int(1) {
        (before, group) = ([], [])
        parent = row.int(1)
      } else if row.text(2) == JoinMode.then.rawValue {
        (before, group) = (group, [])
      }
      guard let place = places[row.int(0)] else { return }
      for sibling in before { add(sibling, place, "then", isBlocking: true) }
      group.append(place)
    }
    if visited > TaskGraph.edgesMax { isCut = true }
  }

  private mutating func add(_ from: Int, _ to: Int, _ type: String, isBlocking: Bool) {
    guard drawn.count < TaskGraph.edgesMax else {
      isCut = true
      return
    }
    drawn.append(.init(from: from, to: to, type: type, isBlocking: isBlocking))
  }

  /// Puts a drawing in the place of tasks and edges.
  mutating func draw(as format: GraphFormat) {
    guard format != .json else {
      edges = edges ?? []
      return
    }
    var drawing = GraphDrawing()
    drawing.nodes = (tasks ?? []).map { task in
      GraphDrawing.Node(
        id: task.id.text, title: task.title.isEmpty ? task.filename : task.title,
        status: task.status, category: task.category, isCritical: task.isCritical)
    }
    drawing.edges = drawn
    self.format = format.rawValue
    content = format == .dot ? drawing.dot : drawing.mermaid
    tasks = nil
    edges = nil
  }

  public static var placeholder: GraphAnswer { GraphAnswer(tasks: [], isCut: true) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Graph" }

  public func write(_ out: inout ObjectWriter) {
    out.field("format", unlessEmpty: format, "Of a drawing: what it is drawn for.")
    out.field("content", unlessEmpty: content, "The drawing.")
    out.list("tasks", unlessNil: tasks, "The tasks; left out of a drawing.")
    out.list("edges", unlessNil: edges, "The edges between them; left out of a drawing.")
    out.list(
      "critical_path", critical.map(\.text),
      "The longest chain of open tasks, by their estimates, then by their number.")
    out.field("critical_path_ms", estimate, "The sum of its estimates.")
    out.field("truncated", ifTrue: isCut, "Whether there are more tasks or edges.")
  }
}
