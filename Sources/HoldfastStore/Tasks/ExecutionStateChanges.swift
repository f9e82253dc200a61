public import HoldfastJSON
public import HoldfastModel

/// A merge patch of an execution state.
public struct ExecutionStateChanges: FieldValue {
  public let phase: Change<String>
  public let activeAgentType: Change<String>
  public let activeWave: Change<Int64>

  public static var fieldSchema: FieldSchema { ExecutionState.fieldSchema }

  public static var placeholder: ExecutionStateChanges {
    ExecutionStateChanges(phase: .keep, activeAgentType: .keep, activeWave: .keep)
  }

  private init(
    phase: Change<String>, activeAgentType: Change<String>, activeWave: Change<Int64>
  ) {
    self.phase = phase
    self.activeAgentType = activeAgentType
    self.activeWave = activeWave
  }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object)
    phase = try fields.change("execution_phase", "The phase inside the status.")
    activeAgentType = try fields.change("active_agent_type", "What kind of agent is at work.")
    activeWave = try fields.change("active_wave", "The wave at work.")
    guard let unknown = fields.unknownKeys.first else { return }
    throw field.invalid(
      "\(field.name) has no field \(unknown.quoted); it knows execution_phase, "
        + "active_agent_type and active_wave")
  }

  /// Does it.
  func apply(to state: inout ExecutionState) {
    state.phase = phase.applied(to: state.phase, empty: "")
    state.activeAgentType = activeAgentType.applied(to: state.activeAgentType, empty: "")
    state.activeWave = activeWave.applied(to: state.activeWave, empty: 0)
  }
}
