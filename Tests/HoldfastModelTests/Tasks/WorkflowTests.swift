import HoldfastModel
import Testing

@Suite struct WorkflowTests {
  private let workflow = Workflow.standard

  @Test(arguments: [
    ("ready", "ready"), ("planning", "planning"), ("implementing", "implementing"),
    ("reviewing", "reviewing"), ("verifying", "verifying"), ("done", "done"),
    ("cancelled", "cancelled"), ("in_progress", "implementing"), ("completed", "done"),
  ])
  func `a status or its alias is read`(text: String, status: String) throws {
    #expect(try workflow.status(text).text == status)
  }

  @Test(arguments: ["", "x", "Ready", " ready", "canceled", "in-progress", "planned"])
  func `another word is no status`(text: String) {
    let error = refusal(try workflow.status(text))
    #expect(error?.message.hasPrefix("invalid status: \"\(text)\"") == true)
    #expect(error?.message.contains("ready, planning, implementing") == true)
    #expect(error?.code.httpStatus == 400)
  }

  @Test func `a project may keep foreign words`() throws {
    #expect(try Workflow.foreign.status("in-review").text == "in-review")
    #expect(try Workflow.foreign.status("completed") == .done)
    #expect(
      refusal(try Workflow.foreign.status(""))?.message.hasPrefix("invalid status: \"\"") == true)
  }

  @Test(arguments: ["planning", "implementing", "reviewing", "verifying", "done"])
  func `a phase has a name`(text: String) throws {
    #expect(try TaskPhase(parsing: text).rawValue == text)
  }

  @Test(arguments: ["", "ready", "Done", "x"])
  func `an unknown phase is refused`(text: String) {
    #expect(refusal(try TaskPhase(parsing: text))?.message == "unknown phase: \(text)")
  }

  @Test(
    arguments: [
      ("plan_start", .planStart), (" plan-start\n", .planStart), ("mark-done", .markDone),
      ("review_changes", .reviewChanges), ("review-changes-requested", .reviewChanges),
      ("cancel", .cancel),
    ] as [(String, WorkflowEvent)])
  func `an event is read with hyphens, white space and its alias`(
    text: String, event: WorkflowEvent
  ) throws {
    #expect(try WorkflowEvent(parsing: text) == event)
  }

  @Test func `every event reads its own name`() throws {
    for event in WorkflowEvent.allCases {
      #expect(try WorkflowEvent(parsing: event.rawValue) == event)
    }
    #expect(WorkflowEvent.reviewChanges.rawValue == "review_changes")
  }

  @Test(arguments: ["", "x", "PLAN_START", "plan start", "planstart"])
  func `an unknown event is refused`(text: String) {
    let error = refusal(try WorkflowEvent(parsing: text))
    #expect(error?.message.hasPrefix("unknown event: \(text); events: plan_start, ") == true)
    #expect(error?.code.httpStatus == 400)
  }

  @Test func `some events are for users only`() {
    #expect(
      WorkflowEvent.allCases.filter(\.isUserOnly) == [
        .startOver, .reimplement, .requestReview, .cancel, .reopen, .markDone,
      ])
  }

  @Test(arguments: ["created", "adopted", "skipped", "failed", "blocked"])
  func `a pr create state has a name`(text: String) throws {
    #expect(try PRCreateState.parse(text)?.rawValue == text)
  }

  @Test func `an empty pr create state is none and another one is refused`() throws {
    #expect(try PRCreateState.parse("") == nil)
    #expect(refusal(try PRCreateState.parse("open"))?.message.contains("created, adopted") == true)
  }
}
