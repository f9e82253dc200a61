public import HoldfastDatabase
public import HoldfastModel
private import Synchronization

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
    workflow = ParsedWorkflows.shared.workflow(name, definition)
  }

  public var values: [SQLValue] { [.int(project), .text(name.text), .text(definition)] }
}

/// Definitions that were read lately, by their texts: lists by status ask for those of a project each time.
///
/// What a definition says depends on its text alone, so nothing here is ever out of date.
final class ParsedWorkflows: Sendable {
  static let shared = ParsedWorkflows(bytesMax: 4 * 1024 * 1024)

  private struct Key: Hashable {
    let name: WorkflowName
    /// As bytes: composed and decomposed letters make two definitions.
    let definition: [UInt8]
  }

  private struct Known {
    var workflows: [Key: Workflow] = [:]
    var bytes = 0
  }

  private let known = Mutex(Known())
  private let bytesMax: Int

  /// - Parameter bytesMax: How long the texts may be together; beyond that it starts over.
  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// How many there are.
  var count: Int { known.withLock { $0.workflows.count } }

  /// What a definition says; nil for one that was damaged.
  func workflow(_ name: WorkflowName, _ definition: String) -> Workflow? {
    let key = Key(name: name, definition: Array(definition.utf8))
    if let workflow = known.withLock({ $0.workflows[key] }) { return workflow }
    guard let workflow = (try? WorkflowDefinition(stored: definition))?.workflow(named: name)
    else { return nil }
    let bytes = key.definition.count
    guard bytes <= bytesMax else { return workflow }
    known.withLock { known in
      if known.bytes + bytes > bytesMax { known = Known() }
      guard known.workflows.updateValue(workflow, forKey: key) == nil else { return }
      known.bytes += bytes
    }
    return workflow
  }
}
