internal import HoldfastDatabase
public import HoldfastModel

/// Shows a task with all that it contains.
public struct TaskTree: Query {
  public static let name = "task_tree"
  public static let summary =
    "Shows a task with all tasks that it contains, each before its children."
  public static let access = Access.read

  public let target: TaskTarget
  public let limit: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    limit = try fields.value("limit", "At most this many tasks.", in: 1...10_000, default: 1000)
  }

  public func run(in view: StoreView) throws -> TreeView {
    let root = try view.task(target.task, in: target.project)
    var nodes: [TreeView.Node] = []
    var seen: Set<Int64> = []
    var next: [(task: TaskEntry, depth: Int64, isLast: Bool)] = [(root, 0, true)]
    while let (task, depth, isLast) = next.popLast(), nodes.count < limit {
      // A row that a damaged store has twice is shown once.
      guard seen.insert(task.id).inserted else { continue }
      nodes.append(
        TreeView.Node(
          id: view.id(of: task), entry: task, depth: depth, isLast: isLast))
      let children = try view.children(of: task)
      for (index, child) in children.enumerated().reversed() {
        next.append((child, depth + 1, index == children.count - 1))
      }
    }
    return TreeView(nodes: nodes, isCut: !next.isEmpty)
  }
}

/// A tree of tasks, the topmost first.
public struct TreeView: Output {
  public let nodes: [Node]
  public let isCut: Bool

  /// One task of a tree.
  public struct Node: Output {
    public let id: TaskID
    let entry: TaskEntry
    public let depth: Int64
    public let isLast: Bool

    public static var placeholder: Node {
      Node(
        id: .placeholder,
        entry: TaskEntry(project: 1, filename: TaskFilename(stored: "task"), status: .pending),
        depth: 0, isLast: true)
    }

    public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "TreeTask" }

    public func write(_ out: inout ObjectWriter) {
      out.field("id", id.text, "The task's id.")
      out.field("filename", entry.filename.text, "Its name in its project.")
      out.field("title", unlessEmpty: entry.graph.title, "What it is called.")
      out.field("status", entry.status.text, "Its status.")
      out.field("category", entry.graph.category.name, "What its status means.")
      out.field("join_mode", entry.graph.joinMode.rawValue, "How it follows the sibling before it.")
      out.field("owner_agent", unlessEmpty: entry.graph.owner, "The agent that holds it.")
      out.field("ready", ifTrue: entry.graph.ready != nil, "Whether it can be claimed now.")
      out.field("depth", depth, "0 for the topmost.")
      out.field("last", isLast, "Whether it is the last of its siblings.")
    }
  }

  public static var placeholder: TreeView { TreeView(nodes: [], isCut: true) }

  public func write(_ out: inout ObjectWriter) {
    out.list("tasks", nodes, "The tasks, each before those that it contains.")
    out.field("truncated", ifTrue: isCut, "Whether there are more.")
  }
}
