public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Defines a workflow of a project, or defines it anew.
///
/// Tasks that have it stay as they are: what they stand in cannot be taken out, nor mean something else.
public struct WorkflowDefine: Mutation {
  public static let name = "workflow_define"
  public static let summary =
    "Defines a workflow of a project: its statuses, what they mean, and the moves between them."
  public static let access = Access.admin

  public let project: ProjectName
  public let workflow: WorkflowName
  /// The name as the definition says it.
  public let nameInside: WorkflowName?
  public let definition: WorkflowDefinition

  /// The most workflows of one project.
  public static let workflowsMax: Int64 = 64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    workflow = try fields.required("workflow", "What the workflow is called.")
    nameInside = try fields.optional("name", "The same, where the definition says it, too.")
    definition = try WorkflowDefinition(reading: &fields)
  }

  public func check() throws(HoldfastError) {
    if let nameInside, nameInside != workflow {
      throw FieldPosition("name").mustBe(
        "\(workflow.text.quoted), as the request names the workflow, or left out")
    }
    guard Workflow.builtIn(workflow.text) == nil else {
      throw FieldPosition("workflow").invalid(
        "the workflow \(workflow.text.quoted) comes built in: choose another name")
    }
    try definition.check()
  }

  public func prepare() throws -> Workflow {
    let defined = definition.workflow(named: workflow)
    let bytes = defined.definition.utf8.count
    guard bytes <= WorkflowDefinition.bytesMax else {
      throw HoldfastError(
        .tooLarge,
        "the definition of a workflow must have at most \(WorkflowDefinition.bytesMax) bytes, not "
          + "\(bytes): use fewer statuses, or leave moves out where tasks may go anywhere",
        details: [("limit", .number(JSONNumber(Int64(WorkflowDefinition.bytesMax))))])
    }
    return defined
  }

  private static let count: SQL = "SELECT count(*) FROM workflows WHERE project = ?1"

  public func run(_ defined: Workflow, in changes: Changes) throws
    -> WriteVerdict<DefinedWorkflow>
  {
    try define(defined, changes)
    return .done(DefinedWorkflow(workflow: defined))
  }

  private func define(_ defined: Workflow, _ changes: Changes) throws {
    let key = try changes.projectKeyForWriting(project)
    var new = ProjectWorkflow(project: key, workflow: defined)
    guard let old = try changes.workflowRow(workflow, in: key) else {
      let count = try changes.reading.first(Self.count, [.int(key)]) { $0.int(0) } ?? 0
      guard count < Self.workflowsMax else {
        throw HoldfastError(
          .conflict,
          "project \(project) has \(count) workflows, which is the most: delete one that no task has"
        )
      }
      try changes.record(.workflowDefined, project: key) { event in
        event.note = EventNote("workflow \(workflow) defined")
        try event.insert(new)
      }
      return
    }
    guard old.definition != new.definition else { return }
    try refuseStranding(old, defined, changes)
    new.id = old.id
    try changes.record(.workflowDefined, project: key) { event in
      event.note = EventNote("workflow \(workflow) defined anew")
      try event.update(old, to: new)
    }
  }

  /// Refuses to take a status away in which tasks stand, or to have it mean something else.
  private func refuseStranding(
    _ old: ProjectWorkflow, _ defined: Workflow, _ changes: Changes
  ) throws {
    let before = try old.readable()
    for status in before.statuses {
      let meant = before.category(status)
      let means = defined.statuses.contains(status) ? defined.category(status) : nil
      guard means != meant else { continue }
      let tasks = try changes.tasks(ofWorkflow: workflow, status, in: old.project)
      guard !tasks.isEmpty else { continue }
      throw HoldfastError.inUse(
        tasks,
        "the workflow \(workflow.text.quoted) cannot "
          + (means.map { "have \(status.text.quoted) mean \($0.name) instead of \(meant.name)" }
            ?? "lose the status \(status.text.quoted)")
          + ", because tasks stand in it: \(changes.words(for: tasks)). Move them to another status first"
      )
    }
  }
}

/// A workflow that was just defined, with what its author should know.
public struct DefinedWorkflow: Output {
  public let workflow: Workflow

  public static var placeholder: DefinedWorkflow { DefinedWorkflow(workflow: .graph) }

  public func write(_ out: inout ObjectWriter) {
    workflow.write(&out)
    out.list(
      "warnings", unlessEmpty: workflow.deadEnds, "Where its moves leave tasks for good.")
  }
}

/// Deletes a workflow of a project.
public struct WorkflowDelete: Mutation {
  public static let name = "workflow_delete"
  public static let summary = "Deletes a workflow that a project has defined and no task has."
  public static let access = Access.admin

  public let project: ProjectName
  public let workflow: WorkflowName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    workflow = try fields.required("workflow", "The workflow.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Done> {
    let row = try changes.project(project)
    guard Workflow.builtIn(workflow.text) == nil else {
      throw HoldfastError(
        .conflict, "the workflow \(workflow.text.quoted) comes built in, and cannot be deleted")
    }
    guard let old = try changes.workflowRow(workflow, in: row.id) else {
      throw try changes.workflowNotFound(workflow, in: row.id)
    }
    let tasks = try changes.tasks(ofWorkflow: workflow, nil, in: row.id)
    guard tasks.isEmpty else {
      throw HoldfastError.inUse(
        tasks,
        "the workflow \(workflow.text.quoted) cannot be deleted, because tasks have it: "
          + "\(changes.words(for: tasks)). A task keeps its workflow until it is deleted with hard")
    }
    try changes.record(.workflowDeleted, project: row.id) { event in
      event.note = EventNote("workflow \(workflow) deleted", level: "warn")
      try event.delete(old)
    }
    return .done(Done())
  }
}

extension Changes {
  /// The tasks that a refusal names at most.
  private static let namedMax = 5

  // Deleted tasks count, because they may be restored; nothing is left of those that were erased.
  private static let byWorkflow = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.workflow = ?1 AND tasks.project = ?2 AND \(StoreSchema.hasOwnWorkflow)
      AND tasks.filename <> ''
    LIMIT ?3
    """)
  private static let byStatusOfWorkflow = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.workflow = ?1 AND tasks.project = ?2 AND tasks.status = ?4
      AND \(StoreSchema.hasOwnWorkflow) AND tasks.filename <> ''
    LIMIT ?3
    """)

  /// Some tasks that have a workflow of the project's own, in one status or any; one more than a refusal
  /// names.
  fileprivate func tasks(
    ofWorkflow name: WorkflowName, _ status: TaskStatus?, in project: Int64
  ) throws -> [TaskEntry] {
    let values: [SQLValue] = [.text(name.text), .int(project), .int(Int64(Self.namedMax) + 1)]
    return try reading.all(
      status == nil ? Self.byWorkflow : Self.byStatusOfWorkflow,
      values + (status.map { [.text($0.text)] } ?? []), TaskEntry.init(row:))
  }

  /// Tasks in a sentence.
  fileprivate func words(for tasks: [TaskEntry]) -> String {
    tasks.prefix(Self.namedMax).map {
      $0.deletedAt == nil ? $0.filename.text : "\($0.filename) (deleted)"
    }.joined(separator: ", ") + (tasks.count > Self.namedMax ? " and more" : "")
  }
}

extension HoldfastError {
  /// The refusal for the sake of tasks.
  fileprivate static func inUse(_ tasks: [TaskEntry], _ sentence: String) -> HoldfastError {
    HoldfastError(
      .conflict, sentence, details: [("tasks", .array(tasks.map { .string($0.filename.text) }))])
  }
}
