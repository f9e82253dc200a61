public import HoldfastJSON
public import HoldfastModel

extension WorkflowEvent: FieldValue {
  public static var fieldSchema: FieldSchema { .text(choices: allCases.map(\.rawValue)) }
  public static var placeholder: WorkflowEvent { .planStart }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    try self.init(parsing: String(json, field: field))
  }
  public var fieldJSON: JSON { .string(rawValue) }
}

extension StatusOverride: FieldValue {
  public static var fieldSchema: FieldSchema { .text(choices: allCases.map(\.rawValue)) }
  public static var placeholder: StatusOverride { .ready }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    self = try StatusOverride.parse(String(json, field: field))
  }
  public var fieldJSON: JSON { .string(rawValue) }
}
