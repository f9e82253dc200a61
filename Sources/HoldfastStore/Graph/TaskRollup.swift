internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Says how a task stands by what it contains; the task itself does not change by that.
public struct TaskRollup: Query {
  public static let name = "task_rollup"
  public static let summary =
    "Says how a task stands by the tasks inside it; its own status does not change by that."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  /// Those on all levels that contain no others, by category; a row that comes twice is counted once.
  private static let leaves: SQL = """
    WITH RECURSIVE below(id) AS (
      SELECT id FROM tasks WHERE parent = ?1 AND deleted_at IS NULL
      UNION
      SELECT tasks.id FROM below JOIN tasks ON tasks.parent = below.id
      WHERE tasks.deleted_at IS NULL)
    SELECT category, count(*) FROM tasks
    WHERE id IN (SELECT id FROM below) AND NOT EXISTS (
      SELECT 1 FROM tasks AS inner_tasks
      WHERE inner_tasks.parent = tasks.id AND inner_tasks.deleted_at IS NULL)
    GROUP BY category ORDER BY category
    """

  public func run(in view: StoreView) throws -> RollupAnswer {
    let task = try view.task(target.task, in: target.project)
    let counts = try view.reading.all(Self.leaves, [.int(task.id)]) { row in
      (StatusCategory(rawValue: row.int(0)) ?? .open, row.int(1))
    }
    let category = StatusCategory(rollingUp: counts.map(\.0)) ?? task.graph.category
    return RollupAnswer(
      task: view.id(of: task), status: task.status,
      derived: category == task.graph.category
        ? task.status : try Self.status(meaning: category, in: view.workflow(of: task)),
      category: category, counts: counts)
  }

  /// The status to which the operation leads that means this.
  private static func status(meaning category: StatusCategory, in workflow: Workflow) -> TaskStatus?
  {
    GraphOperation.allCases.first { $0.category == category }.flatMap(workflow.status(after:))
  }
}

/// How a task stands by what it contains.
public struct RollupAnswer: Output {
  let task: TaskID
  let status: TaskStatus
  /// nil where its workflow has no status for that.
  let derived: TaskStatus?
  let category: StatusCategory
  let counts: [(category: StatusCategory, count: Int64)]

  public static var placeholder: RollupAnswer {
    RollupAnswer(
      task: .placeholder, status: .pending, derived: .pending, category: .open, counts: [])
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Rollup" }

  public func write(_ out: inout ObjectWriter) {
    let counts = JSONObject(counts.map { ($0.category.name, .number(JSONNumber($0.count))) })
    out.field("task", task.text, "The task.")
    out.field("status", status.text, "Its own status.")
    out.field(
      "rollup", unlessEmpty: derived?.text, "The status that follows from what it contains.")
    out.field("category", category.name, "What that means.")
    out.field(
      "total_tasks", self.counts.reduce(0) { $0 + $1.count },
      "How many tasks are inside it that contain no others.")
    out.field("by_category", rendered: JSON.object(counts).rendered(), "How these stand.")
  }
}
