import HoldfastModel
import Testing

@Suite struct AuditKindTests {
  @Test func `the kinds have the wire names of the contract`() {
    let names = """
      agent_spawned, agent_finished, agent_killed, agent_paused, agent_resumed, agent_restarted, \
      plan_transition, plan_created, plan_merged, plan_cancelled, wave_started, wave_completed, \
      wave_failed, task_linear_linked, task_linear_unlinked, prompt_sent, shell_ran, git_push, \
      pr_created, permission_detected, permission_answered, fsm_error, error, session_started, \
      session_stopped
      """
    #expect(AuditKind.allCases.map(\.rawValue).joined(separator: ", ") == names)
    #expect(AuditLevel.allCases.map(\.rawValue) == ["info", "warn", "error"])
  }
}
