internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// One call of a tool.
struct ToolRun: Sendable {
  private let tool: Tool
  private let call: ToolCall
  private let error: HoldfastError?
  private let params: JSONObject

  /// Reads a call.
  ///
  /// - Throws: ``RPCError`` for what is no call of a tool; what is wrong with its arguments is the
  ///   tool's own result.
  init(
    _ params: JSONObject, of tools: Toolset, _ identity: CallIdentity
  ) throws(RPCError) {
    guard let name = params["name"]?.stringValue else {
      throw RPCError(.invalidParams, "tools/call needs the name of a tool")
    }
    guard let tool = tools.named(name) else {
      let known = tools.names
      throw RPCError(
        .invalidParams, "there is no tool \(name)\(EditDistance.hint(name, among: known))",
        data: JSONObject([("tools", .array(known.map { .string($0) }))]))
    }
    let arguments: JSONObject
    switch params["arguments"] {
    case nil, .null: arguments = JSONObject()
    case .object(let object): arguments = object
    case .some(let other):
      throw RPCError(.invalidParams, "arguments must be an object, not \(other.kind)")
    }
    self.params = params
    self.tool = tool
    error = Self.unknown(arguments, tool) ?? Self.missing(arguments, tool)
    call = Self.call(arguments, tool, identity)
  }

  /// The refusal of an argument that the tool does not have.
  private static func unknown(_ arguments: JSONObject, _ tool: Tool) -> HoldfastError? {
    let known = tool.arguments.map(\.name)
    guard let unknown = arguments.members.map(\.key).first(where: { !known.contains($0) }) else {
      return nil
    }
    let hint =
      EditDistance.nearest(unknown, among: known).map { "; did you mean \"\($0)\"?" }
      ?? "; it takes \(known.joined(separator: ", "))"
    return HoldfastError(
      .unknownField, "\(tool.name) takes no \"\(unknown)\"\(hint)",
      details: [("field", .string(unknown))])
  }

  /// The refusal of a call without an argument that it has to give.
  private static func missing(_ arguments: JSONObject, _ tool: Tool) -> HoldfastError? {
    tool.arguments.first { tool.requires($0) && arguments[$0.name] == nil }.map {
      HoldfastError(
        .invalidField, "\($0.name) is required", details: [("field", .string($0.name))])
    }
  }

  private static func call(
    _ arguments: JSONObject, _ tool: Tool, _ identity: CallIdentity
  ) -> ToolCall {
    var fields = arguments
    for (name, value) in tool.defaults where fields[name] == nil { fields.set(name, value) }
    var agent = identity.agent
    for field in tool.input where CallIdentity.mayGive(field) {
      if let given = fields[field.name]?.stringValue {
        if field.isCaller { agent = given }
      } else if fields[field.name] == nil, let value = identity.value(of: field) {
        fields.set(field.name, .string(value))
      }
    }
    return ToolCall(operation: tool.operation.name, fields: fields, agent: agent)
  }

  /// Runs it; `completion` gets what makes the result.
  func start(
    on backend: any ToolBackend, as open: OpenRequest,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    if let error { return completion { ToolResult(error) } }
    var call = call
    if call.fields["project"] == nil, tool.input.contains(where: { $0.name == "project" }) {
      do {
        guard let project = try backend.project() else {
          return completion { ToolResult(Self.noProject) }
        }
        call.fields.set("project", .string(project))
      } catch {
        return completion { ToolResult(error) }
      }
    }
    let progress = WaitingProgress(params, call, open)
    progress?.start()
    run(call, on: backend, as: open, mayConnect: true) { made in
      progress?.stop()
      completion(made)
    }
  }

  typealias Made = @Sendable () -> ToolResult

  private static let noProject = HoldfastError(
    .invalidField, "project is required: pass project, or have HOLDFAST_PROJECT configured",
    details: [("field", "project")])

  /// - Parameter mayConnect: Whether an agent that nobody knows yet is made known, once.
  private func run(
    _ call: ToolCall, on backend: any ToolBackend, as open: OpenRequest, mayConnect: Bool,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    backend.run(call, for: open) { [self] result in
      if mayConnect, case .failure(let error as HoldfastError) = result,
        error.code == .agentNotFound, let agent = call.agent,
        error.details.contains(where: { $0.value.stringValue == agent })
      {
        let connect = ToolCall(
          operation: "agent_connect", fields: JSONObject([("agent", .string(agent))]), agent: nil)
        return backend.run(connect) { connected in
          // Another call of the agent may have come first.
          if case .failure(let error) = connected,
            (error as? HoldfastError)?.code != .alreadyExists
          {
            return completion { ToolResult(error) }
          }
          run(call, on: backend, as: open, mayConnect: false, completion)
        }
      }
      guard let then = tool.then, case .success(let answer) = result else {
        return completion { made(of: result, call) }
      }
      backend.later { follow(answer, then, of: call, on: backend, as: open, completion) }
    }
  }

  /// Asks for what belongs to an answer.
  private func follow(
    _ answer: @escaping ToolBackend.Answer, _ then: (JSON) -> ToolCall.Next?, of call: ToolCall,
    on backend: any ToolBackend, as open: OpenRequest,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    let given: JSON?
    do {
      given = try answer()
    } catch {
      return completion { ToolResult(error) }
    }
    if let held = given?["already_held"] == true ? given?["fence"]?.int64Value : nil {
      let mayBeTold = TakenBack.ours.keep(held) {
        backend.later { run(call, on: backend, as: open, mayConnect: false, completion) }
      }
      guard mayBeTold else { return }
    }
    guard let given, let next = then(given) else {
      return completion { made(of: .success { given }, call) }
    }
    backend.run(call.followed(by: next)) { more in
      completion {
        // What was done is done: that something beside it cannot be read is no refusal.
        made(of: .success { given }, call, with: (try? more.get()()) ?? nil)
      }
    }
  }

  private func made(
    of result: Result<ToolBackend.Answer, any Error>, _ call: ToolCall, with more: JSON? = nil
  ) -> ToolResult {
    do {
      guard let answer = try result.get()() else {
        return ToolResult(JSONObject([("message", .string(tool.nothing))]))
      }
      var object = tool.answer.shape(answer)
      for member in more?.objectValue?.members ?? [] { object.set(member.key, member.value) }
      if let hint = tool.hint?(answer) { object.set("next", .string(hint)) }
      var made = ToolResult(object)
      made.undo = tool.undo?(answer).map { ToolResult.Undo(call: call.followed(by: $0)) }
      return made
    } catch {
      return ToolResult(error)
    }
  }
}
