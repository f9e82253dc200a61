public import HoldfastDatabase
public import HoldfastModel

/// Makes a task wait for another one, or says how the two have to do with each other.
public struct DependencyAdd: Mutation {
  public static let name = "dependency_add"
  public static let summary =
    "Makes a task wait for another one, or says how the two have to do with each other."
  public static let access = Access.write

  public let target: TaskTarget
  public let blocker: TaskFilename
  public let type: DependencyType
  public let onFailure: FailurePolicy

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    blocker = try fields.required("blocker", "The task that must be done first: filename or id.")
    type = try fields.value(
      "type", "blocks and follows make the task wait; the others only say something.",
      default: DependencyType.blocks)
    onFailure = try fields.value(
      "on_failure", "What happens to the task when the blocker does not end well.",
      default: FailurePolicy.block)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let blocker = try changes.graphTask(blocker, in: task.project)
    try changes.addEdge(from: blocker, to: task, type, onFailure)
    return .done(try changes.ended(task.current(in: changes)))
  }
}

/// Takes away what a task waits for.
public struct DependencyRemove: Mutation {
  public static let name = "dependency_remove"
  public static let summary = "Takes an edge between two tasks away; nothing happens without one."
  public static let access = Access.write

  public let target: TaskTarget
  public let blocker: TaskFilename
  public let type: DependencyType

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    blocker = try fields.required("blocker", "The task at the other end: filename or id.")
    type = try fields.value("type", "What the edge says.", default: DependencyType.blocks)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let blocker = try changes.graphTask(blocker, in: task.project)
    _ = try changes.removeEdge(from: blocker, to: task, type)
    return .done(try changes.ended(task.current(in: changes)))
  }
}

/// Lists the edges of a task.
public struct DependencyList: Query {
  public static let name = "dependency_list"
  public static let summary = "Lists what a task waits for, and what waits for it."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  public func run(in view: StoreView) throws -> DependencyAnswer {
    let task = try view.task(target.task, in: target.project)
    return DependencyAnswer(
      blockers: try view.blockers(of: task).compactMap { view.edge($0.edge, $0.task) },
      dependents: try view.dependents(of: task).compactMap { view.edge($0.edge, $0.task) })
  }
}

extension StoreView {
  fileprivate func edge(_ edge: Dependency, _ other: TaskEntry) -> DependencyAnswer.Edge? {
    guard other.deletedAt == nil else { return nil }
    return DependencyAnswer.Edge(
      task: id(of: other), title: other.graph.title, status: other.status, type: edge.type,
      onFailure: edge.onFailure, isOpen: edge.holds(other.standing))
  }
}

/// The edges of a task.
public struct DependencyAnswer: Output {
  public let blockers: [Edge]
  public let dependents: [Edge]

  /// One edge, as one of its ends sees it.
  public struct Edge: Output {
    public let task: TaskID
    public let title: String
    public let status: TaskStatus
    public let type: DependencyType
    public let onFailure: FailurePolicy
    public let isOpen: Bool

    public static var placeholder: Edge {
      Edge(
        task: .placeholder, title: "", status: .pending, type: .blocks, onFailure: .block,
        isOpen: true)
    }

    public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "DependencyEdge" }

    public func write(_ out: inout ObjectWriter) {
      out.field("task", task.text, "The task at the other end.")
      out.field("title", unlessEmpty: title, "What it is called.")
      out.field("status", status.text, "Its status.")
      out.field("type", type.rawValue, "What the edge says.")
      out.field("on_failure", onFailure.rawValue, "What happens when the blocker ends badly.")
      out.field("open", isOpen, "Whether the edge holds the one that waits.")
    }
  }

  public static var placeholder: DependencyAnswer {
    DependencyAnswer(blockers: [], dependents: [])
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Dependencies" }

  public func write(_ out: inout ObjectWriter) {
    out.list("blockers", blockers, "What the task waits for.")
    out.list("dependents", dependents, "What waits for the task.")
  }
}
