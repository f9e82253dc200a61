import HoldfastModel
import Testing

@Suite struct ExecutionStateTests {
  private static let statuses = Workflow.standard.statuses

  /// Which known phases stay beside which status when they have an agent and a wave.
  private static let fitting: [String: Set<String>] = [
    "ready": ["planned"],
    "planning": ["architecting"],
    "implementing": [
      "architecting", "wave_running", "wave_waiting", "single_agent_implementing", "fixing",
    ],
    "reviewing": ["reviewing"],
    "verifying": ["reviewing"],
    "done": [],
    "cancelled": [],
  ]

  @Test(arguments: statuses, ExecutionPhase.allCases)
  func `a phase is kept where it fits`(status: TaskStatus, phase: ExecutionPhase) {
    let state = ExecutionState(phase: phase.rawValue, activeAgentType: "coder", activeWave: 2)
    let kept = state.fitting(status)
    if Self.fitting[status.text]?.contains(phase.rawValue) == true {
      #expect(kept == (status == .ready ? .planned : state))
    } else {
      #expect(kept == .empty)
    }
  }

  @Test(arguments: [
    ExecutionState(phase: "wave_running", activeAgentType: "", activeWave: 1),
    ExecutionState(phase: "wave_running", activeAgentType: "coder", activeWave: 0),
    ExecutionState(phase: "wave_waiting", activeAgentType: "coder", activeWave: -1),
  ])
  func `a wave needs an agent and a number`(state: ExecutionState) {
    #expect(state.fitting(.implementing) == .empty)
  }

  @Test func `a review needs an agent`() {
    #expect(ExecutionState(phase: "reviewing").fitting(.reviewing) == .empty)
    let alone = ExecutionState(phase: "single_agent_implementing")
    #expect(alone.fitting(.implementing) == alone)
  }

  @Test func `a phase that nobody knows stays while work goes on`() {
    let state = ExecutionState(phase: "dreaming", activeAgentType: "x")
    #expect(state.fitting(.implementing) == state)
    #expect(state.fitting(.ready) == .empty)
    #expect(state.fitting(.done) == .empty)
    let agent = ExecutionState(activeAgentType: "x")
    #expect(agent.fitting(.planning) == agent)
    #expect(agent.fitting(.ready) == .empty)
  }

  @Test func `beside a foreign status a phase keeps its own rules only`() {
    let foreign = TaskStatus(stored: "doing")
    let wave = ExecutionState(phase: "wave_running", activeAgentType: "a", activeWave: 1)
    #expect(wave.fitting(foreign) == wave)
    #expect(ExecutionState(phase: "wave_running").fitting(foreign) == .empty)
  }

  @Test func `fitting twice changes nothing more`() {
    for status in Self.statuses {
      for phase in ExecutionPhase.allCases.map(\.rawValue) + ["", "x"] {
        for agent in ["", "a"] {
          for wave in [Int64(0), 1] {
            let state = ExecutionState(phase: phase, activeAgentType: agent, activeWave: wave)
            #expect(state.fitting(status).fitting(status) == state.fitting(status))
          }
        }
      }
    }
  }

  @Test func `the empty state is empty`() {
    #expect(ExecutionState.empty.isEmpty)
    #expect(ExecutionState() == .empty)
    #expect(!ExecutionState.planned.isEmpty)
    #expect(ExecutionState.planned.isPlanned)
    #expect(!ExecutionState(activeWave: 1).isEmpty)
  }

  @Test func `the phases have the names of the contract`() {
    #expect(
      ExecutionPhase.allCases.map(\.rawValue) == [
        "planned", "architecting", "wave_running", "wave_waiting", "single_agent_implementing",
        "fixing", "reviewing",
      ])
  }

  @Test func `the known subtask statuses are the contract's`() {
    #expect(
      SubtaskStatus.known == [
        "pending", "running", "complete", "failed", "closed", "done", "blocked", "in_review",
      ])
    #expect(
      Subtask(number: 1, title: "caf\u{E9}") != Subtask(number: 1, title: "cafe\u{301}"))
  }
}
