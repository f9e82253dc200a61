internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Lists the workflows that tasks of a project can have: those that come built in, then its own by name.
public struct WorkflowList: Listing {
  public typealias Element = Workflow
  public static let name = "workflow_list"
  public static let summary = "Lists the workflows that tasks of a project can have."
  public static let access = Access.read
  public static let listName: StaticString = "workflows"

  public let project: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
  }

  public func run(in view: StoreView, _ each: (Workflow) throws -> Void) throws -> ListEnd {
    for name in Workflow.builtInNames { try Workflow.builtIn(name).map(each) }
    if let key = try view.projectKey(project) {
      for row in try view.workflowRows(of: key) { try each(row.readable()) }
    }
    return ListEnd()
  }
}

/// Gives one workflow.
public struct WorkflowGet: Query {
  public static let name = "workflow_get"
  public static let summary = "Gives a workflow: its statuses, what they mean, and the moves."
  public static let access = Access.read

  public let project: ProjectName
  public let workflow: WorkflowName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    workflow = try fields.required("workflow", "The workflow.")
  }

  public func run(in view: StoreView) throws -> Workflow {
    if let workflow = Workflow.builtIn(workflow.text) { return workflow }
    let project = try view.project(project)
    guard let row = try view.workflowRow(workflow, in: project.id) else {
      throw try view.workflowNotFound(workflow, in: project.id)
    }
    return try row.readable()
  }
}

extension StoreView {
  /// The refusal that a project has no such workflow.
  func workflowNotFound(_ name: WorkflowName, in project: Int64) throws -> HoldfastError {
    let names = try Workflow.builtInNames + workflowRows(of: project).map(\.name.text)
    return HoldfastError(
      .notFound,
      "workflow not found: \(name); there are \(names.joined(separator: ", "))"
        + EditDistance.hint(name.text, among: names),
      details: [("workflow", .string(name.text))])
  }
}
