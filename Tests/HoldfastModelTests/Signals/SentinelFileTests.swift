import HoldfastModel
import Testing

@Suite struct SentinelFileTests {
  @Test(
    arguments: [
      ("planner-finished-auth", .plannerFinished, "auth", nil),
      ("implement-finished-auth.md", .implementFinished, "auth", nil),
      ("review-approved-a-b-c", .reviewApproved, "a-b-c", nil),
      ("review-changes-auth", .reviewChangesRequested, "auth", nil),
      ("elaborator-finished-auth", .elaboratorFinished, "auth", ""),
      (
        "implement-task-finished-w2-t15-auth", .implementTaskFinished, "auth",
        #"{"wave_number":2,"task_number":15}"#
      ),
      ("implement-wave-3-auth-2", .implementWave, "auth-2", #"{"wave_number":3}"#),
      ("implement-wave-03-x", .implementWave, "x", #"{"wave_number":3}"#),
      ("review-approved-caf\u{E9}", .reviewApproved, "caf\u{E9}", nil),
    ] as [(String, SignalType, String, String?)])
  func `a file name says what, of which task and with what`(
    name: String, type: SignalType, plan: String, payload: String?
  ) throws {
    let file = try #require(SentinelFile.parse(name: name))
    #expect(file.type == type)
    #expect(file.plan.text == plan)
    #expect(file.payload == payload)
    if let payload {
      #expect(try SignalPayload.canonical(for: type, text: payload) == payload)
    }
  }

  @Test(arguments: [
    "", "notes.txt", "planner-finished-", "planner-finished", "implement-wave-auth",
    "implement-wave-3", "implement-wave-3-", "implement-task-finished-auth",
    "implement-task-finished-w1-auth", "implement-task-finished-w1-t-auth",
    "implement-task-finished-w-1-t2-auth", "implement-wave-99999999999999999999-auth",
    "review-approved-auth.reason", "Planner-finished-auth", ".planner-finished-auth",
  ])
  func `another file is no signal`(name: String) {
    #expect(SentinelFile.parse(name: name) == nil)
  }
}
