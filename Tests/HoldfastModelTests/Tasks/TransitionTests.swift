import HoldfastModel
import Testing

@Suite struct TransitionTests {
  private static let table: [String: [String: String]] = [
    "ready": [
      "plan_start": "planning", "implement_start": "implementing", "mark_done": "done",
      "cancel": "cancelled",
    ],
    "planning": ["plan_start": "planning", "planner_finished": "ready", "cancel": "cancelled"],
    "implementing": ["implement_finished": "reviewing", "cancel": "cancelled"],
    "reviewing": [
      "review_approved": "verifying", "review_changes": "implementing", "cancel": "cancelled",
    ],
    "verifying": [
      "verify_approved": "done", "verify_failed": "implementing", "cancel": "cancelled",
    ],
    "done": [
      "verification_stale": "verifying", "start_over": "planning", "reimplement": "implementing",
      "request_review": "reviewing", "cancel": "cancelled",
    ],
    "cancelled": ["reopen": "planning"],
  ]

  private func transition(
    _ status: String, _ event: WorkflowEvent, _ state: ExecutionState = .planned,
    auto: Bool = true
  ) throws(HoldfastError) -> Transition {
    try Workflow.standard.transition(
      from: TaskStatus(stored: status), executionState: state, event: event,
      autoReadinessReview: auto)
  }

  @Test(arguments: table.keys.sorted(), WorkflowEvent.allCases)
  func `the table of moves is the contract's`(status: String, event: WorkflowEvent) throws {
    let expected = Self.table[status]?[event.rawValue]
    if let expected {
      let result = try transition(status, event)
      #expect(result.target.text == expected)
      let phase = TaskPhase(rawValue: expected)
      #expect(result.stampedPhases == [phase].compactMap(\.self))
      #expect(result.clearsBlock == (phase != nil))
    } else {
      let error = refusal(try transition(status, event))
      let start = "invalid transition: \"\(status)\" + \"\(event.rawValue)\"; possible now: "
      #expect(error?.message.hasPrefix(start) == true)
      // What is named is what the table has.
      let named =
        error?.message.dropFirst(start.count).split(separator: ", ").map(String.init) ?? []
      #expect(Set(named) == Set((Self.table[status] ?? [:]).keys))
      #expect(error?.code == .invalidTransition)
      #expect(error?.code.httpStatus == 409)
    }
  }

  @Test func `a foreign status has no moves`() {
    let error = refusal(try transition("to do", .planStart))
    #expect(
      error?.message == "invalid transition: \"to do\" + \"plan_start\"; possible now: nothing")
  }

  @Test func `approved work is done at once where readiness reviews are off`() throws {
    let result = try transition("reviewing", .reviewApproved, auto: false)
    #expect(result.target == .done)
    #expect(result.stampedPhases == [.verifying, .done])
    #expect(result.clearsBlock)
    #expect(result.executionState == .empty)
  }

  @Test(arguments: [
    ExecutionState.empty,
    ExecutionState(phase: "wave_running", activeAgentType: "a", activeWave: 1),
  ])
  func `a draft cannot be implemented`(state: ExecutionState) {
    let error = refusal(try transition("ready", .implementStart, state))
    #expect(
      error?.message.hasPrefix("task is not yet planned: run plan_start first") == true)
    #expect(error?.code.httpStatus == 409)
  }

  @Test func `only a planner that finished makes a task planned`() throws {
    #expect(try transition("planning", .plannerFinished).executionState == .planned)
    #expect(try transition("ready", .implementStart).executionState == .empty)
    #expect(try transition("ready", .planStart).executionState == .empty)
    #expect(try transition("ready", .cancel).executionState == .empty)
  }

  @Test func `a phase goes on where it fits and ends where it does not`() throws {
    let reviewing = ExecutionState(phase: "reviewing", activeAgentType: "reviewer")
    #expect(try transition("reviewing", .reviewApproved, reviewing).executionState == reviewing)
    #expect(try transition("reviewing", .reviewChanges, reviewing).executionState == .empty)
    let architect = ExecutionState(phase: "architecting", activeAgentType: "architect")
    #expect(try transition("planning", .planStart, architect).executionState == architect)
    let agent = ExecutionState(activeAgentType: "coder")
    #expect(try transition("implementing", .implementFinished, agent).executionState == .empty)
  }

  @Test(arguments: ["", " \n\t\r\n"])
  func `a planner needs content`(content: String) {
    let plan = PlanDocument(parsing: Array(content.utf8))
    let error = refusal(try Workflow.checkPlannerFinished(plan))
    #expect(error?.code.httpStatus == 409)
  }

  @Test func `a planner's document may be without waves but not with a number twice`() throws {
    try Workflow.checkPlannerFinished(PlanDocument(parsing: Array("just do it".utf8)))
    let twice = "## Wave 1\n### Task 1: a\n### Task 1: b\n"
    let error = refusal(
      try Workflow.checkPlannerFinished(PlanDocument(parsing: Array(twice.utf8))))
    #expect(error?.code.httpStatus == 400)
  }
}
