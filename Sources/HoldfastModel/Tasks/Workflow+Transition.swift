extension Workflow {
  /// Returns what an event does to a task, or refuses it.
  ///
  /// An approved review goes on to `done` by a chained `verify_approved` where readiness reviews
  /// are off. The phase time of every status on the way is stamped. What a transition needs of the
  /// task's content is asked by ``checkPlannerFinished(_:)``.
  ///
  /// - Parameters:
  ///   - status: The task's status.
  ///   - executionState: The task's execution state as stored.
  ///   - event: What happened.
  ///   - autoReadinessReview: Whether approved work is verified as a step of its own.
  /// - Returns: The status, state and stamps after the event.
  /// - Throws: ``HoldfastError`` 409 when the event is not legal here, or when implementation of a
  ///   ready task without a plan would start.
  public func transition(
    from status: TaskStatus, executionState: ExecutionState, event: WorkflowEvent,
    autoReadinessReview: Bool
  ) throws(HoldfastError) -> Transition {
    let first = try target(from: status, executionState, event)
    if status == .ready && event == .implementStart && !executionState.isPlanned {
      throw HoldfastError(
        .invalidTransition,
        "task is not yet planned: run plan_start first, write the plan as the task's content, "
          + "and send planner_finished before implement_start")
    }
    var target = first
    var stamped = TaskPhase(beginningWith: first).map { [$0] } ?? []
    if event == .reviewApproved && !autoReadinessReview {
      target = try self.target(from: first, executionState, .verifyApproved)
      if let phase = TaskPhase(beginningWith: target) { stamped.append(phase) }
    }
    return Transition(
      target: target,
      executionState: Self.state(executionState, after: event, from: status, to: target),
      stampedPhases: stamped)
  }

  /// Returns what an event does to a task whatever its status is: it gets the status to which the event
  /// leads, and the execution state begins anew.
  ///
  /// - Throws: ``HoldfastError`` 409 for an event that leads nowhere in this workflow.
  public func transition(byForceOf event: WorkflowEvent) throws(HoldfastError) -> Transition {
    guard let target = moves.first(where: { $0.event == event })?.target else {
      throw HoldfastError(
        .invalidTransition, "no status follows from \(event.rawValue) in the workflow \(name)")
    }
    return Transition(
      target: target, executionState: event == .plannerFinished ? .planned : .empty,
      stampedPhases: TaskPhase(beginningWith: target).map { [$0] } ?? [])
  }

  /// Refuses `planner_finished` for a task without a plan in its content.
  ///
  /// A document without waves is fine: it is one unit of work.
  ///
  /// - Throws: ``HoldfastError`` 409 for content that is empty or blank, 400 for content that the
  ///   ingest refuses.
  public static func checkPlannerFinished(_ plan: PlanDocument) throws(HoldfastError) {
    guard !plan.isBlank else {
      throw HoldfastError(
        .invalidTransition,
        "planner_finished needs a plan: the task's content is empty, so write the plan first")
    }
    try plan.check()
  }

  private func target(
    from status: TaskStatus, _ executionState: ExecutionState, _ event: WorkflowEvent
  ) throws(HoldfastError) -> TaskStatus {
    guard let move = moves.first(where: { $0.source == status && $0.event == event }) else {
      let possible = AvailableActions.of(
        status: status, executionState: executionState, workflow: self
      ).transitions.map(\.event.rawValue)
      throw HoldfastError(
        .invalidTransition,
        "invalid transition: \(status.text.quoted) + \"\(event.rawValue)\"; possible now: "
          + (possible.isEmpty ? "nothing" : possible.joined(separator: ", ")))
    }
    return move.target
  }

  /// The execution state after an event.
  ///
  /// A phase goes on where it fits the new status. An agent or a wave without a phase belongs to
  /// the old status and ends with it.
  private static func state(
    _ state: ExecutionState, after event: WorkflowEvent, from source: TaskStatus,
    to target: TaskStatus
  ) -> ExecutionState {
    if event == .plannerFinished { return .planned }
    if state.phase.isEmpty && source != target { return .empty }
    return state.fitting(target)
  }
}
