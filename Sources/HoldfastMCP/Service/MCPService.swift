public import HoldfastJSON
internal import HoldfastModel
internal import HoldfastStore

/// The MCP door without its transport: takes messages, answers messages.
///
/// It keeps nothing between messages, so any number of clients may use one service, and each message may
/// be of another era.
public struct MCPService: Sendable {
  /// Makes an answer ready to be sent; nil for a message that gets none.
  ///
  /// Called once, where there is time for it.
  public typealias Reply = @Sendable () -> Outgoing?

  /// A message on its way out.
  public struct Outgoing: Sendable {
    public let message: JSON
    /// The status over HTTP.
    public let status: Int
    /// Takes back what was done, for a client that does not want the answer any more; nil where that
    /// stands.
    var undo: (@Sendable () -> Void)?

    init(message: JSON, status: Int) {
      self.message = message
      self.status = status
    }
  }

  private let tools: Toolset

  /// - Parameter tools: The tools that clients see.
  public init(tools: Toolset) { self.tools = tools }

  /// Handles one message, and calls `reply` once, on any thread, which it may not hold up.
  ///
  /// - Parameters:
  ///   - message: What came in.
  ///   - identity: Who calls, as far as the arguments do not say so.
  ///   - backend: Runs the operations of tools.
  ///   - open: What is sent before the answer, and whether that is still wanted.
  ///   - reply: Gets what makes the answer.
  public func handle(
    _ message: JSON, from identity: CallIdentity, on backend: any ToolBackend,
    as open: OpenRequest = OpenRequest(), reply: @escaping @Sendable (@escaping Reply) -> Void
  ) {
    do throws(RPCError) {
      switch try Message(message) {
      case .response, .notification: reply { nil }
      case .request(let request):
        try handle(request, Era(of: request), from: identity, on: backend, as: open, reply)
      }
    } catch {
      let refusal = error
      reply { Outgoing(message: refusal.json, status: refusal.httpStatus) }
    }
  }

  /// The answer to what is no JSON.
  public static func unreadable(_ reason: String) -> Outgoing {
    Outgoing(message: RPCError(.parse, "the message is not JSON: \(reason)").json, status: 400)
  }

  // MARK: Requests

  func handle(
    _ request: Message.Request, _ era: Era, from identity: CallIdentity,
    on backend: any ToolBackend, as open: OpenRequest,
    _ reply: @escaping @Sendable (@escaping Reply) -> Void
  ) throws(RPCError) {
    do throws(RPCError) {
      switch request.method {
      case "tools/call":
        try ToolRun(request.params, of: tools, identity).start(on: backend, as: open) { made in
          open.end()
          reply {
            let result = made()
            var outgoing = Self.sent(result.members, to: request.id, era)
            if let undo = result.undo { outgoing.undo = { undo.run(on: backend) } }
            return outgoing
          }
        }
      case "resources/read":
        try ResourceRead(request.params, of: tools, era, identity).start(on: backend) { made in
          reply { Self.sent(made(), to: request, era) }
        }
      case "completion/complete":
        try Completion(request.params, of: tools.resources, identity).start(on: backend) { made in
          reply { Self.sent(made(), to: request, era) }
        }
      case "subscriptions/listen" where era == .modern && open.subscriptions != nil:
        try listen(request, from: identity, on: backend, as: open, reply)
      case "resources/subscribe" where era == .legacy && open.client != nil:
        try subscribe(request, from: identity, on: backend, as: open, reply)
      case "resources/unsubscribe" where era == .legacy && open.client != nil:
        open.client?.unsubscribe(from: try Self.uri(request))
        reply { Self.sent([], to: request.id, era) }
      default:
        let result = try answer(to: request, era, lasts: open.client != nil)
        reply { Self.sent(result, to: request.id, era) }
      }
    } catch {
      throw error.of(request, era)
    }
  }

  // MARK: Subscriptions

  private func listen(
    _ request: Message.Request, from identity: CallIdentity, on backend: any ToolBackend,
    as open: OpenRequest, _ reply: @escaping @Sendable (@escaping Reply) -> Void
  ) throws(RPCError) {
    guard let subscriptions = open.subscriptions else { return }
    let listening = try Listening(
      request, of: tools.resources, project: try Self.project(identity, backend))
    listening.start(open, subscriptions, on: backend) { ended in
      reply { ended.map { Self.sent($0, to: request, .modern) } }
    }
  }

  private func subscribe(
    _ request: Message.Request, from identity: CallIdentity, on backend: any ToolBackend,
    as open: OpenRequest, _ reply: @escaping @Sendable (@escaping Reply) -> Void
  ) throws(RPCError) {
    guard let subscriptions = open.subscriptions, let client = open.client else { return }
    let uri = try Self.uri(request)
    let project = try Self.project(identity, backend)
    guard let watched = WatchedResource(uri, of: tools.resources, project: project) else {
      throw RPCError(
        .resourceNotFound,
        "there is no resource \(uri.quoted): resources/list tells which there are",
        data: JSONObject([("uri", .string(uri))]))
    }
    client.subscribe(to: watched, in: subscriptions, on: backend) { refusal in
      let result: Result<[(String, JSON)], RPCError> =
        refusal.map { .failure(RPCError(.internalError, $0.message)) } ?? .success([])
      reply { Self.sent(result, to: request, .legacy) }
    }
  }

  private static func uri(_ request: Message.Request) throws(RPCError) -> String {
    guard let uri = request.params["uri"]?.stringValue else {
      throw RPCError(.invalidParams, "\(request.method) needs the uri of a resource")
    }
    return uri
  }

  /// The project of the caller; nil when there is none to be told.
  private static func project(
    _ identity: CallIdentity, _ backend: any ToolBackend
  ) throws(RPCError) -> String? {
    do {
      return try identity.project ?? backend.project()
    } catch {
      throw RPCError(.internalError, HoldfastError(told: error).message)
    }
  }

  // MARK: Answers

  /// Makes the result of a request, or its error, where there is time for it.
  typealias Made = @Sendable () -> Result<[(String, JSON)], RPCError>

  /// What a request is answered with that asks the store for nothing.
  private func answer(
    to request: Message.Request, _ era: Era, lasts: Bool
  ) throws(RPCError) -> [(String, JSON)] {
    switch (request.method, era) {
    case ("server/discover", .modern): return Discovery.discover(tools)
    case ("initialize", .legacy):
      return Discovery.initialize(request.params, tools, lasts: lasts)
    case ("ping", .legacy): return []
    case ("tools/list", _):
      try Self.checkCursor(request.params)
      return [("tools", .array(tools.definitions))] + Self.cacheHints(era)
    case ("resources/list", _):
      try Self.checkCursor(request.params)
      return [("resources", .array(tools.resources.fixedDefinitions))] + Self.cacheHints(era)
    case ("resources/templates/list", _):
      try Self.checkCursor(request.params)
      return [("resourceTemplates", .array(tools.resources.templateDefinitions))]
        + Self.cacheHints(era)
    case ("prompts/list", _):
      try Self.checkCursor(request.params)
      return [("prompts", .array(tools.hasPrompts ? Prompts.definitions : []))]
        + Self.cacheHints(era)
    case ("prompts/get", _): return try Prompts.get(request.params)
    default: throw RPCError(.methodNotFound, "there is no method \(request.method)")
    }
  }

  /// Every list fits into one page, so no cursor was ever given out.
  private static func checkCursor(_ params: JSONObject) throws(RPCError) {
    switch params["cursor"] {
    case nil, .null: return
    case .string(let cursor) where cursor.isEmpty: return
    default: throw RPCError(.invalidParams, "no list gave out this cursor")
    }
  }

  /// How long an answer may be kept; a list is good for a while, because it changes only with the
  /// program.
  static func cacheHints(_ era: Era, milliseconds: Int64 = 300_000) -> [(String, JSON)] {
    guard case .modern = era else { return [] }
    return [("ttlMs", .number(JSONNumber(milliseconds))), ("cacheScope", "private")]
  }

  private static func sent(
    _ made: Result<[(String, JSON)], RPCError>, to request: Message.Request, _ era: Era
  ) -> Outgoing {
    switch made {
    case .success(let members): return sent(members, to: request.id, era)
    case .failure(let error):
      let refusal = error.of(request, era)
      return Outgoing(message: refusal.json, status: refusal.httpStatus)
    }
  }

  private static func sent(
    _ members: [(String, JSON)], to id: RequestID, _ era: Era
  ) -> Outgoing {
    var result = JSONObject(members)
    if case .modern = era {
      result = JSONObject([("resultType", "complete")] + members)
      var meta = result["_meta"]?.objectValue ?? JSONObject()
      meta.set(MetaKey.serverInfo, Discovery.serverInfo)
      result.set("_meta", .object(meta))
    }
    let message = JSONObject([
      ("jsonrpc", "2.0"), ("id", id.json), ("result", .object(result)),
    ])
    return Outgoing(message: .object(message), status: 200)
  }
}

extension RPCError {
  /// The error as the answer to a request; before 2026-07-28 such an answer is a good one to HTTP.
  func of(_ request: Message.Request, _ era: Era) -> RPCError {
    var error = self
    error.id = error.id ?? request.id
    if case .legacy = era { error.httpStatus = 200 }
    return error
  }
}
