private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// The server that answers for a store, as far as MCP clients are concerned.
enum RunningServer {
  /// How long it may take to say that it is there, in seconds.
  private static let secondsMax = 2

  /// Where MCP clients reach the server of the settings' store; nil when none runs, or when it has no MCP.
  static func address(_ settings: Settings) -> String? {
    let candidate: String? =
      switch settings.databaseURL {
      case .sqlite(let path): holder(of: path)?.mcp.map(reachable)
      case .remote(let url): url + "/mcp"
      case .postgresql where settings.port > 0: address(port: settings.port)
      case .postgresql, .json: nil
      }
    guard let candidate, isHoldfast(candidate) else { return nil }
    // Somebody else's server may have the usual port.
    if case .postgresql = settings.databaseURL,
      health(beside: candidate, [])?.text("store").hasPrefix("PostgreSQL") != true
    {
      return nil
    }
    return candidate
  }

  /// The address on this machine with a port.
  static func address(port: Int) -> String { "http://127.0.0.1:\(port)/mcp" }

  /// Whether an address leads to this machine and nowhere else.
  static func isLocal(_ url: String) -> Bool {
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    return ["127.0.0.1", "localhost", "[::1]"].contains { host in
      guard authority.hasPrefix(host) else { return false }
      let port = authority.dropFirst(host.count)
      return port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy(\.isNumber)
    }
  }

  /// Who holds a store in a file; nil when nobody does any more.
  static func holder(of path: String) -> StoreLock.Holder? {
    guard let holder = StoreLock.holder(path: path), holder.kind != "command",
      kill(holder.pid, 0) == 0 || errno == EPERM
    else { return nil }
    return holder
  }

  /// What the server of an address says about its health; nil when it is none of ours.
  static func health(beside url: String, _ headers: [(String, String)]) -> JSON? {
    guard url.hasSuffix("/mcp"),
      let answer = try? WebClient(url: String(url.dropLast(4))).send(
        "GET", "/v1/health", headers: headers, seconds: secondsMax)
    else { return nil }
    return (try? JSONReader.read(answer.body)).flatMap { $0["store"] == nil ? nil : $0 }
  }

  /// The project that commands in the current folder work on, as far as it is known without a store.
  static func folderProject(of invocation: Invocation) -> String? {
    try? Settings.load(for: invocation).projectIdentity(in: invocation.environment).name.text
  }

  /// An address that is for all of this machine's own leads to this machine.
  private static func reachable(_ url: String) -> String {
    url.replacing("://0.0.0.0:", with: "://127.0.0.1:").replacing("://[::]:", with: "://[::1]:")
  }

  private static func isHoldfast(_ url: String) -> Bool {
    guard let conversation = try? HTTPConversation(url: url, headers: [], seconds: secondsMax),
      let answer = try? conversation.ask(
        [
          "jsonrpc": "2.0", "id": 1, "method": "initialize",
          "params": [
            "protocolVersion": "2025-11-25", "capabilities": [:],
            "clientInfo": ["name": "holdfast", "version": .string(HoldfastVersion.current)],
          ],
        ], speaking: "2025-11-25")
    else { return false }
    return answer["result"]?["serverInfo"]?.text("name") == "holdfast"
  }
}
