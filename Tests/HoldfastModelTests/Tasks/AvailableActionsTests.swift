import HoldfastModel
import Testing

@Suite struct AvailableActionsTests {
  private func events(_ status: TaskStatus, _ state: ExecutionState = .empty) -> [String] {
    AvailableActions.of(status: status, executionState: state).transitions.map(\.event.rawValue)
  }

  private func targets(_ status: TaskStatus, _ state: ExecutionState = .empty) -> [String] {
    AvailableActions.of(status: status, executionState: state).overrides.map(\.target.rawValue)
  }

  private let all = [
    "ready", "planned", "planning", "implementing", "reviewing", "verifying", "done", "cancelled",
  ]

  @Test func `a draft can be planned but not implemented`() {
    #expect(events(.ready) == ["plan_start", "mark_done", "cancel"])
    #expect(
      events(.ready, .planned) == ["plan_start", "implement_start", "mark_done", "cancel"])
  }

  @Test(arguments: Workflow.standard.statuses, [ExecutionState.empty, .planned])
  func `what is offered is what is legal`(status: TaskStatus, state: ExecutionState) {
    var legal: Set<String> = []
    for event in WorkflowEvent.allCases {
      let error = refusal(
        try Workflow.standard.transition(
          from: status, executionState: state, event: event, autoReadinessReview: true))
      if error == nil { legal.insert(event.rawValue) }
    }
    #expect(Set(events(status, state)) == legal)
  }

  @Test func `the status that the task has is not offered`() {
    #expect(targets(.ready) == all.filter { $0 != "ready" })
    #expect(targets(.ready, .planned) == all.filter { $0 != "planned" })
    #expect(targets(.done) == all.filter { $0 != "done" })
    #expect(targets(TaskStatus(stored: "foreign")) == all)
    #expect(events(TaskStatus(stored: "foreign")).isEmpty)
  }

  @Test func `labels are for people`() {
    let actions = AvailableActions.of(status: .reviewing, executionState: .empty)
    #expect(
      actions.transitions.map(\.label) == ["approve review", "request changes", "cancel"])
    #expect(actions.overrides.first?.label == "set to ready")
    #expect(Set(WorkflowEvent.allCases.map(\.label)).count == WorkflowEvent.allCases.count)
  }

  @Test func `an override sets status and phase`() throws {
    let wave = ExecutionState(phase: "wave_running", activeAgentType: "a", activeWave: 1)
    for name in all {
      let override = try StatusOverride.parse(name)
      #expect(override.status.text == (name == "planned" ? "ready" : name))
      #expect(override.executionState(after: .empty) == (name == "planned" ? .planned : .empty))
      #expect(
        override.executionState(after: wave)
          == (name == "planned" ? .planned : name == "implementing" ? wave : .empty))
    }
    #expect(StatusOverride.ready.executionState(after: .planned) == .empty)
  }

  @Test(arguments: ["", "x", "in_progress", "Ready", "ready "])
  func `another override is refused`(text: String) {
    let sentence =
      "invalid manual override \"\(text)\": must be one of ready, planned, planning, "
      + "implementing, reviewing, verifying, done, cancelled"
    let hint = text.lowercased() == text && text.last != " " ? "" : "; did you mean \"ready\"?"
    #expect(refusal(try StatusOverride.parse(text))?.message == sentence + hint)
  }
}
