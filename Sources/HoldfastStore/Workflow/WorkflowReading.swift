internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

extension StoreView {
  private static let workflowByName = Lookup<ProjectWorkflow>(by: ["project", "name"])
  private static let workflowsOfProject = SQL(
    """
    SELECT \(ProjectWorkflow.table.columnList) FROM workflows
    WHERE workflows.project = ?1 ORDER BY workflows.name
    """)
  private static let workflowsOfAll = SQL(
    """
    SELECT \(ProjectWorkflow.table.columnList) FROM workflows
    ORDER BY workflows.project, workflows.name
    """)

  /// The workflow of a project's plans.
  public func workflow(of project: Int64) throws -> Workflow {
    try projectRow(key: project)?.acceptsAnyStatus ?? false ? .foreign : .standard
  }

  /// The workflow of a task.
  public func workflow(of task: TaskEntry) throws -> Workflow {
    try workflow(task.graph.workflow, in: task.project)
  }

  /// The workflow of that name in a project; without a name that of its plans.
  package func workflow(_ name: String, in project: Int64) throws -> Workflow {
    if name.isEmpty { return try workflow(of: project) }
    if let workflow = Workflow.builtIn(name) { return workflow }
    if let row = try workflowRow(WorkflowName(stored: name), in: project) {
      return try row.readable()
    }
    let names =
      try Workflow.builtInNames + workflowRows(of: project).map(\.name.text)
    throw HoldfastError(
      .invalidField,
      "there is no workflow \(name.quoted): there are \(names.joined(separator: ", "))"
        + EditDistance.hint(name, among: names))
  }

  /// A workflow that the project has defined.
  package func workflowRow(_ name: WorkflowName, in project: Int64) throws -> ProjectWorkflow? {
    try first(Self.workflowByName, [.int(project), .text(name.text)])
  }

  /// The workflows that a project has defined, by name.
  package func workflowRows(of project: Int64) throws -> [ProjectWorkflow] {
    try reading.all(Self.workflowsOfProject, [.int(project)], ProjectWorkflow.init(row:))
  }

  // Deleted tasks count, because they may be restored; nothing is left of those that were erased.
  private static let statusesOfTasks = SQL(
    """
    SELECT DISTINCT tasks.status FROM tasks
    WHERE tasks.workflow = ?1 AND tasks.project = ?2 AND \(StoreSchema.hasOwnWorkflow)
      AND tasks.filename <> '' ORDER BY tasks.status
    """)

  /// The statuses in which tasks of a workflow stand, deleted ones too.
  package func statusesOfTasks(with workflow: ProjectWorkflow) throws -> [TaskStatus] {
    try reading.all(
      Self.statusesOfTasks, [.text(workflow.name.text), .int(workflow.project)]
    ) { TaskStatus(stored: $0.text(0)) }
  }

  /// What words may mean in a project.
  func statusWords(in project: Int64) throws -> StatusWords {
    StatusWords(
      plans: try workflow(of: project),
      own: try workflowRows(of: project).compactMap(\.workflow))
  }

  /// What words may mean in each of the projects that have defined workflows.
  func statusWordsOfProjects() throws -> [Int64: StatusWords] {
    let rows = try reading.all(Self.workflowsOfAll, [], ProjectWorkflow.init(row:))
    return Dictionary(grouping: rows, by: \.project).mapValues { rows in
      StatusWords(plans: .standard, own: rows.compactMap(\.workflow))
    }
  }
}

extension ProjectWorkflow {
  /// What it says.
  ///
  /// - Throws: ``HoldfastError`` for a definition that was damaged.
  package func readable() throws(HoldfastError) -> Workflow {
    guard let workflow else {
      throw HoldfastError(
        .corrupt,
        "the definition of the workflow \(name.text.quoted) is damaged: run holdfast verify")
    }
    return workflow
  }
}

/// What the statuses of a project's tasks may be called and mean, whatever workflow each task has.
struct StatusWords {
  /// The workflow of the plans.
  let plans: Workflow
  /// Those that the project has defined.
  let own: [Workflow]

  /// Those without which no project is.
  static let builtIn = StatusWords(plans: .standard, own: [])

  /// The statuses that words stand for: a word may be an alias in one workflow and a status of another.
  func statuses(_ words: [String]) -> Set<TaskStatus> {
    let words = words.map(TaskStatus.init(stored:))
    return Set(
      words
        + ([plans, .graph] + own).flatMap { workflow in words.compactMap { workflow.aliases[$0] } })
  }

  /// What a status may mean, which depends on the workflow of its task.
  func categories(of status: TaskStatus) -> Set<StatusCategory> {
    Workflow.categories(of: status).union(own.map { $0.category(status) })
  }
}
