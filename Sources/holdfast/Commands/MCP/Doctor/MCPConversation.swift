import HoldfastJSON

/// A way to an MCP server, as one of its clients has it.
protocol MCPConversation: AnyObject {
  /// Sends a message, and waits for the answer to it.
  ///
  /// - Parameters:
  ///   - message: A request.
  ///   - revision: The revision that it speaks.
  /// - Throws: ``MCPFlaw`` when no answer comes.
  func ask(_ message: JSON, speaking revision: String) throws(MCPFlaw) -> JSON

  /// Sends a message that has no answer.
  func tell(_ message: JSON, speaking revision: String) throws(MCPFlaw)
}

/// What is wrong with a server as a client sees it.
struct MCPFlaw: Error, Equatable {
  /// What is wrong.
  let reason: String
  /// What to do next.
  let advice: String

  init(_ reason: String, _ advice: String) {
    self.reason = reason
    self.advice = advice
  }

  var sentence: String { advice.isEmpty ? reason : "\(reason): \(advice)" }
}

/// What a client sees of a server.
struct MCPSight {
  /// What the server is called.
  var name = ""
  var version = ""
  /// The revisions that it speaks, the newest first.
  var revisions: [String] = []
  /// The number of its tools.
  var tools = 0
  /// About how many tokens their descriptions take.
  var tokens = 0
  /// The project of a call that names none; empty where each call has to name it.
  var project = ""
  /// The agent of a call that names none.
  var agent = ""
  /// Whether a call was answered.
  var hasCalled = false
  /// What a call was refused with.
  var refusal: MCPFlaw?
  /// From the start to the first answer.
  var milliseconds = 0

  /// The revision whose requests stand alone.
  private static let modern = "2026-07-28"
  /// The newest one that clients shake hands for.
  private static let legacy = "2025-11-25"
  /// The tool that says where an agent stands, and changes nothing.
  private static let tool = "orient"

  private static func request(_ method: String, _ params: JSON) -> JSON {
    ["jsonrpc": "2.0", "id": .string(method), "method": .string(method), "params": params]
  }

  private static let meta: JSON = [
    "io.modelcontextprotocol/protocolVersion": .string(modern),
    "io.modelcontextprotocol/clientCapabilities": [:],
    "io.modelcontextprotocol/clientInfo": ["name": "holdfast-doctor", "version": "1"],
  ]

  /// Looks at a server as clients do: asks what it is in both ways, for its tools, and calls one.
  ///
  /// - Parameters:
  ///   - conversation: The way to it.
  ///   - calls: Whether a tool is called, which opens the store.
  ///   - milliseconds: The time since the start.
  init(
    over conversation: any MCPConversation, calls: Bool = true, _ milliseconds: () -> Int
  ) throws(MCPFlaw) {
    let discovered = try conversation.ask(
      Self.request("server/discover", ["_meta": Self.meta]), speaking: Self.modern)
    self.milliseconds = milliseconds()
    if let result = discovered["result"] {
      revisions = (result["supportedVersions"]?.arrayValue ?? []).compactMap(\.stringValue)
      take(result["_meta"]?["io.modelcontextprotocol/serverInfo"])
    }
    // Clients of today shake hands, whatever else they know.
    let answer = try conversation.ask(
      Self.request(
        "initialize",
        [
          "protocolVersion": .string(Self.legacy), "capabilities": [:],
          "clientInfo": ["name": "holdfast-doctor", "version": "1"],
        ]), speaking: Self.legacy)
    guard let result = answer["result"] else {
      throw Self.refused("initialize", answer)
    }
    let revision = result.text("protocolVersion")
    revisions.append(revision)
    take(result["serverInfo"])
    try conversation.tell(
      ["jsonrpc": "2.0", "method": "notifications/initialized"], speaking: revision)
    let listed = try conversation.ask(Self.request("tools/list", [:]), speaking: revision)
    guard let list = listed["result"]?["tools"]?.arrayValue else {
      throw Self.refused("tools/list", listed)
    }
    tools = list.count
    // Four bytes are about a token.
    tokens = list.reduce(0) { $0 + $1.rendered().count } / 4
    guard calls, list.contains(where: { $0["name"]?.stringValue == Self.tool }) else { return }
    let called = try conversation.ask(
      Self.request("tools/call", ["name": .string(Self.tool), "arguments": [:]]),
      speaking: revision)
    take(called: called)
  }

  private mutating func take(_ info: JSON?) {
    guard let info else { return }
    name = info.text("name")
    version = info.text("version")
  }

  private mutating func take(called answer: JSON) {
    guard let result = answer["result"] else {
      refusal = Self.refused("tools/call", answer)
      return
    }
    hasCalled = true
    let content = result["structuredContent"] ?? [:]
    guard result["isError"]?.boolValue != true else {
      // Over HTTP nobody knows the folder: then each call names its project.
      guard content.text("field") != "project" else { return }
      let message = content.text("message")
      refusal = MCPFlaw(
        "a call is refused with \(message.isEmpty ? result.renderedText() : message)",
        content.text("suggestion"))
      return
    }
    project = content.text("project")
    agent = content.text("agent")
  }

  private static func refused(_ method: String, _ answer: JSON) -> MCPFlaw {
    let message = answer["error"]?.text("message") ?? ""
    return MCPFlaw(
      "\(method) is answered with \(message.isEmpty ? answer.renderedText() : message)",
      "is this a server of MCP?")
  }
}
