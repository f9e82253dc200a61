internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Counts a project's tasks: how many stand where, who holds how many.
public struct TaskSummary: Query {
  public static let name = "task_summary"
  public static let summary =
    "Counts a project's tasks: by status, ready and blocked ones, and how many each agent holds."
  public static let access = Access.read

  public let project: ProjectName

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
  }

  init(of project: ProjectName) { self.project = project }

  // Each counts in one index.
  static let ofStatus: SQL = """
    SELECT count(*) FROM tasks WHERE status = ?2 AND project = ?1 AND deleted_at IS NULL
    """
  static let ready: SQL = """
    SELECT count(*) FROM tasks WHERE rights = ?2 AND project = ?1 AND ready IS NOT NULL
    """
  static let blocked: SQL = """
    SELECT count(*) FROM tasks
    WHERE project = ?1 AND category = 0
      AND open_blockers + waits_for_sibling + waits_for_ancestor > 0 AND deleted_at IS NULL
    """
  static let held: SQL = """
    SELECT owner, count(*) FROM tasks WHERE owner <> '' AND project = ?1
    GROUP BY owner ORDER BY owner
    """

  public func run(in view: StoreView) throws -> SummaryAnswer {
    var answer = SummaryAnswer()
    guard let project = try view.projectKey(project) else { return answer }
    let statuses = try view.reading.all(
      TaskFilter.statusesThere, [.int(Int64(TaskFilter.keysMax))]
    ) { $0.text(0) }
    for status in statuses {
      let count = try count(Self.ofStatus, [.int(project), .text(status)], view)
      if count > 0 { answer.byStatus.append((status, count)) }
    }
    for rights in try view.rightsOfReady(for: nil, in: project) {
      answer.ready += try count(Self.ready, [.int(project), .text(rights)], view)
    }
    answer.blocked = try count(Self.blocked, [.int(project)], view)
    answer.held = try view.reading.all(Self.held, [.int(project)]) { ($0.text(0), $0.int(1)) }
    return answer
  }

  private func count(_ sql: SQL, _ values: [SQLValue], _ view: StoreView) throws -> Int64 {
    try view.reading.first(sql, values) { $0.int(0) } ?? 0
  }
}

/// How many tasks stand where.
public struct SummaryAnswer: Output {
  var byStatus: [(name: String, count: Int64)] = []
  var ready: Int64 = 0
  var blocked: Int64 = 0
  var held: [(name: String, count: Int64)] = []

  public static var placeholder: SummaryAnswer { SummaryAnswer() }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Summary" }

  public func write(_ out: inout ObjectWriter) {
    out.field(
      "total_tasks", byStatus.reduce(0) { $0 + $1.count }, "How many tasks there are.")
    out.field("by_status", rendered: Self.object(byStatus), "How many in each status.")
    out.field("ready", ready, "How many can be claimed now.")
    out.field("blocked", blocked, "How many wait for other tasks.")
    out.field(
      "held", held.reduce(0) { $0 + $1.count }, "How many are held by an agent or a user.")
    out.field("by_agent", rendered: Self.object(held), "How many each of them holds.")
  }

  private static func object(_ counts: [(name: String, count: Int64)]) -> [UInt8] {
    JSON.object(JSONObject(counts.map { ($0.name, .number(JSONNumber($0.count))) })).rendered()
  }
}
