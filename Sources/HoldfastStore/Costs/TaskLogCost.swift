public import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Adds tokens, money and numbers of the caller's own to what a task has cost.
public struct TaskLogCost: Mutation {
  public static let name = "task_log_cost"
  public static let summary =
    "Adds tokens, money and numbers of your own to a task's counters; answers their totals."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID?
  /// The claim under which it came about; nil when the caller does not say.
  public let fence: Int64?
  public let usage: Usage
  public let metrics: Metrics

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    agent = try fields.caller("agent", "Who logs it; nobody for a person.")
    fence = try fields.optional(
      "fence", "The fence of the claim; one of an earlier claim is refused.")
    usage = try Usage(reading: &fields)
    metrics = try fields.value(
      "user_metrics", "An object: each of its members sets that member of the task's.",
      default: Metrics.none)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<CostTotals> {
    let task = try changes.taskForWriting(target)
    let agent = try agent.map(changes.agent)
    try changes.checkFence(Holder(agent: self.agent, fence: fence), of: task)
    let sum = try task.graph.usage.adding(usage)
    let merged = try metrics.merged(into: task.graph.metrics)
    var logged = task
    if sum != task.graph.usage || merged != task.graph.metrics {
      let cost = Cost(of: task, agent: agent?.name, at: changes.now, duration: 0, usage: usage)
      logged = try changes.log(cost, of: task, as: .costLogged, by: agent, "cost logged") {
        $0.graph.usage = sum
        $0.graph.metrics = merged
      }
    }
    if let agent { try changes.heartbeat(of: agent) }
    return .done(CostTotals(logged))
  }
}

/// What a task has cost so far.
public struct CostTotals: Output {
  let usage: Usage
  let metrics: String
  public let revision: Int64?

  init(_ task: TaskEntry) {
    usage = task.graph.usage
    metrics = task.graph.metrics
    revision = task.revision
  }

  private init(placeholder: Void) {
    usage = Usage()
    metrics = ""
    revision = nil
  }

  public static var placeholder: CostTotals { CostTotals(placeholder: ()) }

  public func write(_ out: inout ObjectWriter) {
    usage.write(&out)
    out.field("user_metrics", rendered: metrics, "What its users count.")
  }
}

/// Numbers and words that the users of a task count for themselves: a JSON object.
public struct Metrics: FieldValue {
  let members: JSONObject

  static let none = Metrics(members: JSONObject())
  /// The longest object of a task, in bytes.
  public static let bytesMax = 65536

  private init(members: JSONObject) { self.members = members }

  public static var fieldSchema: FieldSchema { .any }
  public static var placeholder: Metrics { .none }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    members = object
  }

  /// The object of a task with these members set; empty for an empty one.
  func merged(into stored: String) throws -> String {
    guard !members.members.isEmpty else { return stored }
    var object = JSONObject()
    if !stored.isEmpty, let old = try JSONReader.read(Array(stored.utf8)).objectValue {
      object = old
    }
    for member in members.members { object.set(member.key, member.value) }
    let text = JSON.object(object).renderedText()
    guard text.utf8.count <= Self.bytesMax else {
      throw FieldPosition("user_metrics").mustBe(
        "at most \(Self.bytesMax) bytes long together with what the task has already")
    }
    return text
  }
}
