public import HoldfastModel
public import HoldfastStore

/// Takes over what another system, or another store, holds.
///
/// The source is read and checked whole before anything is written, then written in transactions of
/// bounded size, each as events of the type `imported`; what task-graph-mcp holds, and what replaces
/// the tasks of a project, comes in in one. What is there already is left alone: tasks
/// and topics by their name, signals by project, task, type and creation time, lines of the audit
/// trail by all they say. Signals of one source are the same only when their payloads are, too. So a second import adds nothing, and one that was interrupted goes on.
///
/// A status that no workflow knows makes a project that the import creates accept any status; in a
/// project that exists and does not accept it, the task is left out, and the report says so. What
/// replaces the tasks of a project brings its words and its workflows with it, so that nothing is left out.
public struct Import: StoreOperation {
  public static let name = "import"
  public static let summary = "Takes over the tasks and signals of another system or store."
  public static let access = Access.admin

  public let source: ImportSource
  /// The project of everything in a source that names none; nil for a source that names them.
  ///
  /// From a source with several projects, only this one is taken; nil takes all.
  public let project: ProjectName?
  /// Whether only to say what would be done.
  public let isDryRun: Bool
  public let options: ImportOptions

  public init(
    _ source: ImportSource, project: ProjectName? = nil, isDryRun: Bool = false,
    options: ImportOptions = ImportOptions()
  ) {
    self.source = source
    self.project = project
    self.isDryRun = isDryRun
    self.options = options
  }

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws
    -> ImportReport
  {
    try progress(StoreProgress("reading", unit: "files", done: 0))
    var plan = try source.plan(project: project)
    try refuseNothing(plan)
    if options.remapsIDs { plan.remapIDs() }
    let reconciliation = Reconciliation(store: store, options: options)
    var agents = try reconciliation.newAgents(plan.agents)
    var work: [ImportWork] = []
    var report = ImportReport(source: source.words, isDryRun: isDryRun)
    for project in plan.projects {
      var (counts, rest) = try reconciliation.compare(
        project, merging: plan.mergesEqualSignals, &plan.notes)
      // They belong to no project, and come with the first.
      counts.agents = agents.count
      rest.items = agents.map { .agent($0) } + rest.items
      agents = []
      rest.isAtomic = plan.isAtomic || options.mode == .replace
      report.projects.append(counts)
      if !counts.addsNothing { work.append(rest) }
    }
    report.agents = agents.count
    if !isDryRun {
      if !agents.isEmpty {
        _ = try store.run(AgentBatch(agents), caller: Caller(actor: "import"))
      }
      for note in try write(work, to: store, progress) { plan.notes.add(note) }
    }
    report.notes = plan.notes.sentences
    report.notesLeftOut = plan.notes.leftOut
    report.tasksLeftOut = plan.notes.tasksLeftOut
    return report
  }

  /// Refuses a source in which nothing is of the project that was asked for.
  private func refuseNothing(_ plan: ImportPlan) throws {
    guard let project, plan.projects.isEmpty, !plan.others.isEmpty else { return }
    let names = plan.others.sorted().map(\.text.quoted)
    let more = names.count > 10 ? " and \(names.count - 10) more" : ""
    throw HoldfastError(
      .notFound,
      "nothing in \(source.words) belongs to project \(project); it holds: "
        + names.prefix(10).joined(separator: ", ") + more)
  }

  private func write(
    _ work: [ImportWork], to store: Store, _ progress: @Sendable (StoreProgress) throws -> Void
  ) throws -> [String] {
    var notes: [String] = []
    let total = work.reduce(0) { $0 + $1.items.count }
    var done = 0
    for work in work {
      var after = work.knownThrough
      for batch in work.batches(source: source.words) {
        let written = try store.run(
          ImportBatch(work: batch, knownThrough: after), caller: Caller(actor: "import"))
        after = written?.lastSequence ?? after
        notes += written?.notes ?? []
        done += batch.items.count
        try progress(StoreProgress("importing", unit: "items", done: done, total: total))
      }
    }
    return notes
  }
}
