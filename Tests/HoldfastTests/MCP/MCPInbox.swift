import HoldfastJSON
import HoldfastTesting
import Synchronization

/// What `holdfast mcp` sends, in the order in which a test wants it.
final class MCPInbox: Sendable {
  let mcp: MCPProcess
  private let kept = Mutex<[JSON]>([])

  init(_ mcp: MCPProcess) { self.mcp = mcp }

  static let meta: JSON = [
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": [:],
  ]

  /// The first message that is wanted; the others are kept for later.
  func first(where isWanted: (JSON) -> Bool) throws -> JSON {
    let found = kept.withLock { kept in
      kept.firstIndex(where: isWanted).map { kept.remove(at: $0) }
    }
    if let found { return found }
    while true {
      let message = try mcp.answer()
      if isWanted(message) { return message }
      kept.withLock { $0.append(message) }
    }
  }

  /// Everything that has come by the answer to a request that is sent now.
  func untilNow() throws -> [JSON] {
    mcp.send(#"{"jsonrpc":"2.0","id":"now","method":"ping"}"#)
    _ = try first { $0["id"] == "now" }
    return kept.withLock { kept in
      defer { kept = [] }
      return kept
    }
  }

  /// Sends a request of 2026-07-28.
  func send(_ method: String, _ params: [(String, JSON)], id: JSON, meta more: JSON = [:]) {
    var meta = Self.meta.objectValue ?? JSONObject()
    for member in more.objectValue?.members ?? [] { meta.set(member.key, member.value) }
    let params = JSONObject(params + [("_meta", .object(meta))])
    mcp.send(
      JSON.object(
        JSONObject([
          ("jsonrpc", "2.0"), ("id", id), ("method", .string(method)), ("params", .object(params)),
        ])
      ).renderedText())
  }

  func cancel(_ id: JSON) {
    mcp.send(
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id.renderedText())}}"#
    )
  }

  /// Opens a subscription and waits until it is honoured; gives what is.
  @discardableResult
  func listen(to uris: [String], id: JSON, _ more: [(String, JSON)] = []) throws -> JSON {
    let filter = JSONObject([("resourceSubscriptions", .array(uris.map { .string($0) }))] + more)
    send("subscriptions/listen", [("notifications", .object(filter))], id: id)
    let message = try first { $0.subscription == id || $0["id"] == id }
    guard message["method"] == "notifications/subscriptions/acknowledged" else {
      throw TestFailure("not acknowledged first: \(message.renderedText())")
    }
    return message["params"]?["notifications"] ?? .null
  }

  /// The next change that a subscription tells of, nil for one without it.
  func change(_ id: JSON?) throws -> String? {
    try first { $0["method"] == "notifications/resources/updated" && $0.subscription == id }[
      "params"]?["uri"]?.stringValue
  }

  /// Waits until a subscription tells of a resource.
  func change(of uri: String, _ id: JSON?) throws {
    while try change(id) != uri {}
  }

  /// Calls a tool; other messages are kept.
  @discardableResult
  func call(_ tool: String, _ arguments: JSON = [:], id: JSON = "call") throws -> JSON {
    send("tools/call", [("name", .string(tool)), ("arguments", arguments)], id: id)
    let answer = try first { $0["id"] == id }
    guard let result = answer["result"], result["isError"] == nil else {
      throw TestFailure("\(tool): \(answer.renderedText())")
    }
    return result["structuredContent"] ?? .null
  }
}

extension JSON {
  /// The subscription that a message belongs to.
  var subscription: JSON? {
    self["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"]
  }
}
