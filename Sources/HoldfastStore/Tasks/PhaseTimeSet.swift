public import HoldfastDatabase
public import HoldfastModel

/// Sets or clears when a task entered a phase; its status stays.
public struct PhaseTimeSet: Mutation {
  public static let name = "phase_time_set"
  public static let summary = "Sets when a task entered a phase, and nothing else."
  public static let access = Access.write

  public let target: TaskTarget
  public let phase: TaskPhase
  public let timestamp: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    timestamp = try fields.time("timestamp", "When; left out, the time is cleared.")
    phase = try TaskPhase(
      parsing: try fields.text(
        "phase", "The phase.", choices: TaskPhase.allCases.map(\.rawValue)))
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    let verb = timestamp == nil ? "cleared" : "set"
    let note = EventNote("\(phase.rawValue) time of \(task.filename) \(verb)")
    let changed = try changes.set(task, as: .taskChanged, note: note) {
      $0.phaseTimes[phase] = timestamp
    }
    return .done(try changes.slimAnswer(changed))
  }
}
