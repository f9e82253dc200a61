public import HoldfastDatabase
public import HoldfastModel

/// Adds time by hand to what a task has taken.
public struct TaskLogTime: Mutation {
  public static let name = "task_log_time"
  public static let summary =
    "Adds time to what a task has taken, beside the time of its claims; answers the total."
  public static let access = Access.write

  public let target: TaskTarget
  public let agent: AgentID?
  /// The claim under which it came about; nil when the caller does not say.
  public let fence: Int64?
  public let duration: Int64

  /// The most time that is logged for one task: far from where sums with it would leave 64 bits.
  static let durationMax = Int64.max / 4

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    agent = try fields.caller("agent", "Who logs it; nobody for a person.")
    fence = try fields.optional(
      "fence", "The fence of the claim; one of an earlier claim is refused.")
    duration = try fields.required("duration_ms", "How long it took, in milliseconds; from 0.")
  }

  public func check() throws(HoldfastError) {
    guard (0...Self.durationMax).contains(duration) else {
      throw FieldPosition("duration_ms").mustBe(
        "a whole number from 0 to \(Self.durationMax), not \(duration)")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TimeTotal> {
    let task = try changes.taskForWriting(target)
    let agent = try agent.map(changes.agent)
    try changes.checkFence(Holder(agent: self.agent, fence: fence), of: task)
    guard task.graph.loggedTime <= Self.durationMax - duration else {
      throw FieldPosition("duration_ms").invalid(
        "duration_ms: more than \(Self.durationMax) would be logged for the task with that")
    }
    var logged = task
    if duration > 0 {
      let cost = Cost(
        of: task, agent: agent?.name, at: changes.now, duration: duration, usage: Usage())
      logged = try changes.log(
        cost, of: task, as: .timeLogged, by: agent, "\(duration) ms logged"
      ) { $0.graph.loggedTime += duration }
    }
    if let agent { try changes.heartbeat(of: agent) }
    return .done(TimeTotal(logged))
  }
}

/// What a task has taken so far.
public struct TimeTotal: Output {
  let actual: Int64
  public let revision: Int64?

  init(_ task: TaskEntry) {
    actual = task.graph.actualTime
    revision = task.revision
  }

  private init(placeholder: Void) {
    actual = 0
    revision = nil
  }

  public static var placeholder: TimeTotal { TimeTotal(placeholder: ()) }

  public func write(_ out: inout ObjectWriter) {
    out.field(
      "time_actual_ms", actual, "How long it was worked on, without the time since it was claimed.")
  }
}
