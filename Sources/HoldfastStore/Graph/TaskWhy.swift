internal import HoldfastDatabase
public import HoldfastModel

/// Tells why a task cannot be claimed, or that it can.
public struct TaskWhy: Query {
  public static let name = "task_why"
  public static let summary =
    "Tells why a task is not ready: the chain of tasks that it waits for, down to what can be done."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  /// How many tasks the chain names at most.
  private static let stepsMax = 200

  public func run(in view: StoreView) throws -> WhyAnswer {
    let task = try view.task(target.task, in: target.project)
    var steps: [WhyAnswer.Step] = []
    var seen: Set<Int64> = [task.id]
    // Each task behind the one that waits for it, the nearest ways first.
    var next = try view.obstacles(of: task).map { (task, $0) }
    while !next.isEmpty, steps.count < Self.stepsMax {
      let (waiting, obstacle) = next.removeFirst()
      let isNew = seen.insert(obstacle.task.id).inserted
      steps.append(
        WhyAnswer.Step(
          task: view.id(of: waiting), waitsFor: view.id(of: obstacle.task),
          title: obstacle.task.graph.title, status: obstacle.task.status, kind: obstacle.kind,
          holder: obstacle.task.graph.owner, isReady: obstacle.task.graph.ready != nil))
      guard isNew else { continue }
      next += try view.obstacles(of: obstacle.task).map { (obstacle.task, $0) }
      if obstacle.task.graph.openChildren > 0 {
        next += try view.children(of: obstacle.task).filter(\.isOpen).map {
          (obstacle.task, Obstacle(kind: .child, task: $0))
        }
      }
    }
    return WhyAnswer(
      task: view.id(of: task), isReady: task.graph.ready != nil,
      reasons: try reasons(task, view), steps: steps)
  }

  /// Sentences on what keeps the task itself from being claimed.
  private func reasons(_ task: TaskEntry, _ view: StoreView) throws -> [String] {
    let graph = task.graph
    var reasons: [String] = []
    if task.graph.category != .open { reasons.append("it is \(task.status)") }
    if !graph.owner.isEmpty { reasons.append("\(graph.owner) holds it") }
    if !graph.offeredTo.isEmpty { reasons.append("it is offered to \(graph.offeredTo)") }
    if !graph.assignee.isEmpty {
      let isThere = try view.warnings(aboutAssignee: graph.assignee).isEmpty
      reasons.append(
        "it is for \(graph.assignee) alone\(isThere ? "" : ", and no such agent is connected")")
    }
    if graph.deferred, let until = graph.deferUntil {
      reasons.append("it is put off until \(until)")
    }
    if graph.openBlockers > 0 {
      reasons.append("\(graph.openBlockers) task(s) must be done first")
    }
    if graph.waitsForSibling { reasons.append("the siblings before it have not all been done") }
    if graph.waitsForAncestor { reasons.append("a task that contains it waits itself") }
    if graph.openChildren > 0 {
      reasons.append("it contains \(graph.openChildren) task(s) that have not ended")
    }
    if !graph.neededTags.isEmpty {
      reasons.append("an agent needs the tags \(graph.neededTags.tags.joined(separator: ", "))")
    }
    if !graph.wantedTags.isEmpty {
      reasons.append("an agent needs one of \(graph.wantedTags.tags.joined(separator: ", "))")
    }
    return reasons
  }
}

/// Why a task cannot be claimed.
public struct WhyAnswer: Output {
  public let task: TaskID
  public let isReady: Bool
  public let reasons: [String]
  public let steps: [Step]

  /// One task that waits for another.
  public struct Step: Output {
    public let task: TaskID
    public let waitsFor: TaskID
    public let title: String
    public let status: TaskStatus
    public let kind: ObstacleKind
    public let holder: String
    public let isReady: Bool

    public static var placeholder: Step {
      Step(
        task: .placeholder, waitsFor: .placeholder, title: "", status: .pending,
        kind: .dependency, holder: "", isReady: true)
    }

    public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "WhyStep" }

    public func write(_ out: inout ObjectWriter) {
      out.field("task", task.text, "The task that waits.")
      out.field("waits_for", waitsFor.text, "The one that it waits for.")
      out.field("title", unlessEmpty: title, "What that is called.")
      out.field("status", status.text, "Its status.")
      out.field("kind", kind.rawValue, "dependency, sequence, ancestor or child.")
      out.field("holder", unlessEmpty: holder, "Who holds it.")
      out.field("ready", ifTrue: isReady, "Whether it can be claimed now.")
    }
  }

  public static var placeholder: WhyAnswer {
    WhyAnswer(task: .placeholder, isReady: true, reasons: [], steps: [])
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Why" }

  public func write(_ out: inout ObjectWriter) {
    out.field("task", task.text, "The task.")
    out.field("ready", isReady, "Whether it can be claimed now.")
    out.list("reasons", reasons, "What stands in its way, a sentence each.")
    out.list("chain", steps, "The tasks that wait, each with one that it waits for.")
  }
}
