internal import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// One call of a tool.
struct ToolRun: Sendable {
  private let tool: Tool
  private let form: ToolForm
  /// The call, or what is wrong with its arguments.
  private let call: Result<ToolCall, any Error>
  /// What was said about the answer.
  private let wishes: JSONObject
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
    form = tools.form
    var wishes = JSONObject()
    call = Result { [form] in try Self.call(arguments, tool, form, identity, &wishes) }
    self.wishes = wishes
  }

  private static func call(
    _ arguments: JSONObject, _ tool: Tool, _ form: ToolForm, _ identity: CallIdentity,
    _ wishes: inout JSONObject
  ) throws -> ToolCall {
    var fields = JSONObject()
    var agent = identity.agent
    for member in arguments.members {
      guard let argument = tool.arguments.first(where: { $0.isCalled(member.key) }) else {
        // Who says in each call who calls is heard, also where the tool does nothing with it.
        guard form == .native, member.key == "agent", let name = member.value.stringValue else {
          throw form.unknown(member.key, of: tool)
        }
        agent = name
        continue
      }
      let value =
        member.value.isNull
        ? member.value : try argument.convert?(member.value) ?? member.value
      if argument.isLocal {
        wishes.set(argument.target, value)
      } else {
        fields.set(argument.target, value)
      }
    }
    for (name, value) in tool.defaults where fields[name] == nil { fields.set(name, value) }
    for field in tool.input where CallIdentity.mayGive(field) {
      if let given = fields[field.name]?.stringValue {
        if field.isCaller { agent = given }
      } else if fields[field.name] == nil, let value = identity.value(of: field) {
        fields.set(field.name, .string(value))
      }
    }
    try checkRequired(fields, tool, form)
    tool.complete?(&fields)
    return ToolCall(operation: tool.operation.name, fields: fields, agent: agent)
  }

  /// Refuses a call without what the tool needs, also where its operation would do without.
  private static func checkRequired(
    _ fields: JSONObject, _ tool: Tool, _ form: ToolForm
  ) throws(HoldfastError) {
    // The project may still be found.
    for argument in tool.arguments where argument.field.isRequired && argument.target != "project" {
      let value = fields[argument.target]
      guard value?.isNull ?? true || form == .native && value == "" else { continue }
      throw HoldfastError(
        .invalidField, form.missing(argument, isEmpty: value == ""),
        details: [("field", .string(argument.name))])
    }
  }

  /// Runs it; `completion` gets what makes the result.
  func start(
    on backend: any ToolBackend, as open: OpenRequest,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    do {
      let call = try call.get()
      guard call.fields["project"]?.isNull ?? true,
        tool.input.contains(where: { $0.name == "project" })
      else { return go(call, on: backend, as: open, completion) }
      form.findProject(on: backend) { found in
        do {
          var call = call
          call.fields.set("project", .string(try found.get()))
          go(call, on: backend, as: open, completion)
        } catch {
          completion { form.refusal(error, of: tool) }
        }
      }
    } catch {
      completion { form.refusal(error, of: tool) }
    }
  }

  /// Runs a call that knows its project, and tells of its progress while it waits.
  private func go(
    _ call: ToolCall, on backend: any ToolBackend, as open: OpenRequest,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    let progress = WaitingProgress(params, call, open)
    progress?.start()
    run(call, on: backend, as: open, mayConnect: form.connectsAgents) { made in
      progress?.stop()
      completion(made)
    }
  }

  typealias Made = @Sendable () -> ToolResult

  /// - Parameters:
  ///   - mayConnect: Whether an agent that nobody knows yet is made known, once.
  ///   - mayRepeat: Whether a claim that is being taken back is asked for anew, once.
  private func run(
    _ call: ToolCall, on backend: any ToolBackend, as open: OpenRequest, mayConnect: Bool,
    mayRepeat: Bool = true,
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
            return completion { form.refusal(error, of: tool) }
          }
          run(
            call, on: backend, as: open, mayConnect: false, mayRepeat: mayRepeat, completion)
        }
      }
      if let list = tool.page, case .success(let answer) = result {
        return backend.later {
          fit(list, in: answer, of: call, on: backend, as: open, completion)
        }
      }
      guard let then = tool.then, case .success(let answer) = result else {
        return completion { made(of: result, call) }
      }
      backend.later {
        follow(answer, then, of: call, on: backend, as: open, mayRepeat: mayRepeat, completion)
      }
    }
  }

  /// Asks once more for as many entries of a list as fit, where not all do: the next page has to begin
  /// behind the last one that is shown.
  private func fit(
    _ list: String, in answer: @escaping ToolBackend.Answer, of call: ToolCall,
    on backend: any ToolBackend, as open: OpenRequest,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    let given = Result { try answer() }
    var fewer = call
    guard let whole = try? given.get(), let shown = try? tool.answer.shape(whole, call.fields),
      let count = Shortening.fitting(list, in: shown)
    else { return completion { made(of: given.map { json in { json } }, call) } }
    fewer.fields.set("limit", .number(JSONNumber(Int64(count))))
    let asked = fewer
    backend.run(asked, for: open) { result in completion { made(of: result, asked) } }
  }

  /// Asks for what belongs to an answer.
  private func follow(
    _ answer: @escaping ToolBackend.Answer, _ then: (JSON) -> ToolCall.Next?, of call: ToolCall,
    on backend: any ToolBackend, as open: OpenRequest, mayRepeat: Bool,
    _ completion: @escaping @Sendable (@escaping Made) -> Void
  ) {
    let given: JSON?
    do {
      given = try answer()
    } catch {
      return completion { form.refusal(error, of: tool) }
    }
    if mayRepeat, let held = given?["already_held"] == true ? given?["fence"]?.int64Value : nil {
      let mayBeTold = TakenBack.ours.keep(held) {
        backend.later {
          run(call, on: backend, as: open, mayConnect: false, mayRepeat: false, completion)
        }
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
      guard let answer = try result.get()() else { return form.result(tool.nothing, of: tool) }
      var given = call.fields
      for wish in wishes.members { given.set(wish.key, wish.value) }
      var object = try tool.answer.shape(answer, given)
      for member in more?.objectValue?.members ?? [] { object.set(member.key, member.value) }
      if let hint = tool.hint?(answer) { object.set("next", .string(hint)) }
      var made = form.result(object, of: tool)
      made.undo = tool.undo?(answer).map { ToolResult.Undo(call: call.followed(by: $0)) }
      return made
    } catch let error as HoldfastError {
      return tool.absent?(error).map { form.result($0, of: tool) } ?? form.refusal(error, of: tool)
    } catch {
      return form.refusal(error, of: tool)
    }
  }
}
