internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// One tool: an operation as an agent sees it.
///
/// Names, bounds and descriptions of its arguments are the operation's own; a tool chooses which of
/// them an agent needs, and how much of the answer.
struct Tool: Sendable {
  let name: String
  private let title: String
  /// When to use it, and what it answers.
  private let description: String
  let operation: OperationEntry
  /// The operation's fields.
  let input: [ObjectSchema.Field]
  /// Those that are arguments.
  let arguments: [ToolArgument]
  /// As ``ToolSchema`` takes it.
  let nested: [String]?
  private let kind: Kind
  /// Shortens the operation's answer.
  let answer: ToolAnswer
  /// What holds for fields that no argument gives, where the operation means something else.
  let defaults: [(String, JSON)]
  /// What is answered when the operation has nothing to give.
  let nothing: JSONObject
  /// The list in the answer that comes in pages; nil for none.
  let page: String?
  /// What is asked for with the answer, whose answer then stands beside it.
  let then: (@Sendable (JSON) -> ToolCall.Next?)?
  /// What takes back what was done for a caller that has gone.
  let undo: (@Sendable (JSON) -> ToolCall.Next?)?
  /// What an agent may want to do about an answer.
  let hint: (@Sendable (JSON) -> String?)?
  /// What is answered in place of a refusal, where that is no failure to an older contract.
  var absent: (@Sendable (HoldfastError) -> JSONObject?)?
  /// Sets fields that follow from others.
  var complete: (@Sendable (inout JSONObject) -> Void)?

  /// Which fields of the operation are arguments.
  enum Arguments: Sendable {
    case all
    case only([ToolArgument.Spec])
  }

  /// What a call does, for clients that ask people first.
  enum Kind: Sendable {
    case read
    case write
    /// A write that may be repeated without being done twice.
    case idempotent
    case destructive
  }

  init(
    _ name: String, title: String, _ description: String, _ operation: OperationEntry,
    _ arguments: Arguments, nested: [String]? = [], kind: Kind = .write,
    answer: ToolAnswer = .whole,
    defaults: [(String, JSON)] = [],
    nothing: JSONObject = JSONObject([("message", "nothing to give")]),
    page: String? = nil,
    then: (@Sendable (JSON) -> ToolCall.Next?)? = nil,
    undo: (@Sendable (JSON) -> ToolCall.Next?)? = nil,
    hint: (@Sendable (JSON) -> String?)? = nil,
    absent: (@Sendable (HoldfastError) -> JSONObject?)? = nil,
    complete: (@Sendable (inout JSONObject) -> Void)? = nil
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.operation = operation
    input = operation.input().fields
    switch arguments {
    case .all: self.arguments = input.map { ToolArgument($0) }
    case .only(let specs):
      self.arguments = specs.compactMap { [input] in ToolArgument($0, among: input) }
    }
    self.nested = nested
    self.kind = kind
    self.answer = answer
    self.defaults = defaults
    self.nothing = nothing
    self.page = page
    self.then = then
    self.undo = undo
    self.hint = hint
    self.absent = absent
    self.complete = complete
  }

  /// The definition as `tools/list` sends it.
  var definition: JSON {
    .object(
      JSONObject([
        ("name", .string(name)), ("title", .string(title)), ("description", .string(description)),
        ("inputSchema", ToolSchema.input(of: self)), ("annotations", annotations),
      ]))
  }

  private var annotations: JSON {
    switch kind {
    case .read: ["readOnlyHint": true, "openWorldHint": false]
    case .write: ["destructiveHint": false, "openWorldHint": false]
    case .idempotent: ["destructiveHint": false, "idempotentHint": true, "openWorldHint": false]
    case .destructive: ["openWorldHint": false]
    }
  }
}
