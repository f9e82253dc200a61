import HoldfastModel
import Testing

@Suite struct SignalPayloadTests {
  private static let free: [SignalType] = [
    .planStart, .plannerFinished, .implementStart, .implementFinished, .reviewApproved,
    .reviewChangesRequested, .verifyApproved, .verifyFailed, .advanceWave, .retryWave,
  ]
  private static let sha = "0123456789abcdef0123456789abcdef01234567"

  @Test(
    arguments: free,
    [
      ("", ""), (" \n", ""), ("fix it", #"{"body":"fix it"}"#), ("{\"a\":", #"{"body":"{\"a\":"}"#),
      (#"{ "a" : 1.0 }"#, #"{ "a" : 1.0 }"#), (" [1, 2]\n", " [1, 2]\n"), ("12", "12"),
      (#""text""#, #""text""#), ("a\nb \u{E9}<", "{\"body\":\"a\\nb \u{E9}<\"}"),
      (#"{"fsm_applied":true}"#, #"{"fsm_applied":true}"#),
    ])
  func `a workflow signal keeps JSON and wraps text`(
    type: SignalType, payload: (text: String, stored: String)
  ) throws {
    #expect(try SignalPayload.canonical(for: type, text: payload.text) == payload.stored)
  }

  @Test(
    arguments: [
      (.implementTaskFinished, #"{"wave_number":1,"task_number":2}"#),
      (.implementTaskFinished, #"{"task_number":0, "wave_number":1.0,"x":"y","fsm_applied":true}"#),
      (.implementWave, #"{"wave_number":3}"#),
      (.needsDecision, #"{ "reason":"which?" }"#),
      (.needsDecision, #"{"reason":"which?","body":"b"}"#),
      (.elaboratorFinished, ""),
      (.elaboratorFinished, #"{"fsm_applied":true}"#),
      (.verifyApproved, #"{"reviewed_sha":"\#(sha)","reviewed_base_sha":null,"origin":"auto"}"#),
      (.verifyApproved, #"{"reviewed_sha":"","origin":""}"#),
      (.verifyFailed, #"{"origin":"force_promoted"}"#),
      (.verifyFailed, #"{"origin":"master"}"#),
      (.verifyFailed, #"{"origin":"operator"}"#),
    ] as [(SignalType, String)])
  func `a payload that follows the rules is kept to the byte`(type: SignalType, text: String) throws
  {
    #expect(try SignalPayload.canonical(for: type, text: text) == text)
  }

  @Test(
    arguments: [
      (.needsDecision, "which one?", #"{"reason":"which one?"}"#),
      (.needsDecision, #""which one?""#, #"{"reason":"which one?"}"#),
      (.needsDecision, #"{"body":"which?","wave":1}"#, #"{"reason":"which?","wave":1}"#),
      (.needsDecision, #"{"reason":" ","body":"which?"}"#, #"{"reason":"which?"}"#),
      (.needsDecision, "5", #"{"reason":"5"}"#),
      (.plannerDraftFinished, #"{"planner_id":" p1 "}"#, #"{"planner_id":"p1"}"#),
      (.plannerDraftFinished, #"{ "x": 1, "planner_id": "p" }"#, #"{"planner_id":"p","x":1}"#),
      (.elaboratorFinished, " \n", ""),
    ] as [(SignalType, String, String)])
  func `a payload is brought into its form`(type: SignalType, text: String, stored: String) throws {
    #expect(try SignalPayload.canonical(for: type, text: text) == stored)
    #expect(try SignalPayload.canonical(for: type, text: stored) == stored)
  }

  @Test(
    arguments: [
      (.implementTaskFinished, ""), (.implementTaskFinished, "1"),
      (.implementTaskFinished, #"{"wave_number":1}"#),
      (.implementTaskFinished, #"{"task_number":1}"#),
      (.implementTaskFinished, #"{"wave_number":1,"task_number":1.5}"#),
      (.implementTaskFinished, #"{"wave_number":"1","task_number":1}"#),
      (.implementTaskFinished, #"{"wave_number":-1,"task_number":1}"#),
      (.implementTaskFinished, #"{"wave_number":1e30,"task_number":1}"#),
      (.implementTaskFinished, #"{"fsm_applied":true}"#),
      (.implementWave, ""), (.implementWave, "wave 1"), (.implementWave, #"{"wave_number":null}"#),
      (.plannerDraftFinished, ""), (.plannerDraftFinished, "p1"),
      (.plannerDraftFinished, #"{"planner_id":" "}"#),
      (.plannerDraftFinished, #"{"planner_id":1}"#),
      (.needsDecision, ""), (.needsDecision, "  "), (.needsDecision, "{}"),
      (.needsDecision, #"{"reason":""}"#), (.needsDecision, #"" ""#),
      (.elaboratorFinished, "done"), (.elaboratorFinished, "{}"), (.elaboratorFinished, "null"),
      (.elaboratorFinished, #"{"fsm_applied":true,"x":1}"#),
      (.verifyApproved, #"{"reviewed_sha":"abc"}"#),
      (.verifyApproved, #"{"reviewed_base_sha":"0123456789ABCDEF0123456789abcdef01234567"}"#),
      (.verifyApproved, #"{"reviewed_sha":1}"#),
      (.verifyFailed, #"{"origin":"me"}"#),
      (.planStart, #"{"fsm_applied":"true"}"#), (.planStart, "a\0b"),
    ] as [(SignalType, String)])
  func `a payload that breaks a rule is refused`(type: SignalType, text: String) {
    let error = refusal(try SignalPayload.canonical(for: type, text: text))
    #expect(error?.code.httpStatus == 400)
    #expect(error?.message.hasPrefix("invalid payload for \(type.rawValue): ") == true)
  }

  @Test(arguments: [
    (#"{"fsm_applied":true}"#, true), (#"{"fsm_applied":false}"#, false), ("", false),
    ("{}", false), ("true", false), ("fsm_applied", false),
  ])
  func `a payload may say that the transition has happened`(payload: String, applied: Bool) {
    #expect(SignalPayload.isTransitionApplied(payload) == applied)
  }
}
