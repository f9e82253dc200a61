import CSystem
import Glibc
import HoldfastJSON
import HoldfastTesting

/// `holdfast mcp` in a process of its own, and a test as its client.
final class MCPProcess: Sendable {
  let process: TestProcess
  private let input: Int32

  init(
    _ home: TestHome, _ words: [String] = [], project: String? = "p", agent: String? = nil,
    directory: String? = nil
  ) throws {
    var ends: [Int32] = [0, 0]
    // Not a pipe: who writes to a process that was killed gets an error then, and no signal.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw TestFailure("no sockets: \(errno)")
    }
    var environment = home.environment
    environment["HOLDFAST_PROJECT"] = project
    environment["HOLDFAST_AGENT"] = agent
    defer { close(ends[0]) }
    process = try TestProcess(
      TestProcess.holdfast, ["mcp"] + words, environment: environment, input: ends[0],
      directory: directory ?? home.folder.path)
    input = ends[1]
  }

  deinit { close(input) }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends a line.
  func send(_ line: String) { send(Array((line + "\n").utf8)) }

  /// The next message that it sends.
  func answer() throws -> JSON {
    guard let line = process.line() else { throw TestFailure("no answer") }
    return try JSONReader.read(Array(line.utf8))
  }

  /// Sends a request and takes the answer to it.
  func request(_ method: String, _ params: String = "{}", id: String = "1") throws -> JSON {
    send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#)
    return try answer()
  }

  /// Calls a tool; gives what it answers, and fails when that is a refusal.
  @discardableResult
  func call(_ tool: String, _ arguments: JSON = [:]) throws -> JSON {
    let result = try result(of: tool, arguments)
    guard result["isError"] == nil else {
      throw TestFailure("\(tool): \(result.renderedText())")
    }
    return result["structuredContent"] ?? .null
  }

  /// Calls a tool; gives its whole result.
  func result(of tool: String, _ arguments: JSON = [:]) throws -> JSON {
    let params: JSON = [
      "name": .string(tool), "arguments": arguments,
      "_meta": [
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": [:],
      ],
    ]
    let answer = try request("tools/call", params.renderedText())
    guard let result = answer["result"] else { throw TestFailure(answer.renderedText()) }
    return result
  }

  /// Ends its input and waits for its end; gives its exit code.
  func end() -> Int32 {
    // The descriptor stays taken, so that the one that is closed last is still ours.
    let nothing = holdfast_open("/dev/null", O_WRONLY, 0)
    dup2(nothing, input)
    close(nothing)
    return process.wait()
  }
}
