public import HoldfastDatabase
public import HoldfastModel

/// A workflow that a project has defined.
public struct ProjectWorkflow: Record {
  public var id: Int64
  public var project: Int64
  public let name: WorkflowName
  /// Its definition as JSON.
  let definition: String
  /// What the definition says; nil for one that was damaged.
  let workflow: Workflow?

  public init(project: Int64, workflow: Workflow) {
    id = 0
    self.project = project
    name = WorkflowName(stored: workflow.name)
    definition = workflow.definition
    self.workflow = workflow
  }

  public static let table = Table(
    "workflows", [("project", .null), ("name", .null), ("definition", .null)])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    project = columns.int()
    name = WorkflowName(stored: columns.text())
    definition = columns.text()
    workflow = (try? WorkflowDefinition(stored: definition))?.workflow(named: name)
  }

  public var values: [SQLValue] { [.int(project), .text(name.text), .text(definition)] }
}
