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
  /// Whether it counts whatever the status of the task is.
  public let isForced: Bool
  /// The signal that asks for it, if one does; then no other signal tells of it.
  let cause: Signal?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    event = try fields.required("event", "What happened, such as plan_start.")
    isForced = try fields.value(
      "force",
      "Whether the task gets the status to which the event leads, whatever its own is; no signal tells of it.",
      default: false)
    cause = nil
  }

  /// The move that a signal asks for.
  init(_ target: TaskTarget, _ event: WorkflowEvent, causedBy cause: Signal) {
    self.target = target
    self.event = event
    isForced = false
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
    let plan =
      event == .plannerFinished && !isForced ? try plan(of: task, prepared, in: changes) : nil
    let changed = try changes.transition(
      task, by: event, plan: plan, cause: cause, isForced: isForced, fromAnywhere: isForced)
    var answer = try changes.answer(changed)
    answer.unblocked = try changes.unblocked(by: task)
    return .done(answer)
  }

  /// The plan that `planner_finished` needs.
  private func plan(
    of task: TaskEntry, _ seen: PlanSeen?, in view: StoreView
  ) throws -> PlanDocument {
    if let seen, seen.contentEvent == task.content { return seen.plan }
    // The content changed after it was seen: rare, so it may be read here.
    return PlanDocument(parsing: try view.content(of: task))
  }
}

extension Changes {
  /// Moves a task by an event, with all that follows from it.
  ///
  /// - Parameters:
  ///   - plan: The plan in its text, for `planner_finished`.
  ///   - cause: The signal that asks for it, if one does; then no other signal tells of it.
  ///   - isForced: Whether the task may be done before those that it contains.
  ///   - fromAnywhere: Whether the event counts whatever the status is; then no signal tells of it.
  func transition(
    _ task: TaskEntry, by event: WorkflowEvent, plan: PlanDocument?, cause: Signal?,
    isForced: Bool = false, fromAnywhere: Bool = false
  ) throws -> TaskEntry {
    guard caller.isUser || !event.isUserOnly else {
      throw HoldfastError(
        .notAllowed, "only a user may send \(event.rawValue), not an agent: ask a person to do it")
    }
    let workflow = try workflow(of: task)
    guard workflow.isMovedByEvents else {
      throw HoldfastError(
        .invalidTransition,
        "\(task.filename) is of the workflow \(workflow.name), which no event moves: claim, complete, "
          + "fail, cancel or release it")
    }
    let transition =
      try fromAnywhere
      ? workflow.transition(byForceOf: event)
      : workflow.transition(
        from: task.status, executionState: task.executionState, event: event,
        autoReadinessReview: facts.settings.verifiesAfterReview)
    if workflow.category(transition.target) == .done, !isForced { try checkNoOpenChildren(task) }
    if let plan { try Workflow.checkPlannerFinished(plan) }
    let review = try cause.flatMap { try ReviewRequest($0, of: task) }
    let note = note(task, event, transition, isForced: fromAnywhere)
    return try change(task, as: .taskTransition, note: note) {
      changed, record in
      apply(transition, to: &changed)
      review?.apply(to: &changed)
      if let plan { try ingest(plan, into: &changed, record) }
      if cause == nil, !fromAnywhere, let signal = signal(of: event, for: changed) {
        _ = try insertSignal(signal, in: record)
      }
    }
  }

  private func apply(_ transition: Transition, to task: inout TaskEntry) {
    task.status = transition.target
    task.executionState = transition.executionState
    for phase in transition.stampedPhases { task.phaseTimes[phase] = now }
    if transition.clearsBlock { task.block = Block() }
  }

  /// The signal for those who act on the transition; nil where no signal carries the event.
  private func signal(of event: WorkflowEvent, for task: TaskEntry) -> Signal? {
    SignalType(carrying: event).map {
      Signal(
        project: task.project, task: task.id, planFile: task.filename.text, type: $0.rawValue,
        payload: #"{"fsm_applied":true}"#, createdAt: now)
    }
  }

  private func note(
    _ task: TaskEntry, _ event: WorkflowEvent, _ transition: Transition, isForced: Bool
  ) -> EventNote {
    EventNote(
      "\(task.filename): \(task.status) → \(transition.target)\(isForced ? ", by force" : "")",
      detail: JSONObject(
        [
          ("event", .string(event.rawValue)), ("from", .string(task.status.text)),
          ("to", .string(transition.target.text)),
        ] + (isForced ? [("forced", true)] : [])))
  }
}
