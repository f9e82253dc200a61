internal import HoldfastDatabase
public import HoldfastModel

/// Shows what stands around a task: before and after it, above and below it.
public struct TaskNeighbours: Query {
  public static let name = "task_neighbours"
  public static let summary =
    "Shows what must come before a task, what comes after it, what contains it, what it contains."
  public static let access = Access.read

  public let target: TaskTarget
  public let limit: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    limit = try fields.value(
      "limit", "At most this many tasks in each direction.", in: 1...1000, default: 100)
  }

  public func run(in view: StoreView) throws -> NeighboursAnswer {
    let task = try view.task(target.task, in: target.project)
    let before = try view.blockers(of: task, upTo: limit + 1).filter(\.edge.type.isBlocking)
    let after = try view.dependents(of: task, upTo: limit + 1).filter(\.edge.type.isBlocking)
    return NeighboursAnswer(
      task: view.id(of: task),
      before: try list(
        before.map { ($0.task, .dependency) }
          + view.predecessors(of: task).map { ($0, .sequence) }, view),
      after: try list(
        after.map { ($0.task, .dependency) } + view.successors(of: task).map { ($0, .sequence) },
        view),
      above: try list(view.ancestors(of: task).map { ($0, .ancestor) }, view),
      below: try list(view.children(of: task, upTo: limit + 1).map { ($0, .child) }, view))
  }

  private func list(
    _ tasks: [(TaskEntry, ObstacleKind)], _ view: StoreView
  ) throws -> NeighboursAnswer.Direction {
    let there = tasks.filter { $0.0.deletedAt == nil }
    return NeighboursAnswer.Direction(
      tasks: there.prefix(Int(limit)).map {
        NeighboursAnswer.Neighbour(id: view.id(of: $0.0), entry: $0.0, kind: $0.1)
      }, isCut: there.count > limit)
  }
}

/// What stands around a task.
public struct NeighboursAnswer: Output {
  let task: TaskID
  let before: Direction
  let after: Direction
  let above: Direction
  let below: Direction

  /// The tasks of one direction.
  struct Direction {
    let tasks: [Neighbour]
    let isCut: Bool

    static let none = Direction(tasks: [], isCut: false)
  }

  /// A task beside another one.
  struct Neighbour: Output {
    let id: TaskID
    let entry: TaskEntry
    let kind: ObstacleKind

    static var placeholder: Neighbour {
      Neighbour(id: .placeholder, entry: TaskAnswer.placeholder.entry, kind: .dependency)
    }

    func write(_ out: inout ObjectWriter) {
      out.field("id", id.text, "The task's id.")
      out.field("filename", entry.filename.text, "Its name in its project.")
      out.field("title", unlessEmpty: entry.graph.title, "What it is called.")
      out.field("status", entry.status.text, "Its status.")
      out.field("category", entry.graph.category.name, "What its status means.")
      out.field("kind", kind.rawValue, "dependency, sequence, ancestor or child.")
      out.field("owner_agent", unlessEmpty: entry.graph.owner, "The agent that holds it.")
      out.field("ready", ifTrue: entry.graph.ready != nil, "Whether it can be claimed now.")
    }
  }

  public static var placeholder: NeighboursAnswer {
    NeighboursAnswer(
      task: .placeholder, before: .none, after: .none, above: .none, below: .none)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Neighbours" }

  public func write(_ out: inout ObjectWriter) {
    out.field("task", task.text, "The task.")
    out.list("before", before.tasks, "What must be done first.")
    out.list("after", after.tasks, "What waits for it.")
    out.list("above", above.tasks, "What contains it, the nearest first.")
    out.list("below", below.tasks, "What it contains, in its order.")
    out.list(
      "truncated",
      unlessEmpty: [("before", before), ("after", after), ("above", above), ("below", below)]
        .filter(\.1.isCut).map(\.0), "The directions in which there are more.")
  }
}
