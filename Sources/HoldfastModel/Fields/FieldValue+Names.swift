public import HoldfastJSON

/// Gives a name's type its place in requests: a string that its own initializer checks.
public protocol NameField: Name, FieldValue {
  static var example: String { get }

  /// Creates a name from a caller's text.
  ///
  /// - Throws: ``HoldfastError`` with a sentence on the rule that the text breaks.
  init(_ text: String) throws(HoldfastError)
}

extension NameField {
  public static var fieldSchema: FieldSchema { .text(lengthMin: 1) }
  public static var placeholder: Self { Self(stored: example) }
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .string(let text) = json else { throw field.mustBe("a string, not \(json.kind)") }
    try self.init(text)
  }
  public var fieldJSON: JSON { .string(text) }
}

extension ProjectName: NameField {
  public static var example: String { "project" }
}
extension TaskFilename: NameField {
  public static var example: String { "task" }

  public static var fieldSchema: FieldSchema { .text() }

  /// As a field it asks for a task: a name that no task can have is no mistake, it finds none.
  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    self.init(stored: Self.normalised(try String(json, field: field)))
  }
}
extension TaskID: NameField {
  public static var example: String { "k3m9qz" }
  public static var fieldSchema: FieldSchema { .text(lengthMin: 1, lengthMax: 64) }
}
extension WorkflowName: NameField {
  public static var example: String { "release-train" }
  public static var fieldSchema: FieldSchema { .text(lengthMin: 1, lengthMax: bytesMax) }
}
extension TopicName: NameField {
  public static var example: String { "topic" }
}
extension AgentID: NameField {
  public static var example: String { "agent" }
  public static var fieldSchema: FieldSchema { .text(lengthMin: 1, lengthMax: AgentID.bytesMax) }
}
extension LockPath: NameField {
  public static var example: String { "Sources/main.swift" }
  public static var fieldSchema: FieldSchema { .text(lengthMin: 1, lengthMax: LockPath.bytesMax) }
}
extension MediaType: NameField {
  public static var example: String { "text/plain" }
  public static var fieldSchema: FieldSchema { .text(lengthMin: 3, lengthMax: 255) }
}
extension WorkerName: NameField {
  public static var example: String { "worker" }
  public static var fieldSchema: FieldSchema { .text(lengthMax: 255) }
}
