/// Where a task's execution stands: `{execution_phase, active_agent_type, active_wave}`.
public struct ExecutionState: Hashable, Sendable {
  /// The phase as given, usually an ``ExecutionPhase``; empty for none.
  public var phase: String
  /// What kind of agent is at work; empty for none.
  public var activeAgentType: String
  /// The number of the wave at work; 0 for none.
  public var activeWave: Int64

  /// Creates a state from its three values, all kept as given.
  public init(phase: String = "", activeAgentType: String = "", activeWave: Int64 = 0) {
    self.phase = phase
    self.activeAgentType = activeAgentType
    self.activeWave = activeWave
  }

  /// No phase, no agent, no wave: `{}` on the wire.
  public static let empty = ExecutionState()

  /// A plan is there and nobody works on it.
  public static let planned = ExecutionState(phase: ExecutionPhase.planned.rawValue)

  /// Whether nothing is set.
  public var isEmpty: Bool { phase.isEmpty && activeAgentType.isEmpty && activeWave == 0 }

  /// Whether the phase is `planned`: on a ready task, that it may be implemented.
  public var isPlanned: Bool { phase == ExecutionPhase.planned.rawValue }

  /// Returns this state as the workflow layer keeps it beside `status`.
  ///
  /// A phase that does not fit the status is dropped, and with it the agent and the wave that
  /// belonged to it. `ready` keeps only `planned`, without agent and wave; the phases of a wave
  /// need an agent and a wave above 0; `reviewing` needs an agent; nothing goes on in `done` and
  /// `cancelled`. A phase that is not an ``ExecutionPhase`` is kept while work goes on.
  public func fitting(_ status: TaskStatus) -> ExecutionState {
    switch status {
    case .ready: return isPlanned ? .planned : .empty
    case .done, .cancelled: return .empty
    default: break
    }
    guard let known = ExecutionPhase(rawValue: phase) else { return self }
    guard Self.statuses(of: known).contains(status) || !Self.isStandard(status) else {
      return .empty
    }
    switch known {
    case .waveRunning, .waveWaiting:
      return activeAgentType.isEmpty || activeWave < 1 ? .empty : self
    case .reviewing:
      return activeAgentType.isEmpty ? .empty : self
    case .planned, .architecting, .singleAgentImplementing, .fixing:
      return self
    }
  }

  private static func isStandard(_ status: TaskStatus) -> Bool {
    Workflow.standard.statuses.contains(status)
  }

  /// The statuses in which a phase can be.
  private static func statuses(of phase: ExecutionPhase) -> [TaskStatus] {
    switch phase {
    case .planned: [.ready]
    case .architecting: [.planning, .implementing]
    case .waveRunning, .waveWaiting, .singleAgentImplementing, .fixing: [.implementing]
    case .reviewing: [.reviewing, .verifying]
    }
  }
}
