internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Compares what a source holds with what the store has.
struct Reconciliation {
  let store: Store

  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  private static let lastSignal: SQL = "SELECT max(id) FROM signals"
  private static let task: SQL = """
    SELECT 1 FROM tasks WHERE project = ?1 AND filename = ?2 AND deleted_at IS NULL
    """
  private static let topic: SQL = "SELECT 1 FROM topics WHERE project = ?1 AND name = ?2"
  private static let signals: SQL = """
    SELECT plan_file, type, created_at FROM signals WHERE id > ?1 AND id <= ?2 AND project = ?3
    """
  private static let step: Int64 = 10_000

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
    var tasks = project.tasks
    if key != nil && !acceptsAny { tasks = withKnownStatus(tasks, project.name, &notes) }
    if key == nil { work.row = row(of: project, &notes) }

    try takeNew(project.topics, Self.topic, key, \.name.text) { topic, isNew in
      if isNew { work.items.append(.topic(topic)) }
      counts.topics += isNew ? 1 : 0
      counts.topicsPresent += isNew ? 0 : 1
    }
    try takeNew(tasks, Self.task, key, \.entry.filename.text) { task, isNew in
      guard isNew else {
        counts.tasksPresent += 1
        return
      }
      work.items.append(.task(task))
      counts.tasks += 1
      counts.subtasks += task.subtasks.count
      counts.reviews += task.reviews.count
    }
    var signals = Present(try key.map(signalCounts) ?? [:], merging: merging)
    for signal in project.signals {
      if signals.take(SignalIdentity(signal)) {
        counts.signalsPresent += 1
      } else {
        work.items.append(.signal(signal))
        counts.signals += 1
      }
    }
    var lines = Present(try key.map(lineCounts) ?? [:], merging: merging)
    for line in project.audit {
      if lines.take(line.identity) {
        counts.auditEventsPresent += 1
      } else {
        work.items.append(.audit(line))
        counts.auditEvents += 1
      }
    }
    return (counts, work)
  }

  /// How often each thing is there already.
  private struct Present<Identity: Hashable> {
    private var counts: [Identity: Int]
    private let merging: Bool

    init(_ counts: [Identity: Int], merging: Bool) {
      self.counts = counts
      self.merging = merging
    }

    /// Whether a thing of the source is there.
    ///
    /// Merging, it is from then on, so that its like later in the source is the same thing; otherwise
    /// each one there stands for one of the source.
    mutating func take(_ identity: Identity) -> Bool {
      let present = counts[identity] ?? 0
      counts[identity] = merging ? 1 : max(present - 1, 0)
      return present > 0
    }
  }

  /// The row of a project that comes into being, which accepts what its tasks bring.
  private func row(of project: ImportedProject, _ notes: inout ImportNotes) -> Project? {
    let foreign = Set(project.tasks.map(\.entry.status)).filter(Self.isForeign)
    guard !foreign.isEmpty else { return project.row }
    var row = project.row ?? Project(name: project.name, createdAt: Timestamp(nanoseconds: 0))
    if project.row == nil { row.createdAt = nil }
    if !row.acceptsAnyStatus {
      let list = foreign.sorted().prefix(5).map(\.text.quoted).joined(separator: ", ")
      notes.add("project \(project.name) accepts any status from now on, because of \(list)")
    }
    row.acceptsAnyStatus = true
    return row
  }

  private func withKnownStatus(
    _ tasks: [ImportedTask], _ project: ProjectName, _ notes: inout ImportNotes
  ) -> [ImportedTask] {
    tasks.filter { task in
      guard Self.isForeign(task.entry.status) else { return true }
      notes.add(
        "task \(task.entry.filename) was left out: project \(project) has no status "
          + "\(task.entry.status.text.quoted), and does not accept other ones")
      return false
    }
  }

  private static func isForeign(_ status: TaskStatus) -> Bool {
    (try? Workflow.standard.status(status.text)) == nil
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
    let last = try store.view { try $0.reading.first(Self.lastSignal) { $0.int(0) } } ?? 0
    try steps(through: last) { view, range in
      try view.reading.query(Self.signals, range + [.int(project)]) { row in
        let identity = SignalIdentity(
          planFile: row.text(0), type: row.text(1), createdAt: row.optionalInt(2) ?? 0)
        counts[identity, default: 0] += 1
      }
    }
    return counts
  }

  /// The lines that are there, under the names that their tasks had and have.
  private func lineCounts(_ project: Int64) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for part in AuditTrail.parts {
      let last = try store.view { try $0.reading.first(part.last) { $0.int(0) } } ?? 0
      try steps(through: last) { view, range in
        for found in try part.lines(range, of: project, view) {
          for identity in Set([found.line.identity, found.today.identity]) {
            counts[identity, default: 0] += 1
          }
        }
      }
    }
    return counts
  }

  /// Goes through keys in reads of bounded length.
  private func steps(through last: Int64, _ body: (StoreView, [SQLValue]) throws -> Void) throws {
    var after: Int64 = 0
    while after < last {
      let end = min(after + Self.step, last)
      try store.view { try body($0, [.int(after), .int(end)]) }
      after = end
    }
  }
}

/// What makes two signals of a project the same.
struct SignalIdentity: Hashable {
  let planFile: TaskFilename
  let type: String
  let createdAt: Int64

  init(planFile: String, type: String, createdAt: Int64) {
    self.planFile = TaskFilename(stored: planFile)
    self.type = type
    self.createdAt = createdAt
  }

  init(_ signal: Signal) {
    self.init(
      planFile: signal.planFile, type: signal.type, createdAt: signal.createdAt.nanoseconds)
  }
}

extension AuditLine {
  /// All that the line says; two lines of a project with equal identities are one.
  fileprivate var identity: String {
    [
      kind, "\(happenedAt.nanoseconds)", taskFile, instanceTitle, agentType, "\(waveNumber)",
      "\(taskNumber)", message, detail, level,
    ].map { "\($0.utf8.count):\($0)" }.joined()
  }
}
