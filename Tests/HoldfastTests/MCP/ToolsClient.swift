import Glibc
import HoldfastJSON
import HoldfastTesting
import Testing

/// A client of one set of tools, over one of the two transports.
final class ToolsClient: Sendable {
  enum Transport: String, CaseIterable, Sendable {
    case stdio
    case http
  }

  private enum Connection {
    case stdio(MCPProcess)
    case http(TestService, path: String, headers: [(String, String)])
  }

  private let connection: Connection

  /// - Parameters:
  ///   - set: The name of the set of tools.
  ///   - project: The project that is configured; nil for none.
  init(
    _ home: TestHome, _ set: String, over transport: Transport = .stdio, project: String? = "p",
    agent: String? = nil
  ) throws {
    switch transport {
    case .stdio:
      connection = .stdio(
        try MCPProcess(home, ["--tools", set], project: project, agent: agent))
    case .http:
      let headers =
        [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
        + (project.map { [("Holdfast-Project", $0)] } ?? [])
        + (agent.map { [("X-Agent-ID", $0)] } ?? [])
      connection = .http(try home.serve(), path: "/mcp?tools=\(set)", headers: headers)
    }
  }

  deinit {
    if case .http(let service, _, _) = connection { service.process.signal(SIGTERM) }
  }

  /// The other doors of the server; nil where there is none.
  var server: HTTPClient? {
    if case .http(let service, _, _) = connection { service.client } else { nil }
  }

  /// Sends a request as clients with a handshake do; gives the whole answer.
  func request(_ method: String, _ params: JSON = [:]) throws -> JSON {
    switch connection {
    case .stdio(let process): return try process.request(method, params.renderedText())
    case .http(let service, let path, let headers):
      let message: JSON = [
        "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params,
      ]
      let answer = service.client.post(path, message.renderedText(), headers: headers)
      guard let json = answer.json else { throw TestFailure("\(answer.status): \(answer.text)") }
      return json
    }
  }

  /// The whole result of a tool.
  func result(of tool: String, _ arguments: JSON = [:]) throws -> JSON {
    let answer = try request("tools/call", ["name": .string(tool), "arguments": arguments])
    guard let result = answer["result"] else { throw TestFailure(answer.renderedText()) }
    return result
  }

  /// What is shown of a tool's result.
  static func text(of result: JSON) -> String {
    result["content"]?.arrayValue?.first?["text"]?.stringValue ?? ""
  }

  /// What a tool answers; its text and its structured form must say the same.
  @discardableResult
  func call(_ tool: String, _ arguments: JSON = [:]) throws -> JSON {
    let result = try result(of: tool, arguments)
    guard result["isError"] == nil, let answer = result["structuredContent"] else {
      throw TestFailure("\(tool): \(result.renderedText())")
    }
    #expect(try JSONReader.read(Array(Self.text(of: result).utf8)) == answer, "\(tool)")
    return answer
  }

  /// The text with which a tool refuses.
  func refusal(of tool: String, _ arguments: JSON = [:]) throws -> String {
    let result = try result(of: tool, arguments)
    guard result["isError"] == true else { throw TestFailure("\(tool): \(result.renderedText())") }
    return Self.text(of: result)
  }
}

extension JSON {
  /// The keys of an object in their order.
  var keys: [String] { objectValue?.members.map(\.key) ?? [] }
}
