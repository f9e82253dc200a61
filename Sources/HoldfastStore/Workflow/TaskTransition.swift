public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Moves a task through its workflow.
///
/// One transaction reads only this task, asks whether the event is legal, and writes status,
/// execution state, phase times, the end of a block, the history and the signal together.
public struct TaskTransition: Mutation {
  public static let name = "task_transition"
  public static let summary = "Moves a task through its workflow by an event."
  public static let access = Access.write

  public let target: TaskTarget
  public let event: WorkflowEvent
  /// The signal that asks for it, if one does; then no other signal tells of it.
  let cause: Signal?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    event = try fields.required("event", "What happened, such as plan_start.")
    cause = nil
  }

  /// The move that a signal asks for.
  init(_ target: TaskTarget, _ event: WorkflowEvent, causedBy cause: Signal) {
    self.target = target
    self.event = event
    self.cause = cause
  }

  /// The plan in a task's content, and which content that was.
  public struct PlanSeen: Sendable {
    let contentEvent: Int64?
    let plan: PlanDocument
  }

  public func prepare() throws -> PlanSeen? { nil }

  /// Reads the plan outside of the transaction, where the event asks for one.
  public func prepare(over store: Store) throws -> PlanSeen? {
    guard event == .plannerFinished else { return nil }
    let seen: (Int64?, [UInt8])? = try translatingErrors {
      try store.database.read { transaction in
        let view = StoreView(transaction, facts: store.facts)
        guard let task = try view.find(target) else { return nil }
        return (task.content, try view.content(of: task))
      }
    }
    return seen.map { PlanSeen(contentEvent: $0.0, plan: PlanDocument(parsing: $0.1)) }
  }

  public func run(_ prepared: PlanSeen?, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    guard changes.caller.isUser || !event.isUserOnly else {
      throw HoldfastError(
        .notAllowed, "only a user may send \(event.rawValue), not an agent: ask a person to do it")
    }
    let transition = try changes.workflow(of: task.project).transition(
      from: task.status, executionState: task.executionState, event: event,
      autoReadinessReview: changes.facts.settings.verifiesAfterReview)
    let plan = try plan(of: task, prepared, in: changes)
    let review = try cause.flatMap { try ReviewRequest($0, of: task) }
    let note = note(task, transition)
    let changed = try changes.change(task, as: .taskTransition, note: note) { changed, record in
      apply(transition, to: &changed, at: changes.now)
      review?.apply(to: &changed)
      if let plan { try changes.ingest(plan, into: &changed, record) }
      if let signal = signal(for: changed, at: changes.now) {
        _ = try changes.insertSignal(signal, in: record)
      }
    }
    return .done(try changes.answer(changed))
  }

  /// The plan that `planner_finished` needs; nil for the other events.
  private func plan(
    of task: TaskEntry, _ seen: PlanSeen?, in view: StoreView
  ) throws -> PlanDocument? {
    guard event == .plannerFinished else { return nil }
    let plan: PlanDocument
    if let seen, seen.contentEvent == task.content {
      plan = seen.plan
    } else {
      // The content changed after it was seen: rare, so it may be read here.
      plan = PlanDocument(parsing: try view.content(of: task))
    }
    try Workflow.checkPlannerFinished(plan)
    return plan
  }

  private func apply(_ transition: Transition, to task: inout TaskEntry, at now: Timestamp) {
    task.status = transition.target
    task.executionState = transition.executionState
    for phase in transition.stampedPhases { task.phaseTimes[phase] = now }
    if transition.clearsBlock { task.block = Block() }
  }

  /// The signal for those who act on the transition; nil where no signal carries the event.
  private func signal(for task: TaskEntry, at now: Timestamp) -> Signal? {
    guard cause == nil else { return nil }
    return SignalType(carrying: event).map {
      Signal(
        project: task.project, task: task.id, planFile: task.filename.text, type: $0.rawValue,
        payload: #"{"fsm_applied":true}"#, createdAt: now)
    }
  }

  private func note(_ task: TaskEntry, _ transition: Transition) -> EventNote {
    EventNote(
      "\(task.filename): \(task.status) → \(transition.target)",
      detail: JSONObject([
        ("event", .string(event.rawValue)), ("from", .string(task.status.text)),
        ("to", .string(transition.target.text)),
      ]))
  }
}
