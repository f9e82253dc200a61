internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Adds up the tasks of a project: how many, how large, how long, at what cost.
public struct ProjectStats: Query {
  public static let name = "stats"
  public static let summary =
    "Adds up a project's tasks: numbers by status, points, time, tokens and money."
  public static let access = Access.read

  public let project: ProjectName
  public let agent: AgentID?
  /// This task and all that it contains; nil for the whole project.
  public let subtree: TaskFilename?
  /// Empty for all.
  public let tag: String
  public let since: Timestamp?
  public let until: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    agent = try fields.optional(
      "agent",
      "Only tasks that it holds, that are for it or that it logged on, with what it logged alone.")
    subtree = try fields.optional("subtree", "Only this task and all below it: filename or id.")
    tag = try fields.value("tag", "Only tasks with this tag.", default: "")
    since = try fields.time(
      "since", "Adds up only what was logged from then on; the tasks count as they are now.")
    until = try fields.time("until", "Adds up only what was logged before then.")
  }

  /// Whether entries are added up, and not the counters of the tasks.
  private var isOfEntries: Bool { agent != nil || since != nil || until != nil }

  public func run(in view: StoreView) throws -> StatsAnswer {
    var answer = StatsAnswer()
    let root = try subtree.map { try view.task($0, in: project).id }
    guard let key = try view.projectKey(project) else { return answer }
    let values: [SQLValue] = [
      .int(key), .optional(root), .text(tag.isEmpty ? "" : "\n\(tag)\n"), .text(agent?.text ?? ""),
    ]
    let dialect = view.reading.dialect
    let tasks = root == nil ? Self.tasks : Self.tasksBelow
    try view.reading.query(tasks[dialect], values) { answer.add(tasks: $0) }
    guard isOfEntries else { return answer }
    let entries = root == nil ? Self.entries : Self.entriesBelow
    let range: [SQLValue] = [
      .int(since?.nanoseconds ?? .min), .int(until?.nanoseconds ?? .max),
    ]
    try view.reading.query(entries[dialect], values + range) { answer.set(entries: $0) }
    return answer
  }

  private static let below = """
    WITH RECURSIVE below(id) AS (
      SELECT tasks.id FROM tasks WHERE tasks.id = ?2
      UNION SELECT tasks.id FROM below JOIN tasks ON tasks.parent = below.id
      WHERE tasks.deleted_at IS NULL)

    """

  /// A sum as its upper and lower half, each far from the end of 64 bits.
  private static func sum(_ column: String) -> String {
    [">> 32", "& 4294967295"].map {
      "CAST(coalesce(sum(\(column) \($0)), 0) AS BIGINT)"
    }.joined(separator: ", ")
  }

  private static func sums(_ table: String, _ columns: [String]) -> String {
    (columns + Usage.counters.map(\.column)).map { sum("\(table).\($0)") }
      .joined(separator: ", ")
  }

  private static func conditions(_ dialect: Dialect, isBelow: Bool) -> String {
    """
    tasks.project = ?1 AND tasks.deleted_at IS NULL
      AND \(isBelow ? "tasks.id IN (SELECT id FROM below)" : "CAST(?2 AS BIGINT) IS NULL")
      AND (?3 = '' OR \(dialect.contains("'\n' || tasks.tags || '\n'", "?3")))
      AND (?4 = '' OR tasks.owner = ?4 OR tasks.assignee = ?4 OR EXISTS (
        SELECT 1 FROM costs WHERE costs.task = tasks.id AND costs.agent = ?4))
    """
  }

  private static let tasks = tasks(isBelow: false)
  private static let tasksBelow = tasks(isBelow: true)
  private static func tasks(isBelow: Bool) -> DialectSQL {
    DialectSQL { dialect in
      """
      \(isBelow ? below : "")SELECT tasks.status, tasks.category, count(*),
        \(sums("tasks", ["points", "estimate_ms", "active_ms", "logged_ms"]))
      FROM tasks WHERE \(conditions(dialect, isBelow: isBelow))
      GROUP BY tasks.status, tasks.category ORDER BY tasks.status, tasks.category
      """
    }
  }

  private static let entries = entries(isBelow: false)
  private static let entriesBelow = entries(isBelow: true)
  private static func entries(isBelow: Bool) -> DialectSQL {
    DialectSQL { dialect in
      """
      \(isBelow ? below : "")SELECT \(sums("costs", ["duration_ms"]))
      FROM costs JOIN tasks ON tasks.id = costs.task
      WHERE costs.project = ?1 AND costs.at >= ?5 AND costs.at < ?6
        AND (?4 = '' OR costs.agent = ?4) AND \(conditions(dialect, isBelow: isBelow))
      """
    }
  }
}

/// The sums over tasks.
public struct StatsAnswer: Output {
  var byStatus: [(name: String, count: Int64)] = Workflow.graph.statuses.map { ($0.text, 0) }
  var byCategory: [(name: String, count: Int64)] = StatusCategory.allCases.map { ($0.name, 0) }
  var points = Points()
  var time = Time()
  var tokens = Tokens()
  var costMicros: Int128 = 0

  private var total: Int64 { byCategory.reduce(0) { $0 + $1.count } }

  /// A row of ``ProjectStats``: the tasks of one status.
  mutating func add(tasks row: any Row) {
    let category = StatusCategory(rawValue: row.int(1)) ?? .waiting
    Self.add(row.int(2), to: row.text(0), in: &byStatus)
    Self.add(row.int(2), to: category.name, in: &byCategory)
    var sums = WideSums(row, from: 3)
    let points = sums.next()
    self.points.total += points
    if category == .done { self.points.completed += points }
    time.estimated += sums.next()
    time.actual += sums.next() + sums.next()
    addUsage(&sums)
  }

  /// The one row of what was logged, which stands for the counters of the tasks.
  mutating func set(entries row: any Row) {
    var sums = WideSums(row, from: 0)
    time.actual = sums.next()
    tokens = Tokens()
    costMicros = 0
    addUsage(&sums)
  }

  private mutating func addUsage(_ sums: inout WideSums) {
    for index in tokens.counts.indices { tokens.counts[index] += sums.next() }
    costMicros += sums.next()
  }

  private static func add(
    _ count: Int64, to name: String, in counts: inout [(name: String, count: Int64)]
  ) {
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].count += count
    } else {
      counts.append((name, count))
    }
  }

  public static var placeholder: StatsAnswer { StatsAnswer() }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Stats" }

  public func write(_ out: inout ObjectWriter) {
    out.field("total_tasks", total, "How many tasks there are.")
    out.field("by_status", rendered: Self.object(byStatus), "How many in each status.")
    out.field("by_category", rendered: Self.object(byCategory), "How many of each meaning.")
    out.object("points", points, "How large they are.")
    out.object("time", time, "How long they take.")
    out.object("tokens", tokens, "What they have used up.")
    out.field(
      "cost_usd", JSONNumber(costMicros, decimals: Dollars.decimals),
      "Dollars, exact to a millionth.")
  }

  private static func object(_ counts: [(name: String, count: Int64)]) -> [UInt8] {
    JSON.object(JSONObject(counts.map { ($0.name, .number(JSONNumber($0.count))) })).rendered()
  }

  /// Points of tasks.
  struct Points: Output {
    var total: Int128 = 0
    var completed: Int128 = 0

    static var placeholder: Points { Points() }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "StatsPoints" }

    func write(_ out: inout ObjectWriter) {
      out.field("total", JSONNumber(total), "All of them.")
      out.field("completed", JSONNumber(completed), "Those of tasks that are done.")
      out.field("remaining", JSONNumber(total - completed), "The others.")
    }
  }

  /// Times of tasks, in milliseconds.
  struct Time: Output {
    var estimated: Int128 = 0
    var actual: Int128 = 0

    static var placeholder: Time { Time() }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "StatsTime" }

    func write(_ out: inout ObjectWriter) {
      out.field("estimated_ms", JSONNumber(estimated), "What they should take.")
      out.field(
        "actual_ms", JSONNumber(actual),
        "What they took; of an agent or a time range, only what was logged by hand.")
    }
  }

  /// Tokens of six kinds.
  struct Tokens: Output {
    var counts = [Int128](repeating: 0, count: 6)

    static var placeholder: Tokens { Tokens() }
    static func schemaName(_ shape: ObjectWriter.Shape) -> String { "StatsTokens" }

    func write(_ out: inout ObjectWriter) {
      out.field("in", JSONNumber(counts[0]), "Tokens read.")
      out.field("cached", JSONNumber(counts[1]), "Tokens read from a cache.")
      out.field("out", JSONNumber(counts[2]), "Tokens written.")
      out.field("thinking", JSONNumber(counts[3]), "Tokens thought.")
      out.field("image", JSONNumber(counts[4]), "Tokens of images.")
      out.field("audio", JSONNumber(counts[5]), "Tokens of sound.")
    }
  }
}

/// Reads sums that come as two halves.
private struct WideSums {
  private let row: any Row
  private var column: Int

  init(_ row: any Row, from column: Int) {
    self.row = row
    self.column = column
  }

  mutating func next() -> Int128 {
    defer { column += 2 }
    return Int128(row.int(column)) << 32 + Int128(row.int(column + 1))
  }
}
