public import HoldfastJSON
public import HoldfastModel

extension ExecutionState: FieldValue {
  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("ExecutionState") { (fields: inout Fields) throws(HoldfastError) in
        _ = try ExecutionState(reading: &fields)
      })
  }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("an object, not \(json.kind)")
    }
    var fields = Fields(object, matching: .folded)
    self = try ExecutionState(reading: &fields)
  }

  public init(reading fields: inout Fields) throws(HoldfastError) {
    self.init(
      phase: try fields.value("execution_phase", "The phase inside the status.", default: ""),
      activeAgentType: try fields.value(
        "active_agent_type", "What kind of agent is at work.", default: ""),
      activeWave: try fields.value("active_wave", "The wave at work.", default: 0))
  }
}
