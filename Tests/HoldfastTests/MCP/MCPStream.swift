import HoldfastJSON
import HoldfastTesting

/// One POST to `/mcp`, and its answer as it comes.
final class MCPStream {
  let connection: RawConnection
  private(set) var status = 0
  private var headers: [String: String] = [:]
  private var received: [UInt8] = []
  private var hasHead = false

  /// Sends a request of 2026-07-28, or an older one.
  init(
    _ client: HTTPClient, _ method: String, _ params: [(String, JSON)] = [], id: JSON = "x",
    meta more: [(String, JSON)] = [], modern: Bool = true, agent: String = "ann",
    takesLittle: Bool = false
  ) throws {
    guard let connection = RawConnection(client) else { throw TestFailure("nobody accepts") }
    self.connection = connection
    if takesLittle { connection.takeLittle() }
    var meta = modern ? MCPInbox.meta.objectValue ?? JSONObject() : JSONObject()
    for (name, value) in more { meta.set(name, value) }
    let body = JSON.object(
      JSONObject([
        ("jsonrpc", "2.0"), ("id", id), ("method", .string(method)),
        ("params", .object(JSONObject(params + [("_meta", .object(meta))]))),
      ])
    ).rendered()
    var head = """
      POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
      Accept: application/json, text/event-stream\r\nHoldfast-Project: p\r\n\
      X-Agent-ID: \(agent)\r\nContent-Length: \(body.count)\r\n
      """
    if modern {
      head += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: \(method)\r\n"
      if let name = params.first(where: { $0.0 == "name" })?.1.stringValue {
        head += "Mcp-Name: \(name)\r\n"
      }
    }
    connection.send(Array((head + "\r\n").utf8) + body)
  }

  /// A call of a tool.
  convenience init(
    _ client: HTTPClient, tool: String, _ arguments: JSON = [:], meta: [(String, JSON)] = [],
    modern: Bool = true, agent: String = "ann"
  ) throws {
    try self.init(
      client, "tools/call", [("name", .string(tool)), ("arguments", arguments)], meta: meta,
      modern: modern, agent: agent)
  }

  /// A subscription.
  convenience init(
    _ client: HTTPClient, listeningTo uris: [String], id: JSON = "x", takesLittle: Bool = false
  ) throws {
    let filter = JSONObject([("resourceSubscriptions", .array(uris.map { .string($0) }))])
    try self.init(
      client, "subscriptions/listen", [("notifications", .object(filter))], id: id,
      takesLittle: takesLittle)
  }

  subscript(_ header: String) -> String? { headers[header.lowercased()] }

  /// The headers of the answer, once they are there.
  func head() throws {
    guard !hasHead else { return }
    hasHead = true
    let lines = try line(endingWith: "\r\n\r\n").split(separator: "\r\n" as Character)
    status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
    }
  }

  /// The next message; nil at the end of the stream.
  func message() throws -> JSON? {
    try head()
    guard self["Content-Type"] == "text/event-stream" else {
      let length = self["Content-Length"].flatMap { Int($0) } ?? 0
      return length == 0 ? nil : try JSONReader.read(try take(length))
    }
    while true {
      while let end = body.firstRange(of: Array("\n\n".utf8)) {
        let event = String(decoding: body[..<end.lowerBound], as: UTF8.self)
        body.removeSubrange(..<end.upperBound)
        if event == ":" { continue }
        guard event.hasPrefix("data: ") else { throw TestFailure(event) }
        return try JSONReader.read(Array(event.dropFirst(6).utf8))
      }
      let length = Int(try line(endingWith: "\r\n").dropLast(1), radix: 16) ?? 0
      body += try take(length + 2).dropLast(2)
      if length == 0 { return nil }
    }
  }

  /// What has come of the stream and is no whole event yet.
  private var body: [UInt8] = []

  /// Waits for an update of a resource; gives which.
  func change() throws -> String? {
    while true {
      guard let message = try message() else { throw TestFailure("the stream has ended") }
      if message["method"] == "notifications/resources/updated" {
        return message["params"]?["uri"]?.stringValue
      }
    }
  }

  private func line(endingWith end: String) throws -> String {
    while true {
      if let found = received.firstRange(of: Array(end.utf8)) {
        defer { received.removeSubrange(..<found.upperBound) }
        return String(decoding: received[..<found.upperBound], as: UTF8.self)
      }
      try readOn()
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count { try readOn() }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  private func readOn() throws {
    guard let bytes = connection.read(upTo: 65_536) else { throw TestFailure("the end") }
    received += bytes
  }
}
