public import HoldfastJSON
internal import HoldfastModel

/// Who calls and for which project, where the arguments do not say so.
///
/// Nothing of it is remembered between calls: it comes with each request, or from the process that
/// passes it on.
public struct CallIdentity: Sendable {
  public var agent: String?
  public var project: String?

  public init(agent: String? = nil, project: String? = nil) {
    self.agent = agent
    self.project = project
  }

  /// Whether it may say what a call leaves out.
  static func mayGive(_ field: ObjectSchema.Field) -> Bool {
    field.isCaller || field.name == "project"
  }

  func value(of field: ObjectSchema.Field) -> String? {
    field.isCaller ? agent : field.name == "project" ? project : nil
  }
}

/// An operation that a tool asks for.
public struct ToolCall: Sendable {
  /// The operation's name.
  public let operation: String
  public var fields: JSONObject
  /// Who calls, where it is known.
  public let agent: String?

  /// A call that follows from the answer of another one, in the same project by the same agent.
  struct Next {
    let operation: String
    let fields: [(String, JSON)]
  }

  func followed(by next: Next) -> ToolCall {
    let project = fields["project"].map { [("project", $0)] } ?? []
    return ToolCall(
      operation: next.operation, fields: JSONObject(project + next.fields), agent: agent)
  }
}

/// Runs the operations of tools, wherever the store is.
public protocol ToolBackend: Sendable {
  /// Makes the answer ready: its native JSON, or nil when the operation waited in vain.
  ///
  /// Called where there is time for it.
  typealias Answer = @Sendable () throws -> JSON?

  /// Runs an operation and calls `completion` once, on any thread, which it may not hold up.
  func run(
    _ call: ToolCall, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void)

  /// Runs an operation for a request, and ends its wait with nothing when the client cancels that.
  func run(
    _ call: ToolCall, for request: OpenRequest,
    _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void)

  /// The way of the process itself, whose answers no client gets to see as they are.
  var own: any ToolBackend { get }

  /// Runs work that takes a moment, where nobody waits behind it.
  func later(_ work: @escaping @Sendable () -> Void)

  /// The project of a call that names none; nil when there is none to be told.
  func project() throws -> String?
}

extension ToolBackend {
  public func run(
    _ call: ToolCall, for request: OpenRequest,
    _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
  ) {
    run(call, completion)
  }

  public var own: any ToolBackend { self }

  public func later(_ work: @escaping @Sendable () -> Void) { work() }
}
