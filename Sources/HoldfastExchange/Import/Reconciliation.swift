internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Compares what a source holds with what the store has.
struct Reconciliation {
  let store: Store
  let options: ImportOptions

  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  private static let lastSignal: SQL = "SELECT max(id) FROM signals"
  private static let task: SQL = """
    SELECT 1 FROM tasks WHERE project = ?1 AND filename = ?2 AND deleted_at IS NULL
    """
  private static let deletedTask: SQL = """
    SELECT 1 FROM tasks WHERE project = ?1 AND filename = ?2
      AND (deleted_at = ?3 OR given_id = ?4)
    """
  private static let lock: SQL = "SELECT 1 FROM locks WHERE project = ?1 AND path = ?2"
  private static let taskCount: SQL = """
    SELECT count(*) FROM tasks WHERE project = ?1 AND deleted_at IS NULL
    """
  private static let project = SQL(
    "SELECT \(Project.table.columnList) FROM projects WHERE projects.id = ?1")
  private static let topic: SQL = "SELECT 1 FROM topics WHERE project = ?1 AND name = ?2"
  private static let signals: SQL = """
    SELECT id, plan_file, type, created_at FROM signals
    WHERE id > ?1 AND id <= ?2 AND project = ?3 ORDER BY id
    """

  /// - Returns: What will be added, and the work that adds it.
  func compare(
    _ project: ImportedProject, merging: Bool, _ notes: inout ImportNotes
  ) throws -> (ImportedCounts, ImportWork) {
    var counts = ImportedCounts(project: project.name)
    var work = ImportWork(project: project.name)
    let (key, acceptsAny, last) = try store.view { view in
      let key = try view.projectKey(project.name)
      let acceptsAny = try key.map { try view.workflow(of: $0).acceptsAnyStatus } ?? true
      let last = try view.reading.first(Self.lastSequence) { $0.optionalInt(0) } ?? nil
      return (key, acceptsAny, last ?? 0)
    }
    work.knownThrough = last
    counts.isNew = key == nil
    work.parent = options.parent
    counts.tasksReplaced = try taskCount(key, of: project.name)
    if counts.tasksReplaced > 0 { work.items.append(.clearing) }
    try checkParent(key, of: project.name)
    var tasks = project.tasks
    if key != nil && !acceptsAny {
      if options.mode == .replace {
        takeForeignWords(of: project, &work, &counts, &notes)
      } else {
        tasks = withKnownStatus(tasks, project.name, &notes)
      }
    }
    try take(project.workflows, &tasks, into: key, of: project.name, &work, &counts, &notes)
    if let key {
      try fill(key, from: project, &work, &counts, &notes)
    } else {
      work.row = row(of: project, &notes)
    }

    for alias in project.aliases {
      let taken = try store.view { try $0.projectKey(alias) }
      if taken == nil {
        work.items.append(.alias(alias))
        counts.aliases += 1
      } else if taken != key {
        notes.add("alias \(alias) was left out: another project has that name")
      }
    }
    try takeNew(project.topics, Self.topic, key, \.name.text) { topic, isNew in
      if isNew { work.items.append(.topic(topic)) }
      counts.topics += isNew ? 1 : 0
      counts.topicsPresent += isNew ? 0 : 1
    }
    // Those that go first are not there.
    let present = try counts.tasksReplaced > 0 ? [] : placesPresent(tasks, key)
    var linked: [ImportedTask] = []
    for (place, task) in tasks.enumerated() {
      guard !present.contains(place) else {
        counts.tasksPresent += 1
        continue
      }
      work.items.append(.task(task))
      counts.add(task)
      if task.parent != nil || !task.edges.isEmpty || options.parent != nil {
        var links = task
        links.text = TaskText([])
        links.attachments = []
        linked.append(links)
      }
    }
    // Behind all tasks: a task may wait for one that comes later.
    work.items += linked.map { .place($0) }
    work.items += linked.compactMap { $0.edges.isEmpty ? nil : .edges($0) }
    var signals = Present(try key.map(signalCounts) ?? [:], merging: merging)
    for signal in project.signals {
      if signals.take(SignalIdentity(signal), saying: signal.payload) {
        counts.signalsPresent += 1
      } else {
        work.items.append(.signal(signal))
        counts.signals += 1
      }
    }
    var lines = Present(
      try key.map { try lineCounts($0, of: project.audit + project.lockEvents.map(\.line)) } ?? [:],
      merging: merging)
    for line in project.audit {
      if lines.take(line.identity) {
        counts.auditEventsPresent += 1
      } else {
        work.items.append(.audit(line))
        counts.auditEvents += 1
      }
    }
    for event in project.lockEvents where !lines.take(event.line.identity) {
      work.items.append(.lockEvent(event))
      counts.lockEvents += 1
    }
    work.items += project.lockPositions.map { .lockPosition($0.agent, number: $0.number) }
    try takeNew(project.locks, Self.lock, key, \.path.text) { lock, isNew in
      guard isNew else { return }
      work.items.append(.lock(lock))
      counts.locks += 1
    }
    return (counts, work)
  }

  /// The agents of a source that are not known here.
  func newAgents(_ agents: [ImportedAgent]) throws -> [ImportedAgent] {
    try store.view { view in
      try agents.filter { try !view.isKnown($0.agent) }
    }
  }

  /// How many tasks go before others come.
  private func taskCount(_ key: Int64?, of project: ProjectName) throws -> Int {
    guard let key, options.mode != .merge else { return 0 }
    let count = try store.view { view in
      try view.reading.first(Self.taskCount, [.int(key)]) { $0.int(0) } ?? 0
    }
    guard count == 0 || options.mode == .replace else {
      throw HoldfastError(
        .conflict,
        "project \(project) has \(count) tasks: import into another project, or with --mode merge or "
          + "--mode replace")
    }
    return Int(count)
  }

  private func checkParent(_ key: Int64?, of project: ProjectName) throws {
    guard let parent = options.parent else { return }
    let isThere = try key.map { key in try store.view { try $0.findTask(parent, in: key) != nil } }
    guard isThere == true else { throw HoldfastError.taskNotFound(parent, in: project) }
  }

  /// The places of the tasks that the project has.
  private func placesPresent(_ tasks: [ImportedTask], _ project: Int64?) throws -> Set<Int> {
    guard let project else { return [] }
    var present: Set<Int> = []
    for start in stride(from: 0, to: tasks.count, by: 1000) {
      try store.view { view in
        for place in start..<min(start + 1000, tasks.count) {
          let entry = tasks[place].entry
          let values: [SQLValue] = [.int(project), .text(entry.filename.text)]
          let isThere =
            if let deletedAt = entry.deletedAt {
              try view.reading.exists(
                Self.deletedTask,
                values + [.int(deletedAt.nanoseconds), .optional(entry.graph.givenID?.text)])
            } else {
              try view.reading.exists(Self.task, values)
            }
          if isThere { present.insert(place) }
        }
      }
    }
    return present
  }

  /// How often each thing is there already.
  private struct Present<Identity: Hashable> {
    private var counts: [Identity: Int]
    private let merging: Bool
    private var taken: Set<Whole> = []

    private struct Whole: Hashable {
      let identity: Identity
      let words: String
    }

    init(_ counts: [Identity: Int], merging: Bool) {
      self.counts = counts
      self.merging = merging
    }

    /// Whether a thing of the source is there.
    ///
    /// Merging, it is when the store has one of its identity, or when the source said the very same
    /// before; otherwise each one there stands for one of the source.
    mutating func take(_ identity: Identity, saying words: String = "") -> Bool {
      let present = counts[identity] ?? 0
      guard merging else {
        counts[identity] = max(present - 1, 0)
        return present > 0
      }
      return !taken.insert(Whole(identity: identity, words: words)).inserted || present > 0
    }
  }

  /// Finds what a project that is there lacks and the source has; of the rest it keeps its own.
  private func fill(
    _ key: Int64, from source: ImportedProject, _ work: inout ImportWork,
    _ counts: inout ImportedCounts, _ notes: inout ImportNotes
  ) throws {
    guard let theirs = source.row,
      let ours = try store.view({
        try $0.reading.first(Self.project, [.int(key)], Project.init(row:))
      })
    else { return }
    var filled = ours
    let kept = filled.fill(from: theirs)
    if !kept.isEmpty {
      notes.add(
        "project \(source.name) keeps its own \(kept.joined(separator: " and ")), which the source "
          + "has otherwise")
    }
    let filling = zip(ours.values, filled.values).count { $0 != $1 }
    counts.settings += filling
    if filling > 0 { work.row = theirs }
  }

  /// Finds the workflows that a project lacks.
  ///
  /// It keeps its own ones, and gets no task whose status is none of theirs or means something else there.
  /// Where its tasks are replaced, their workflows are, too.
  private func take(
    _ workflows: [Workflow], _ tasks: inout [ImportedTask], into key: Int64?,
    of project: ProjectName, _ work: inout ImportWork, _ counts: inout ImportedCounts,
    _ notes: inout ImportNotes
  ) throws {
    for theirs in workflows {
      let name = WorkflowName(stored: theirs.name)
      let row = try key.flatMap { key in try store.view { try $0.workflowRow(name, in: key) } }
      guard let ours = try row?.readable() else {
        work.items.append(.workflow(theirs, isReplacement: options.mode == .replace))
        counts.workflows += 1
        continue
      }
      guard ours != theirs else { continue }
      guard options.mode != .replace else {
        guard let row, try replaces(row, by: theirs, of: project, &notes) else { continue }
        work.items.append(.workflow(theirs, isReplacement: true))
        counts.workflows += 1
        continue
      }
      notes.add(
        "project \(project) keeps its own workflow \(name.text.quoted), which the source has otherwise"
      )
      tasks.removeAll { task in
        let status = task.entry.status
        guard UTF8Order.areSame(task.entry.graph.workflow, name.text),
          !ours.statuses.contains(status) || ours.category(status) != theirs.category(status)
        else { return false }
        notes.leaveOut(
          "task \(task.entry.filename)",
          "its status \(status.text.quoted) is not the same in the workflow \(name.text.quoted) of "
            + "project \(project)")
        return true
      }
    }
  }

  /// The row of a project that comes into being, which accepts what its tasks bring.
  private func row(of project: ImportedProject, _ notes: inout ImportNotes) -> Project? {
    guard project.tasks.contains(where: Self.isForeign) else { return project.row }
    var row = project.row ?? Project(name: project.name, createdAt: Timestamp(nanoseconds: 0))
    if project.row == nil { row.createdAt = nil }
    if !row.acceptsAnyStatus { notes.add(Self.acceptance(by: project)) }
    row.acceptsAnyStatus = true
    return row
  }

  /// Has a project that is there accept what its new tasks bring.
  private func takeForeignWords(
    of project: ImportedProject, _ work: inout ImportWork, _ counts: inout ImportedCounts,
    _ notes: inout ImportNotes
  ) {
    guard project.tasks.contains(where: Self.isForeign) else { return }
    work.items.append(.anyStatus)
    counts.settings += 1
    notes.add(Self.acceptance(by: project))
  }

  private static func acceptance(by project: ImportedProject) -> String {
    let foreign = Set(project.tasks.filter(isForeign).map(\.entry.status))
    let list = foreign.sorted().prefix(5).map(\.text.quoted).joined(separator: ", ")
    return "project \(project.name) accepts any status from now on, because of \(list)"
  }

  private func withKnownStatus(
    _ tasks: [ImportedTask], _ project: ProjectName, _ notes: inout ImportNotes
  ) -> [ImportedTask] {
    tasks.filter { task in
      guard Self.isForeign(task) else { return true }
      notes.leaveOut(
        "task \(task.entry.filename)",
        "project \(project) has no status \(task.entry.status.text.quoted), and does not accept other "
          + "ones")
      return false
    }
  }

  /// Whether a plan has a status that the plans' workflow does not have.
  private static func isForeign(_ task: ImportedTask) -> Bool {
    task.entry.graph.workflow.isEmpty
      && (try? Workflow.standard.status(task.entry.status.text)) == nil
  }

  /// Tells of each element whether the project lacks it.
  private func takeNew<E>(
    _ elements: [E], _ sql: SQL, _ project: Int64?, _ name: (E) -> String,
    _ each: (E, Bool) -> Void
  ) throws {
    guard let project else { return elements.forEach { each($0, true) } }
    for start in stride(from: 0, to: elements.count, by: 1000) {
      try store.view { view in
        for element in elements[start..<min(start + 1000, elements.count)] {
          let isThere = try view.reading.exists(sql, [.int(project), .text(name(element))])
          each(element, !isThere)
        }
      }
    }
  }

  private func signalCounts(_ project: Int64) throws -> [SignalIdentity: Int] {
    var counts: [SignalIdentity: Int] = [:]
    try store.walk(
      Self.signals, through: Self.lastSignal, [.int(project)],
      decode: {
        SignalIdentity(
          planFile: $0.text(1), type: $0.text(2), createdAt: $0.optionalInt(3) ?? 0)
      }
    ) { counts[$0, default: 0] += 1 }
    return counts
  }

  /// How often each of these lines is there, under the names that its task had and has.
  private func lineCounts(_ project: Int64, of lines: [AuditLine]) throws -> [String: Int] {
    guard !lines.isEmpty else { return [:] }
    // Only those are counted, so the trail of a large store is not held in memory.
    var counts = Dictionary(lines.map { ($0.identity, 0) }, uniquingKeysWith: { first, _ in first })
    for part in AuditTrail.parts {
      try part.walk(of: project, in: store) { found in
        for identity in Set([found.line.identity, found.today.identity]) {
          counts[identity]? += 1
        }
      }
    }
    return counts
  }
}
