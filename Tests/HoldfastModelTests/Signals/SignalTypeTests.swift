import HoldfastModel
import Testing

@Suite struct SignalTypeTests {
  private static let names = [
    "plan_start", "planner_finished", "planner_draft_finished", "implement_start",
    "implement_finished", "review_approved", "review_changes_requested", "verify_approved",
    "verify_failed", "implement_task_finished", "implement_wave", "advance_wave", "retry_wave",
    "elaborator_finished", "needs_decision",
  ]

  @Test(arguments: names)
  func `a type reads its wire name, with hyphens too`(name: String) throws {
    #expect(try SignalType(parsing: name).rawValue == name)
    let hyphens = String(name.map { $0 == "_" ? "-" : $0 })
    #expect(try SignalType(parsing: " \(hyphens) ").rawValue == name)
  }

  @Test(arguments: [
    ("review_changes", "review_changes_requested"), ("architect-finished", "elaborator_finished"),
    ("readiness_approved", "verify_approved"), ("master_approved", "verify_approved"),
    ("readiness_changes", "verify_failed"), ("readiness_changes_requested", "verify_failed"),
    ("needs_input", "needs_decision"), ("blocked", "needs_decision"),
    ("needs-human", "needs_decision"),
  ])
  func `a type reads its aliases`(alias: String, name: String) throws {
    #expect(try SignalType(parsing: alias).rawValue == name)
  }

  @Test(arguments: ["", "x", "PLAN_START", "plan start"])
  func `an unknown type is refused`(text: String) {
    #expect(Set(SignalType.allCases.map(\.rawValue)) == Set(Self.names))
    let error = refusal(try SignalType(parsing: text))
    #expect(
      error?.message.hasPrefix("unknown signal type \"\(text)\"; valid types: plan_start, ")
        == true)
    #expect(error?.code.httpStatus == 400)
  }

  @Test func `signals and workflow events carry each other`() {
    #expect(SignalType.reviewChangesRequested.event == .reviewChanges)
    #expect(SignalType.needsDecision.event == nil)
    for type in SignalType.allCases {
      guard let event = type.event else { continue }
      #expect(SignalType(carrying: event) == type)
    }
    #expect(SignalType(carrying: .cancel) == nil)
  }

  @Test func `the life of a signal has four stations`() {
    #expect(
      SignalStatus.allCases.map(\.rawValue) == ["pending", "processing", "done", "failed"])
    #expect(SignalStatus.allCases.filter(\.isFinal) == [.done, .failed])
  }
}
