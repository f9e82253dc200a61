internal import HoldfastDatabase
public import HoldfastModel

/// Gives a task as a row of task-graph-mcp, with all that it contains where that is wanted.
public struct TaskRowGet: Query {
  public static let name = "task_row_get"
  public static let summary =
    "Gives a task with the columns of task-graph-mcp, and where wanted all that it contains."
  public static let access = Access.read

  public let target: TaskTarget
  public let hasChildren: Bool

  /// The most tasks of one answer.
  public static let tasksMax = 10_000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    hasChildren = try fields.value(
      "children", "Whether the tasks that it contains come with it, each inside its own.",
      default: false)
  }

  public func run(in view: StoreView) throws -> TaskRow {
    let root = try view.task(target.task, in: target.project)
    let found =
      try hasChildren ? [root] + view.descendants(of: root, upTo: Self.tasksMax) : [root]
    guard found.count <= Self.tasksMax else {
      throw HoldfastError(
        .tooLarge, "it contains more than \(Self.tasksMax) tasks: get its children one by one")
    }
    let rows = try view.taskRows(of: found, isWhole: true)
    guard hasChildren, let first = rows.first else { return rows[0] }
    // Each comes behind the one that contains it, so from the end all children of a row are whole.
    var inside: [Int64: [TaskRow]] = [:]
    for var row in rows.dropFirst().reversed() {
      row.children = (inside.removeValue(forKey: row.entry.id) ?? []).reversed()
      if let parent = row.entry.graph.parent { inside[parent, default: []].append(row) }
    }
    var whole = first
    whole.children = (inside[root.id] ?? []).reversed()
    return whole
  }
}
