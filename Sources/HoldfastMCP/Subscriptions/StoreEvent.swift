internal import HoldfastJSON

/// What a subscription needs to know of an event of the store.
struct StoreEvent: Sendable {
  /// The project's name of today; empty for an event of the whole store.
  let project: String
  /// The task's id, and its name of today; empty for an event of no task.
  let task: String
  let filename: String
  let type: String

  init(_ json: JSON) {
    func text(_ name: String) -> String { json[name]?.stringValue ?? "" }
    project = text("project")
    task = text("task")
    filename = text("filename")
    type = text("type")
  }

  /// Whether anything at all may have changed by it, in its project or, without one, in the store.
  var isSweeping: Bool {
    ["imported", "store_restored", "project_changed", "project_created"].contains(type)
      || type.hasPrefix("workflow_")
  }

  /// Whether a line of a list of tasks may have changed by it.
  var concernsLists: Bool {
    guard !task.isEmpty else { return false }
    return !["comment_", "attachment_", "output_", "content_", "signal_", "pr_review_"]
      .contains { type.hasPrefix($0) }
  }
}
