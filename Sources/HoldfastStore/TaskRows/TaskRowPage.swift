public import HoldfastModel

/// A page of tasks as rows of task-graph-mcp.
public struct TaskRowPage: Output {
  let rows: [TaskRow]
  /// nil where they are not asked for.
  let edges: [TaskRowEdge]?
  let nextCursor: String?

  public static var placeholder: TaskRowPage {
    TaskRowPage(rows: [], edges: [], nextCursor: nil)
  }

  public func write(_ out: inout ObjectWriter) {
    out.list("tasks", rows, "The tasks.")
    out.list("dependencies", unlessNil: edges, "The edges that make tasks wait.")
    out.field("has_more", nextCursor != nil, "Whether there are more.")
    out.field("next_cursor", unlessEmpty: nextCursor, "Where the next page starts.")
  }
}

/// An edge that makes a task wait.
struct TaskRowEdge: Output {
  let from: TaskID
  let to: TaskID

  static var placeholder: TaskRowEdge { TaskRowEdge(from: .placeholder, to: .placeholder) }

  func write(_ out: inout ObjectWriter) {
    out.field("from", from.text, "The task that must be done first.")
    out.field("to", to.text, "The one that waits for it.")
  }
}
