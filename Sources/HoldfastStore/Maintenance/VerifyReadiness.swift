internal import HoldfastDatabase
internal import HoldfastModel

/// Compares what is kept in the rows of tasks, such as whether one is ready, with what follows from all
/// rows and edges.
///
/// The writes keep it by what they change; here it is counted anew. Each step is one moment's view, and
/// holds a task against its neighbours as they are in it: what a task takes over from the one above is
/// what that one's row says, which has a step of its own.
final class VerifyReadiness {
  private let store: Store
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void
  private var tasksDone = 0

  private static let tasksPerStep = 256
  private static let siblingsPerStep = 2000

  private static let openCategories = "(0, 1, 2)"
  private static let tasks = SQL(
    """
    SELECT \(TaskEntry.table.columnList),
      above.open_blockers + above.waits_for_sibling + above.waits_for_ancestor
    FROM tasks LEFT JOIN tasks AS above ON above.id = tasks.parent
    WHERE tasks.id > ?1 ORDER BY tasks.id LIMIT \(tasksPerStep)
    """)
  private static let blockers = SQL(
    """
    SELECT d.task, count(*) FROM dependencies d JOIN tasks b ON b.id = d.blocker
    WHERE d.task > ?1 AND d.task <= ?2 AND d.type IN ('blocks', 'follows')
      AND b.deleted_at IS NULL AND b.category <> 3
      AND (b.category IN \(openCategories) OR d.on_failure <> 'release')
    GROUP BY d.task
    """)
  private static let children = SQL(
    """
    SELECT parent, count(*) FROM tasks
    WHERE parent > ?1 AND parent <= ?2 AND deleted_at IS NULL AND category IN \(openCategories)
    GROUP BY parent
    """)
  private static let siblings = SQL(
    """
    SELECT s.id, s.parent, s.sibling_order, s.join_mode, s.category, s.waits_for_sibling,
      s.filename, above.sibling_policy, s.age
    FROM tasks s JOIN tasks above ON above.id = s.parent
    WHERE s.deleted_at IS NULL AND (s.parent, s.sibling_order, s.age, s.id) > (?1, ?2, ?3, ?4)
    ORDER BY s.parent, s.sibling_order, s.age, s.id LIMIT \(siblingsPerStep)
    """)
  private static let siblingsBackwards: SQL = """
    SELECT join_mode, category FROM tasks
    WHERE parent = ?1 AND deleted_at IS NULL AND (sibling_order, age, id) <= (?2, ?3, ?4)
    ORDER BY sibling_order DESC, age DESC, id DESC
    """

  init(
    store: Store, findings: VerifyFindings,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.store = store
    self.findings = findings
    self.progress = progress
  }

  func run() throws {
    var last: Int64? = .min
    while let after = last {
      last = try store.database.read { try compareTasks(after: after, $0) }
      try progress(
        StoreProgress("comparing what is ready", unit: "tasks", done: tasksDone, total: nil))
    }
    var line = Line()
    while try store.database.read({ try compareSiblings(&line, $0) }) {}
  }

  // MARK: Tasks

  /// What a task has to wait for, counted from other rows.
  private struct Counts {
    let blockers: Int64
    let children: Int64
    let parentWaits: Bool
  }

  /// - Returns: The last task of the step; nil when there are no more.
  private func compareTasks(after: Int64, _ reading: any ReadTransaction) throws -> Int64? {
    let view = StoreView(reading, facts: store.facts)
    let width = TaskEntry.table.columns.count + 1
    let tasks = try reading.all(Self.tasks, [.int(after)]) { row in
      (task: TaskEntry(row: row), parentWaits: !row.isNull(width) && row.int(width) > 0)
    }
    guard let last = tasks.last?.task.id else { return nil }
    let blockers = try counts(Self.blockers, after, last, reading)
    let children = try counts(Self.children, after, last, reading)
    var workflows = KnownWorkflows()
    for (task, parentWaits) in tasks {
      let counts = Counts(
        blockers: blockers[task.id] ?? 0, children: children[task.id] ?? 0,
        parentWaits: parentWaits)
      try compare(task, counts, &workflows, view)
    }
    tasksDone += tasks.count
    return last
  }

  private func counts(
    _ sql: SQL, _ after: Int64, _ last: Int64, _ reading: any ReadTransaction
  ) throws -> [Int64: Int64] {
    var counts: [Int64: Int64] = [:]
    try reading.query(sql, [.int(after), .int(last)]) { counts[$0.int(0)] = $0.int(1) }
    return counts
  }

  /// The workflows of a step's tasks, each asked for once.
  private struct KnownWorkflows {
    private struct Key: Hashable {
      let project: Int64
      let name: WorkflowName
    }

    private var known: [Key: Workflow] = [:]

    mutating func workflow(of task: TaskEntry, _ view: StoreView) throws -> Workflow {
      let key = Key(project: task.project, name: WorkflowName(stored: task.graph.workflow))
      if let workflow = known[key] { return workflow }
      let workflow = try view.workflow(of: task)
      known[key] = workflow
      return workflow
    }
  }

  private func compare(
    _ task: TaskEntry, _ counts: Counts, _ workflows: inout KnownWorkflows, _ view: StoreView
  ) throws {
    let kept = task.graph
    // What is left of one that was erased means nothing.
    let category: StatusCategory
    do {
      category =
        task.isErased
        ? kept.category : try workflows.workflow(of: task, view).category(task.status)
    } catch let error as HoldfastError {
      return found(task, "belongs to no workflow: \(error.message)")
    }
    if kept.category != category {
      found(task, kept: kept.category.name, but: "its status \(task.status) means \(category.name)")
    }
    let rights = TagRights.key(
      assignee: kept.assignee, needed: kept.neededTags, wanted: kept.wantedTags)
    if kept.rights != rights {
      found(
        task, kept: "one for \(kept.rights.legible.quoted)",
        but: "its tags and assignee say \(rights.legible.quoted)")
    }
    let age = task.createdAt?.nanoseconds ?? 0
    if kept.age != age { found(task, kept: "made at \(kept.age)", but: "it was created at \(age)") }
    if kept.openBlockers != counts.blockers {
      found(
        task, kept: "held by \(kept.openBlockers) dependencies", but: "\(counts.blockers) hold it")
    }
    if kept.openChildren != counts.children {
      found(
        task, kept: "one with \(kept.openChildren) open children", but: "it has \(counts.children)")
    }
    if kept.deferred, kept.deferUntil == nil || category != .open {
      found(task, kept: "put off", but: "it is \(task.status), until no time")
    }
    // A deleted task is brought up to date when it is restored.
    let isGone = task.deletedAt != nil
    if !isGone, kept.waitsForAncestor != counts.parentWaits {
      found(
        task, kept: kept.waitsForAncestor ? "waiting for its ancestors" : "waiting for no ancestor",
        but: counts.parentWaits ? "its parent waits" : "its parent does not")
    }
    if !isGone, kept.parent == nil, kept.waitsForSibling {
      found(task, kept: "waiting for siblings", but: "it has no parent")
    }
    let obstacles = [
      isGone ? "it is deleted" : nil,
      category == .open ? nil : "it is \(task.status)",
      kept.owner.isEmpty ? nil : "\(kept.owner) holds it",
      kept.offeredTo.isEmpty ? nil : "it is offered to \(kept.offeredTo)",
      counts.children == 0 ? nil : "it has open children",
      counts.blockers == 0 ? nil : "a dependency holds it",
      counts.parentWaits ? "its parent waits" : nil,
      kept.waitsForSibling ? "it waits for siblings" : nil,
      kept.deferred ? "it is put off" : nil,
    ].compactMap { $0 }
    compareRank(task, obstacles)
  }

  private func compareRank(_ task: TaskEntry, _ obstacles: [String]) {
    let rank = 10 - task.graph.priority.value
    switch (task.graph.ready, obstacles.first) {
    case (nil, nil): found(task, kept: "not ready", but: "nothing stands in its way")
    case (.some, let obstacle?): found(task, kept: "ready", but: obstacle)
    case (let ready?, nil) where ready != rank:
      found(task, kept: "ready at rank \(ready)", but: "its priority says \(rank)")
    default: break
    }
  }

  // MARK: Siblings

  /// How far the children of all tasks have been gone through, in their order.
  private struct Line {
    var parent = Int64.min
    var order = SiblingOrder.first
    var group = Group()
    var groupBefore = Group()

    var values: [SQLValue] { [.int(parent)] + order.values }

    /// Goes on to a child, and says whether it waits for the group before its own.
    mutating func goOn(_ row: any Row, isReleased: Bool) -> Bool {
      if row.int(1) != parent {
        group = Group()
        groupBefore = Group()
      } else if row.text(3) == JoinMode.then.rawValue {
        groupBefore = group
        group = Group()
      }
      parent = row.int(1)
      order = SiblingOrder(order: row.int(2), age: row.int(8), id: row.int(0))
      group.add(row.int(4))
      return groupBefore.holds(isReleased: isReleased)
    }
  }

  /// What the siblings of a group have come to.
  private struct Group {
    var areDone = true
    var haveEnded = true

    mutating func add(_ category: Int64) {
      let category = StatusCategory(rawValue: category) ?? .waiting
      areDone = areDone && category == .done
      haveEnded = haveEnded && category.isFinal
    }

    func holds(isReleased: Bool) -> Bool { isReleased ? !haveEnded : !areDone }
  }

  /// A child that does not seem to be what its row says.
  private struct Suspect {
    let id: Int64
    let filename: String
    let place: [SQLValue]
    let isReleased: Bool
    let waits: Bool
  }

  /// - Returns: Whether there may be more.
  private func compareSiblings(_ line: inout Line, _ reading: any ReadTransaction) throws -> Bool {
    var suspects: [Suspect] = []
    var count = 0
    let isWhole = try reading.query(
      Self.siblings, line.values
    ) { row in
      count += 1
      let isReleased = row.text(7) == FailurePolicy.release.rawValue
      let waits = row.int(5) != 0
      if line.goOn(row, isReleased: isReleased) != waits {
        suspects.append(
          Suspect(
            id: line.order.id, filename: row.text(6), place: line.values, isReleased: isReleased,
            waits: waits))
      }
      return !reading.stepIsOver
    }
    // The siblings before it may have changed since the step that saw them.
    for suspect in suspects where try holds(suspect, reading) != suspect.waits {
      findings.add(
        "Task \(suspect.filename.quoted) (row \(suspect.id)) is kept as "
          + (suspect.waits
            ? "waiting for siblings, but the group before it holds it not."
            : "waiting for no sibling, but the group before it has not ended well."))
    }
    return !isWhole || count == Self.siblingsPerStep
  }

  /// Whether the group before holds a child, read from the child backwards.
  private func holds(_ suspect: Suspect, _ reading: any ReadTransaction) throws -> Bool {
    var isBefore = false
    var before = Group()
    _ = try reading.query(Self.siblingsBackwards, suspect.place) { row in
      let opens = row.text(0) == JoinMode.then.rawValue
      if isBefore { before.add(row.int(1)) }
      defer { isBefore = isBefore || opens }
      return !(isBefore && opens)
    }
    return before.holds(isReleased: suspect.isReleased)
  }

  // MARK: Findings

  private func found(_ task: TaskEntry, kept: String, but: String) {
    found(task, "is kept as \(kept), but \(but).")
  }

  private func found(_ task: TaskEntry, _ what: String) {
    findings.add("Task \(task.filename.text.quoted) (row \(task.id)) \(what)")
  }
}
