internal import HoldfastDatabase
public import HoldfastModel

/// Tells what whoever starts a task should know: what earlier tasks gave, what was tried before, and what
/// was said about it.
public struct TaskBrief: Query {
  public static let name = "task_brief"
  public static let summary =
    "Tells what to know before starting a task: results of earlier tasks, earlier attempts, comments."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  /// At most so many of each kind, the latest.
  private static let partsMax = 10
  private static let comments = SQL(
    """
    SELECT \(Comment.table.columnList) FROM comments
    WHERE comments.task = ?1 AND comments.deleted_at IS NULL
    ORDER BY comments.id DESC LIMIT \(partsMax)
    """)

  public func run(in view: StoreView) throws -> BriefAnswer {
    let task = try view.task(target.task, in: target.project)
    var answer = BriefAnswer()
    if let parent = try task.graph.parent.flatMap(view.taskRow), parent.deletedAt == nil {
      answer.parent = BriefTask(parent, view)
    }
    var seen: Set<Int64> = []
    let before =
      try view.blockers(of: task, upTo: 1_000).filter { $0.edge.type.isBlocking }.map(\.task)
      + view.predecessors(of: task)
    answer.results = before.filter { $0.graph.category.isFinal && seen.insert($0.id).inserted }
      .suffix(Self.partsMax).map { BriefTask($0, view) }
    answer.attempts = try attempts(at: task, view).suffix(Self.partsMax)
    answer.comments = try view.reading.all(Self.comments, [.int(task.id)], Comment.init(row:))
      .reversed()
    return answer
  }

  /// The times in which somebody worked on it and did not end it.
  private func attempts(at task: TaskEntry, _ view: StoreView) throws -> [BriefAttempt] {
    let steps = try view.history(of: task)
    return zip(steps, steps.dropFirst()).compactMap { step, next in
      guard step.isWork, next.category != .done, !next.isWork || next.worker != step.worker else {
        return nil
      }
      return BriefAttempt(
        agent: step.worker, status: next.status, reason: next.reason, end: next.start)
    }
  }
}

/// What to know before starting a task.
public struct BriefAnswer: Output {
  var parent: BriefTask?
  var results: [BriefTask] = []
  var attempts: [BriefAttempt] = []
  var comments: [Comment] = []

  public static var placeholder: BriefAnswer { BriefAnswer() }
  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Brief" }

  public func write(_ out: inout ObjectWriter) {
    out.object("parent", unlessNil: parent, "The task that contains it.")
    out.list("results", unlessEmpty: results, "The ended tasks that it waited for.")
    out.list("attempts", unlessEmpty: attempts, "Who worked on it before, and how that ended.")
    out.list("comments", unlessEmpty: comments, "The latest comments, the oldest first.")
  }
}

/// Another task, as far as it matters to somebody who works on one.
struct BriefTask: Output {
  private let id: TaskID
  private let title: String
  private let status: String
  private let goal: String
  private let reason: String

  init(_ task: TaskEntry, _ view: StoreView) {
    id = view.id(of: task)
    title = task.graph.title.isEmpty ? task.filename.text : task.graph.title
    status = task.status.text
    goal = task.goal.isEmpty ? task.description : task.goal
    reason = task.graph.reason
  }

  private init() {
    id = .placeholder
    title = ""
    status = "completed"
    goal = ""
    reason = ""
  }

  static var placeholder: BriefTask { BriefTask() }

  func write(_ out: inout ObjectWriter) {
    out.field("id", id.text, "Its id.")
    out.field("title", title, "Its title.")
    out.field("status", status, "Where it stands.")
    out.field("goal", unlessEmpty: goal, "What is true when it is done.")
    out.field("reason", unlessEmpty: reason, "What it came to, in the words of who ended it.")
  }
}

/// A time in which somebody worked on a task and did not end it well.
struct BriefAttempt: Output {
  let agent: String
  let status: String
  let reason: String
  let end: Timestamp

  static var placeholder: BriefAttempt {
    BriefAttempt(agent: "ada", status: "pending", reason: "", end: Timestamp(nanoseconds: 0))
  }

  func write(_ out: inout ObjectWriter) {
    out.field("agent", agent, "Who worked on it.")
    out.field("status", status, "What its status was then.")
    out.field("reason", unlessEmpty: reason, "Why it was given back.")
    out.time("ended_at", end, "When.")
  }
}
