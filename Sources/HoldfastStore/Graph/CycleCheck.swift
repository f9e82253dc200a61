internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

/// Looks for tasks that would wait for each other.
///
/// A task has two moments: its gate opens, and it ends. What must come first:
///
///     a blocks b              a ends        before  b's gate opens
///     p contains c            p's gate      before  c's gate opens;  c ends  before  p ends
///     groups of siblings      all of one    before  the gates of the next
///     any task                its gate      before  it ends
///
/// So edges, parents and the order of siblings are one graph of moments, and a circle in it is work
/// that can never be done. Deleted tasks are not in it.
struct CycleCheck {
  private let view: StoreView
  /// A task that leaves its place in the tree: nothing waits for it, or for others, because of that place.
  private let moving: Int64?

  init(_ view: StoreView, moving: Int64? = nil) {
    self.view = view
    self.moving = moving
  }

  /// A moment in the life of a task.
  struct Moment: Hashable {
    let task: Int64
    let isEnd: Bool

    static func gate(_ task: Int64) -> Moment { Moment(task: task, isEnd: false) }
    static func end(_ task: Int64) -> Moment { Moment(task: task, isEnd: true) }
  }

  /// How a search came to a moment.
  private struct Reached {
    private var from: [Moment: Moment] = [:]

    init(_ start: Moment) { from[start] = start }

    func contains(_ moment: Moment) -> Bool { from[moment] != nil }

    /// Notes the way to a moment; false when there is one already.
    mutating func note(_ to: Moment, from: Moment) -> Bool {
      guard self.from[to] == nil else { return false }
      self.from[to] = from
      return true
    }

    /// The way from the start to a moment.
    func way(to moment: Moment) -> [Moment] {
      var way = [moment]
      while let last = way.last, let before = from[last], before != last { way.append(before) }
      return way.reversed()
    }
  }

  /// The way from one moment to a later one; nil when neither has to come first.
  ///
  /// It is searched from both sides at once, the side with less to look at first.
  func path(from start: Moment, to goal: Moment) throws -> [Moment]? {
    if start == goal { return [start] }
    var ahead = Reached(start)
    var behind = Reached(goal)
    var aheadEdge = [start]
    var behindEdge = [goal]
    while !aheadEdge.isEmpty && !behindEdge.isEmpty {
      if aheadEdge.count <= behindEdge.count {
        aheadEdge = try step(aheadEdge, &ahead, next)
        if let met = aheadEdge.first(where: behind.contains) {
          return ahead.way(to: met) + behind.way(to: met).reversed().dropFirst()
        }
      } else {
        behindEdge = try step(behindEdge, &behind, previous)
        if let met = behindEdge.first(where: ahead.contains) {
          return ahead.way(to: met) + behind.way(to: met).reversed().dropFirst()
        }
      }
    }
    return nil
  }

  /// A circle through a moment; nil when there is none.
  func circle(through moment: Moment) throws -> [Moment]? {
    for (_, later) in try next([moment]) {
      if let path = try path(from: later, to: moment) { return [moment] + path }
    }
    return nil
  }

  private func step(
    _ edge: [Moment], _ reached: inout Reached,
    _ neighbours: ([Moment]) throws -> [(from: Moment, to: Moment)]
  ) throws -> [Moment] {
    var found: [Moment] = []
    for (from, to) in try neighbours(edge) where reached.note(to, from: from) {
      found.append(to)
    }
    return found
  }

  // MARK: Neighbours

  private static let blockingTypes = DependencyType.blocking.map { "'\($0.rawValue)'" }
    .joined(separator: ", ")

  /// For each of a list of tasks, what another table or row says of it.
  private static func related(_ select: String) -> DialectSQL {
    DialectSQL { dialect in
      "SELECT given.task, \(select)".replacingGiven(dialect)
    }
  }

  private static let blocked = related(
    """
    dependencies.task FROM {given} JOIN dependencies ON dependencies.blocker = given.task
    JOIN tasks ON tasks.id = dependencies.task
    WHERE dependencies.type IN (\(blockingTypes)) AND tasks.deleted_at IS NULL
    """)
  private static let blockers = related(
    """
    dependencies.blocker FROM {given} JOIN dependencies ON dependencies.task = given.task
    JOIN tasks ON tasks.id = dependencies.blocker
    WHERE dependencies.type IN (\(blockingTypes)) AND tasks.deleted_at IS NULL
    """)
  private static let children = related(
    """
    tasks.id FROM {given} JOIN tasks ON tasks.parent = given.task WHERE tasks.deleted_at IS NULL
    """)
  private static let parents = related(
    """
    tasks.parent FROM {given} JOIN tasks ON tasks.id = given.task WHERE tasks.parent IS NOT NULL
    """)

  private func relatives(
    _ sql: DialectSQL, of tasks: [Int64]
  ) throws -> [(of: Int64, task: Int64)] {
    guard !tasks.isEmpty else { return [] }
    let list = "{\"tasks\":[\(tasks.map { "\($0)" }.joined(separator: ","))]}"
    return try view.reading.all(sql[view.reading.dialect], [.text(list)]) {
      ($0.int(0), $0.int(1))
    }
  }

  /// What has to wait for these.
  private func next(_ moments: [Moment]) throws -> [(from: Moment, to: Moment)] {
    let gates = moments.filter { !$0.isEnd }.map(\.task)
    let ends = moments.filter(\.isEnd).map(\.task)
    var found = gates.map { (from: Moment.gate($0), to: Moment.end($0)) }
    found += try relatives(Self.children, of: gates).filter { $0.task != moving }
      .map { (.gate($0.of), .gate($0.task)) }
    found += try relatives(Self.blocked, of: ends).map { (.end($0.of), .gate($0.task)) }
    for (child, parent) in try relatives(Self.parents, of: ends) where child != moving {
      found.append((.end(child), .end(parent)))
      guard let task = try view.taskRow(child) else { continue }
      found += try view.successors(of: task).filter { $0.id != moving }
        .map { (.end(child), .gate($0.id)) }
    }
    return found
  }

  /// What these have to wait for.
  private func previous(_ moments: [Moment]) throws -> [(from: Moment, to: Moment)] {
    let gates = moments.filter { !$0.isEnd }.map(\.task)
    let ends = moments.filter(\.isEnd).map(\.task)
    var found = ends.map { (from: Moment.end($0), to: Moment.gate($0)) }
    found += try relatives(Self.children, of: ends).filter { $0.task != moving }
      .map { (.end($0.of), .end($0.task)) }
    found += try relatives(Self.blockers, of: gates).map { (.gate($0.of), .end($0.task)) }
    for (child, parent) in try relatives(Self.parents, of: gates) where child != moving {
      found.append((.gate(child), .gate(parent)))
      guard let task = try view.taskRow(child) else { continue }
      found += try view.predecessors(of: task).filter { $0.id != moving }
        .map { (.gate(child), .end($0.id)) }
    }
    return found
  }
}

extension String {
  /// Puts the list of tasks that ?1 holds in the place of `{given}`.
  fileprivate func replacingGiven(_ dialect: Dialect) -> String {
    let source =
      "(SELECT CAST(CAST(list.value AS TEXT) AS BIGINT) AS task FROM "
      + dialect.elements(of: "?1", at: "tasks", as: "list") + ") AS given"
    return split(separator: "{given}", omittingEmptySubsequences: false).joined(separator: source)
  }
}

extension Changes {
  /// Refuses an edge, before it is written, that would make tasks wait for each other.
  func checkNoCycle(from blocker: TaskEntry, to blocked: TaskEntry) throws {
    if let path = try CycleCheck(self).path(from: .gate(blocked.id), to: .end(blocker.id)) {
      throw try cycle(path)
    }
  }

  /// Refuses a place behind all that a task contains, before it is written, that would make tasks wait for
  /// each other.
  func checkNoCycle(putting task: TaskEntry, into parent: TaskEntry) throws {
    let check = CycleCheck(self, moving: task.id)
    // What would have to come first, and what would have to come behind the task.
    var ways: [(from: CycleCheck.Moment, to: CycleCheck.Moment)] = [
      (.gate(task.id), .gate(parent.id)), (.end(parent.id), .end(task.id)),
    ]
    let last = try groupStart(of: parent.id, before: .end)
    let start =
      task.graph.joinMode == .then ? last : try groupStart(of: parent.id, before: last)
    let end = task.graph.joinMode == .then ? SiblingOrder.end : last
    if start != end {
      ways += try siblings(of: parent.id, from: start, to: end).map {
        (.gate(task.id), .end($0.id))
      }
    }
    for (from, to) in ways {
      if let path = try check.path(from: from, to: to) { throw try cycle(path) }
    }
  }

  /// Refuses a place in the tree, once it is written, that makes tasks wait for each other.
  func checkNoCycle(around task: TaskEntry) throws {
    let check = CycleCheck(self)
    var moments: [CycleCheck.Moment] = [.gate(task.id), .end(task.id)]
    if let parent = task.graph.parent {
      let start = try groupStart(of: task, in: parent)
      let next = try groupStart(of: parent, behind: task.siblingOrder)
      let end = next == .end ? next : try groupStart(of: parent, behind: next)
      moments += try siblings(of: parent, from: start, to: end).filter { $0.id != task.id }
        .map { .gate($0.id) }
    }
    for moment in moments {
      if let circle = try check.circle(through: moment) { throw try cycle(circle) }
    }
  }

  private func cycle(_ path: [CycleCheck.Moment]) throws -> HoldfastError {
    var tasks: [Int64] = []
    for moment in path where tasks.last != moment.task { tasks.append(moment.task) }
    let names = try tasks.map { try taskRow($0).map { id(of: $0).text } ?? "?" }
    return HoldfastError(
      .dependencyCycle, "Adding this dependency would create a cycle",
      details: [("path", .array(names.map { .string($0) }))])
  }
}
