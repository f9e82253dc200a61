internal import HoldfastJSON

/// The MCP door over HTTP: one message a POST, each standing alone; no sessions are made.
public struct StreamableHTTP: Sendable {
  /// The largest message, in bytes.
  public static let bodyBytesMax = 4 * 1024 * 1024

  public init() {}

  /// What a POST says beside its body.
  public struct Head: Sendable {
    /// Gives the values of a header by its name in lower case.
    public let values: @Sendable (String) -> [String]
    /// The set of tools that the query names; nil for the usual one.
    public let tools: String?

    public init(tools: String?, values: @escaping @Sendable (String) -> [String]) {
      self.tools = tools
      self.values = values
    }
  }

  /// An answer.
  public struct Answer: Sendable {
    public let status: Int
    /// Empty for none.
    public let body: [UInt8]
    /// Takes back what was done, for a client that has left; nil where that stands.
    public var undo: (@Sendable () -> Void)?

    init(_ status: Int, _ body: [UInt8]) {
      self.status = status
      self.body = body
    }
  }

  /// Makes an answer, where there is time for it.
  public typealias Reply = @Sendable () -> Answer

  /// Answers a POST; calls `reply` once, on any thread, which it may not hold up.
  ///
  /// - Parameters:
  ///   - open: What is sent before the answer; cancelled when the client leaves.
  public func handle(
    _ body: [UInt8], _ head: Head, on backend: any ToolBackend,
    as open: OpenRequest = OpenRequest(),
    reply: @escaping @Sendable (@escaping Reply) -> Void
  ) {
    do throws(Refusal) {
      try checkTypes(head)
      guard let tools = Toolset(named: head.tools ?? "core") else {
        throw Refusal(
          status: 400,
          RPCError(.invalidParams, "tools is one of \(Toolset.allNames.joined(separator: ", "))"))
      }
      let message: JSON
      do {
        message = try JSONReader.read(body, limits: .init(depth: Message.depthMax))
      } catch {
        return reply { Self.rendered(MCPService.unreadable(error.description)) }
      }
      let call = Call(service: MCPService(tools: tools), head: head, backend: backend, open: open)
      if case .array(let batch) = message { return try call.handle(batch: batch, reply) }
      try call.handle(message, reply)
    } catch {
      let refusal = error
      reply { Answer(refusal.status, refusal.error.json.rendered()) }
    }
  }

  /// - Parameter era: Before 2026-07-28 a client that leaves has cancelled nothing.
  static func rendered(_ outgoing: MCPService.Outgoing?, _ era: Era = .legacy) -> Answer {
    guard let outgoing else { return Answer(202, []) }
    var answer = Answer(outgoing.status, outgoing.message.rendered())
    if era == .modern { answer.undo = outgoing.undo }
    return answer
  }

  private func checkTypes(_ head: Head) throws(Refusal) {
    let content = head.values("content-type").first ?? ""
    guard MediaTypes.names("application/json", content) else {
      throw Refusal(
        status: 415, RPCError(.invalidRequest, "Content-Type must be application/json"))
    }
    let accepted = head.values("accept")
    guard MediaTypes.accepts("application/json", accepted),
      MediaTypes.accepts("text/event-stream", accepted)
    else {
      throw Refusal(
        status: 406,
        RPCError(.invalidRequest, "Accept must name application/json and text/event-stream"))
    }
  }

  /// A refusal with its status.
  struct Refusal: Error {
    let status: Int
    let error: RPCError

    init(status: Int, _ error: RPCError) {
      self.status = status
      self.error = error
    }

    init(_ error: RPCError) { self.init(status: error.httpStatus, error) }
  }
}

/// One POST.
private struct Call {
  let service: MCPService
  let head: StreamableHTTP.Head
  let backend: any ToolBackend
  let open: OpenRequest

  private var identity: CallIdentity {
    CallIdentity(
      agent: head.values("x-agent-id").first, project: head.values("holdfast-project").first)
  }

  /// Handles a body that is one message.
  func handle(
    _ json: JSON, _ reply: @escaping @Sendable (@escaping StreamableHTTP.Reply) -> Void
  ) throws(StreamableHTTP.Refusal) {
    do throws(RPCError) {
      switch try Message(json) {
      case .notification, .response:
        try RoutingHeaders(head.values, id: nil).checkVersion()
        reply { StreamableHTTP.Answer(202, []) }
      case .request(let request):
        let era = try RoutingHeaders(head.values, id: request.id).era(of: request)
        try service.handle(request, era, from: identity, on: backend, as: open) { made in
          reply { StreamableHTTP.rendered(made(), era) }
        }
      }
    } catch {
      throw StreamableHTTP.Refusal(error)
    }
  }

  /// Handles several messages at once, which only clients of 2025-03-26 send.
  func handle(
    batch: [JSON], _ reply: @escaping @Sendable (@escaping StreamableHTTP.Reply) -> Void
  ) throws(StreamableHTTP.Refusal) {
    let version = head.values("mcp-protocol-version").first
    guard version == nil || version == Revision.y2025m03.rawValue, Batch.isLegacy(batch) else {
      throw StreamableHTTP.Refusal(
        RPCError(.invalidRequest, "the body must be one message, not a list"))
    }
    Batch(batch).handle { message, answered in
      service.handle(message, from: identity, on: backend) { made in answered { made()?.message } }
    } completion: { answers in
      reply {
        answers().map { StreamableHTTP.Answer(200, $0.rendered()) }
          ?? StreamableHTTP.Answer(202, [])
      }
    }
  }
}
