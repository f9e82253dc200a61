public import HoldfastModel

/// Tells what a user can do to a task now.
public struct TaskActions: Query {
  public static let name = "available_actions"
  public static let summary =
    "Tells which events are legal for a task now, and which statuses can be set by hand."
  public static let access = Access.read

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
  }

  public func run(in view: StoreView) throws -> AvailableActions {
    let task = try view.task(target.task, in: target.project)
    return AvailableActions.of(
      status: task.status, executionState: task.executionState,
      canFinishPlanning: try canFinishPlanning(task, view),
      workflow: try view.workflow(of: task))
  }

  private func canFinishPlanning(_ task: TaskEntry, _ view: StoreView) throws -> Bool {
    guard task.status == .planning else { return true }
    let plan = PlanDocument(parsing: try view.content(of: task))
    do {
      try Workflow.checkPlannerFinished(plan)
      return true
    } catch {
      return false
    }
  }
}

extension AvailableActions: Output {
  public static var placeholder: AvailableActions {
    .of(status: .ready, executionState: .planned)
  }

  public func write(_ out: inout ObjectWriter) {
    out.list("transitions", transitions, "The legal events.")
    out.list("overrides", overrides, "The statuses that can be set by hand.")
    out.list(
      "moves", unlessEmpty: moves.map(\.text),
      "Where a change of its status may lead, in a workflow that no event moves.")
  }
}

extension AvailableActions.EventAction: Output {
  public static var placeholder: Self { Self(event: .planStart) }

  public func write(_ out: inout ObjectWriter) {
    out.field("event", event.rawValue, "The event.")
    out.field("label", label, "Short words for people.")
  }
}

extension AvailableActions.OverrideAction: Output {
  public static var placeholder: Self { Self(target: .ready) }

  public func write(_ out: inout ObjectWriter) {
    out.field("target", target.rawValue, "What to set.")
    out.field("label", label, "Short words for people.")
  }
}
