/// What a user can do to a task now: legal events, and statuses to set by hand.
public struct AvailableActions: Hashable, Sendable {
  /// The legal events, in the order of the workflow's table.
  public let transitions: [EventAction]
  /// The statuses that may be set by hand, without the one that the task has.
  public let overrides: [OverrideAction]
  /// Where a change of the status may lead, in a workflow that no event moves.
  public let moves: [TaskStatus]

  /// An event that is legal now.
  public struct EventAction: Hashable, Sendable {
    /// The event; its wire name is the raw value.
    public let event: WorkflowEvent
    /// Short words for people.
    public let label: String

    /// Creates the action of an event.
    public init(event: WorkflowEvent) {
      self.event = event
      label = event.label
    }
  }

  /// A status that may be set by hand.
  public struct OverrideAction: Hashable, Sendable {
    /// The target; its wire name is the raw value.
    public let target: StatusOverride
    /// `set to X`.
    public let label: String

    /// Creates the action of a target.
    public init(target: StatusOverride) {
      self.target = target
      label = "set to \(target.rawValue)"
    }
  }

  /// Returns the actions for a task of this status and execution state.
  ///
  /// Implementation of a ready task without a plan is left out, as it would be refused.
  ///
  /// - Parameters:
  ///   - status: The task's status.
  ///   - executionState: The task's execution state as stored.
  ///   - canFinishPlanning: Whether the content passes ``Workflow/checkPlannerFinished(_:)``; only
  ///     a task in planning needs to ask.
  ///   - workflow: The task's workflow.
  /// - Returns: What is legal, and what can be set by hand.
  public static func of(
    status: TaskStatus, executionState: ExecutionState, canFinishPlanning: Bool = true,
    workflow: Workflow = .standard
  ) -> AvailableActions {
    guard workflow.isMovedByEvents else {
      return AvailableActions(
        transitions: [], overrides: [], moves: workflow.next(after: status))
    }
    let events = workflow.moves.filter { $0.source == status }.map(\.event)
    let legal = events.filter {
      !($0 == .implementStart && status == .ready && !executionState.isPlanned)
        && !($0 == .plannerFinished && !canFinishPlanning)
    }
    let current = StatusOverride(current: status, executionState)
    return AvailableActions(
      transitions: legal.map(EventAction.init(event:)),
      overrides: StatusOverride.allCases.filter { $0 != current }
        .map(OverrideAction.init(target:)), moves: [])
  }
}
