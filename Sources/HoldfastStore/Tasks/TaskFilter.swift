internal import HoldfastDatabase
internal import HoldfastModel

/// Which tasks of a project a list gives: all conditions that are set must hold.
struct TaskFilter {
  let project: Int64
  /// The filename behind which the list starts.
  var after = ""
  /// Any of these; empty for all.
  var statuses: Set<TaskStatus> = []
  /// Of the pending ones only those that are for one agent.
  var isAssigned = false
  /// Any of these; empty for all.
  var categories: Set<StatusCategory> = []
  /// Empty for all.
  var topic = ""
  /// The workflow that it has, empty for that of plans; nil for any.
  var workflow: String?
  /// The agent that holds it; empty for any.
  var owner = ""
  var place = Place.anywhere
  /// All of these.
  var tags = TagList.none
  /// The agent that may claim it, as far as it goes by tags and assignment.
  var agent: Agent?
  var isReady = false
  var isBlocked = false
  var search: TextSearch?
  /// Whether one call looks through a bounded number of tasks.
  var isBounded = false

  /// Where in the tree of tasks.
  enum Place: Equatable {
    case anywhere
    /// In no other task.
    case top
    /// Directly in that task.
    case inside(Int64)
  }

  /// Whether a task meets all conditions but that on the text.
  func accepts(_ task: TaskEntry, at now: Int64) -> Bool {
    let graph = task.graph
    return (statuses.isEmpty || statuses.contains(task.status))
      && (!isAssigned || task.status != .pending || !graph.assignee.isEmpty)
      && (categories.isEmpty || categories.contains(graph.category))
      && (topic.isEmpty || UTF8Order.areSame(topic, task.topic))
      && (workflow.map { UTF8Order.areSame($0, graph.workflow) } ?? true)
      && (owner.isEmpty || UTF8Order.areSame(owner, graph.owner))
      && accepts(parent: graph.parent) && tags.tags.allSatisfy(graph.tags.contains)
      && (agent.map { $0.maySee(task) } ?? true)
      && (!isReady || task.rank(at: now) != nil)
      && (!isBlocked || graph.category == .open && task.gateIsShut)
  }

  private func accepts(parent: Int64?) -> Bool {
    switch place {
    case .anywhere: true
    case .top: parent == nil
    case .inside(let task): parent == task
    }
  }

  // MARK: Indexes

  /// A task that a condition with an index found.
  struct Key {
    let id: Int64
    let filename: String
    let contentBytes: Int64
  }

  /// The most tasks that an index is asked for.
  ///
  /// A condition that more of them meet does not choose well:
  /// then the walk goes through the project by name, and no list of keys has to be held.
  static let keysMax = 20_000

  // A condition each, with the index that answers it; ?2 is its value.
  static let byOwner = keys { _ in "project = ?1 AND owner = ?2 AND owner <> ''" }
  static let byParent = keys { _ in "project = ?1 AND parent = ?2" }
  static let byStatus = keys { _ in "project = ?1 AND status = ?2" }
  static let byTopic = keys { "project = ?1 AND \($0.isText("topic", "?2")) AND topic <> ''" }
  static let byWorkflow = keys { _ in
    "workflow = ?2 AND project = ?1 AND \(StoreSchema.hasOwnWorkflow)"
  }
  static let ready = keys { _ in "project = ?1 AND rights = ?2 AND ready IS NOT NULL" }
  static let due = keys { _ in "project + 0 = ?1 AND deferred = 1 AND defer_until <= ?2" }
  static let blocked = keys { _ in
    """
    project = ?1 AND category = ?2 AND category = 0
      AND open_blockers + waits_for_sibling + waits_for_ancestor > 0
    """
  }
  static let atTop = keys { _ in "project = ?1 AND parent IS NULL AND ?2 = 0" }

  /// A name or a number stands in a sum or a joined text where no index is to be taken for it: by name is
  /// what a walk does, and few tasks are due at a time.
  private static func keys(_ condition: (Dialect) -> String) -> DialectSQL {
    DialectSQL { dialect in
      """
      SELECT id, filename, content_bytes FROM tasks
      WHERE \(condition(dialect)) AND deleted_at IS NULL AND filename || '' > ?3 LIMIT ?4
      """
    }
  }

  /// The statuses that tasks of the store have, each by one seek.
  static let statusesThere: SQL = """
    WITH RECURSIVE words(status) AS (
      SELECT min(status) FROM tasks
      UNION ALL
      SELECT (SELECT min(status) FROM tasks WHERE status > words.status)
      FROM words WHERE words.status IS NOT NULL)
    SELECT status FROM words WHERE status IS NOT NULL LIMIT ?1
    """

  static let ofProject: SQL = "SELECT count(*) FROM tasks WHERE project = ?1 AND deleted_at IS NULL"

  /// How many tasks there are in the statuses, in the whole project without any.
  func countByStatus(_ view: StoreView) throws -> Int64 {
    guard !statuses.isEmpty else {
      return try view.reading.first(Self.ofProject, [.int(project)]) { $0.int(0) } ?? 0
    }
    return try statuses.reduce(0) { sum, status in
      sum
        + (try view.reading.first(TaskSummary.ofStatus, [.int(project), .text(status.text)]) {
          $0.int(0)
        } ?? 0)
    }
  }

  /// The tasks that the best of the indexed conditions finds, by filename; nil where the walk has to go
  /// through all of the project.
  func keys(_ reads: StoreReads) throws -> [Key]? {
    var keys: [Int64: Key] = [:]
    for (sql, value) in try reads.read(questions) ?? [] {
      let values: [SQLValue] = [
        .int(project), value, .text(after), .int(Int64(Self.keysMax + 1)),
      ]
      try reads.read { view in
        try view.reading.query(sql[view.reading.dialect], values) { row in
          keys[row.int(0)] = Key(id: row.int(0), filename: row.text(1), contentBytes: row.int(2))
        }
      }
      guard keys.count <= Self.keysMax else { return nil }
    }
    guard hasIndex else { return nil }
    return keys.values.sorted { UTF8Order.precedes($0.filename, $1.filename) }
  }

  /// The workflow to look for, when it is one of the project's own: those have an index.
  private var ownWorkflow: String? {
    workflow.flatMap { $0.isEmpty || Workflow.builtIn($0) != nil ? nil : $0 }
  }

  private var hasIndex: Bool {
    ownWorkflow != nil || !owner.isEmpty || place != .anywhere || isReady || isBlocked
      || !topic.isEmpty
      || !statuses.isEmpty || !categories.isEmpty
  }

  /// What to ask for the keys, that which usually chooses best first; nil without an index.
  private func questions(_ view: StoreView) throws -> [(DialectSQL, SQLValue)]? {
    if !owner.isEmpty { return [(Self.byOwner, .text(owner))] }
    if case .inside(let task) = place { return [(Self.byParent, .int(task))] }
    if isReady {
      return try view.rightsOfReady(for: agent, in: project).map { (Self.ready, .text($0)) }
        + [(Self.due, .int(view.reading.now))]
    }
    if isBlocked { return [(Self.blocked, .int(StatusCategory.open.rawValue))] }
    if !topic.isEmpty { return [(Self.byTopic, .text(topic))] }
    if let ownWorkflow { return [(Self.byWorkflow, .text(ownWorkflow))] }
    if !statuses.isEmpty { return statuses.map { (Self.byStatus, .text($0.text)) } }
    if !categories.isEmpty {
      let words = try view.statusWords(in: project)
      return try view.reading.all(Self.statusesThere, [.int(Int64(Self.keysMax))]) { $0.text(0) }
        .filter { !categories.isDisjoint(with: words.categories(of: TaskStatus(stored: $0))) }
        .map { (Self.byStatus, .text($0)) }
    }
    return place == .top ? [(Self.atTop, .int(0))] : nil
  }
}

extension Agent {
  /// Whether it may claim a task, as far as it goes by tags and assignment.
  func maySee(_ task: TaskEntry) -> Bool {
    let rights = TagRights(needed: task.graph.neededTags, wanted: task.graph.wantedTags)
    return task.graph.assignee.isEmpty
      ? rights.allows(tags) : UTF8Order.areSame(task.graph.assignee, name.text)
  }
}
