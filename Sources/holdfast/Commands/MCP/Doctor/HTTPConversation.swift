import HoldfastClient
import HoldfastJSON
import HoldfastModel

/// Talks to an MCP server at an address.
final class HTTPConversation: MCPConversation {
  private let url: String
  private let headers: [(String, String)]
  private let seconds: Int
  private let install: String?
  private let client: WebClient

  /// - Parameters:
  ///   - headers: What the client is configured to send.
  ///   - seconds: How long an answer may take.
  ///   - install: The command that writes the client's entry, for advice.
  /// - Throws: ``HoldfastError`` when no HTTP client can start.
  init(
    url: String, headers: [(String, String)], seconds: Int, install: String? = nil
  ) throws(HoldfastError) {
    self.url = url
    self.headers = headers
    self.seconds = seconds
    self.install = install
    client = try WebClient(url: url)
  }

  func ask(_ message: JSON, speaking revision: String) throws(MCPFlaw) -> JSON {
    let answer = try send(message, revision)
    if let json = try? JSONReader.read(answer.body), json["jsonrpc"] != nil { return json }
    if let json = Self.event(in: answer.body) { return json }
    throw refusal(answer.status)
  }

  func tell(_ message: JSON, speaking revision: String) throws(MCPFlaw) {
    _ = try send(message, revision)
  }

  private func send(_ message: JSON, _ revision: String) throws(MCPFlaw) -> HTTPAnswer {
    var sent = [
      ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
    ]
    // What shakes hands says its revision in the message.
    if message["method"] != "initialize" { sent.append(("MCP-Protocol-Version", revision)) }
    sent.append(("Mcp-Method", message.text("method")))
    if let name = message["params"]?["name"]?.stringValue { sent.append(("Mcp-Name", name)) }
    let answer: HTTPAnswer
    do {
      answer = try client.send(
        "POST", body: message.rendered(), headers: sent + headers, seconds: seconds)
    } catch {
      let other = install.map { ", or have the client start its own ('\($0) --transport stdio')" }
      throw MCPFlaw(
        "nobody answers at \(url) (\(error.message))",
        error.isTimeout
          ? "look what keeps the server busy, or stop it and start it anew"
          : "start the server ('holdfast serve')" + (other ?? ""))
    }
    if [401, 403].contains(answer.status) { throw refusal(answer.status) }
    return answer
  }

  private func refusal(_ status: Int) -> MCPFlaw {
    switch status {
    case 401:
      MCPFlaw(
        "\(url) answers 401: it wants a token, and has none or a wrong one",
        "set the environment variable that the entry names, in the shell that starts the client")
    case 403:
      MCPFlaw("\(url) answers 403: it does not allow this client", "ask who runs the server")
    case 404, 405:
      MCPFlaw(
        "\(url) answers \(status): there is no MCP",
        "is it Holdfast, with /mcp at its end, and was it not started with --mcp false?")
    default:
      MCPFlaw("\(url) answers \(status) with what is no message", "is it Holdfast that runs there?")
    }
  }

  /// The message in the first event of a stream that has one.
  private static func event(in body: [UInt8]) -> JSON? {
    for line in body.split(separator: 0x0A) where line.starts(with: "data:".utf8) {
      let json = try? JSONReader.read(Array(line.dropFirst(5).drop { $0 == 0x20 }))
      if let json, json["id"] != nil { return json }
    }
    return nil
  }
}
