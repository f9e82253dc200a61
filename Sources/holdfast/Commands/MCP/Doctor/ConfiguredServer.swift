import HoldfastJSON
import HoldfastModel

/// An entry of this program in the configuration of a client, as the client uses it.
struct ConfiguredServer {
  /// How the client reaches the server.
  enum Way {
    /// It starts a program: its words, and the variables that are configured.
    case stdio(words: [String], variables: [(String, String)])
    /// It sends to an address.
    case http(url: String, headers: [(String, String)])
  }

  let client: MCPClient
  /// `user`, `project`, or `local` for what Claude Code keeps for a folder.
  let scope: String
  let file: String
  let way: Way
  /// The command or the address as the file has it, without values of variables and passwords.
  let shown: String
  /// Whether it is switched off.
  let isDisabled: Bool
  /// The variables that it names and that are not set.
  let unset: [String]
  /// The folder in which the client starts it, where the entry says one.
  let directory: String?

  /// The command that writes this very entry anew.
  var install: String { Self.install(client, scope) }

  /// The command that writes the entry of a client anew.
  static func install(_ client: MCPClient, _ scope: String) -> String {
    let command = "holdfast mcp install --client \(client.rawValue)"
    switch scope {
    case MCPClient.Scope.project.rawValue: return command + " --scope project"
    // What Claude Code keeps for a folder would count before what is written.
    case localScope: return "claude mcp remove --scope local \(MCPClient.entryName) && \(command)"
    default: return command
    }
  }

  /// The scope of what Claude Code keeps for a folder.
  static let localScope = "local"

  /// The entries of a client in one of its files.
  ///
  /// - Parameter folder: The folder whose own entries count.
  /// - Throws: ``HoldfastError`` when the file cannot be read as what it is.
  static func all(
    of client: MCPClient, _ scope: MCPClient.Scope, _ environment: Environment
  ) throws -> [ConfiguredServer] {
    let file = try client.file(scope, environment)
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.bytes(of: file, upTo: 64 << 20)
    } catch {
      if error.isMissing { return [] }
      throw error.asHoldfastError(file)
    }
    let document = try ClientConfiguration.document(bytes, of: client, file: file)
    var found: [ConfiguredServer] = []
    if let entry = client.path.reduce(document as JSON?, { $0?[$1] }) {
      found.append(
        try ConfiguredServer(entry, of: client, scope.rawValue, file, environment))
    }
    if client == .claude, scope == .user, let folder = environment.directory {
      let repository = Repository.search(from: folder).repository?.checkout
      for place in Set([folder, repository ?? folder]).sorted() {
        let path = ["projects", place] + client.path
        guard let entry = path.reduce(document as JSON?, { $0?[$1] }) else { continue }
        found.append(try ConfiguredServer(entry, of: client, localScope, file, environment))
      }
    }
    return found
  }

  private init(
    _ entry: JSON, of client: MCPClient, _ scope: String, _ file: String, _ environment: Environment
  ) throws(HoldfastError) {
    self.client = client
    self.scope = scope
    self.file = file
    var text = ConfiguredText(client, environment)
    isDisabled = entry["enabled"] == false || entry["disabled"] == true
    directory = entry["cwd"]?.stringValue.map { text.expanded($0) }
    let command = entry["command"]
    let words: [String] =
      if let name = command?.stringValue {
        [name] + (entry["args"]?.arrayValue ?? []).compactMap(\.stringValue)
      } else {
        (command?.arrayValue ?? []).compactMap(\.stringValue)
      }
    if let url = (entry["httpUrl"] ?? entry["url"])?.stringValue {
      var headers = (entry["http_headers"] ?? entry["headers"])?.objectValue?.members.map {
        ($0.key, text.expanded($0.value.stringValue ?? ""))
      }
      for header in entry["env_http_headers"]?.objectValue?.members ?? [] {
        let value = text.variable(header.value.stringValue ?? "")
        headers = (headers ?? []) + [(header.key, value)]
      }
      if let name = entry["bearer_token_env_var"]?.stringValue {
        headers = (headers ?? []) + [("Authorization", "Bearer " + text.variable(name))]
      }
      way = .http(url: text.expanded(url), headers: headers ?? [])
      shown = StoreURL.redacted(url)
    } else if !words.isEmpty {
      var variables = (entry["env"] ?? entry["environment"])?.objectValue?.members.map {
        ($0.key, text.expanded($0.value.stringValue ?? $0.value.renderedText()))
      }
      for name in (entry["env_vars"]?.arrayValue ?? []).compactMap(\.stringValue) {
        guard let value = environment[name] else { continue }
        variables = (variables ?? []) + [(name, value)]
      }
      way = .stdio(words: words.map { text.expanded($0) }, variables: variables ?? [])
      shown = words.map { StoreURL.redacted($0) }.joined(separator: " ")
    } else {
      throw HoldfastError(
        .usage,
        "\(file): the entry holdfast has neither a command nor an address: "
          + "'\(Self.install(client, scope))' writes it anew")
    }
    unset = text.unset
  }
}

/// Puts the values of variables into texts as a client does.
private struct ConfiguredText {
  private let client: MCPClient
  private let environment: Environment
  private(set) var unset: [String] = []

  init(_ client: MCPClient, _ environment: Environment) {
    self.client = client
    self.environment = environment
  }

  /// The value of a variable; notes one that is not set.
  mutating func variable(_ name: String, default standard: String? = nil) -> String {
    if let value = environment[name] ?? standard { return value }
    if !unset.contains(name) { unset.append(name) }
    return ""
  }

  mutating func expanded(_ text: String) -> String {
    let opening = client == .opencode ? "{" : "${"
    var result = ""
    var rest = text[...]
    while let first = rest.first {
      if rest.hasPrefix(opening), let end = rest.firstIndex(of: "}") {
        let name = rest[..<end].dropFirst(opening.count)
        if let value = value(of: String(name)) {
          result += value
          rest = rest[rest.index(after: end)...]
          continue
        }
      } else if client == .gemini, first == "$" {
        let name = rest.dropFirst().prefix {
          $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber)
        }
        if !name.isEmpty {
          result += variable(String(name))
          rest = name.base[name.endIndex...]
          continue
        }
      }
      result.append(first)
      rest = rest.dropFirst()
    }
    return result
  }

  /// What stands between the braces; nil where it means nothing to the client.
  private mutating func value(of name: String) -> String? {
    switch client {
    case .codex: return nil
    case .opencode: return name.hasPrefix("env:") ? variable(String(name.dropFirst(4))) : nil
    case .cursor, .vscode:
      switch name {
      case "workspaceFolder": return environment.directory ?? ""
      case "userHome": return environment.home ?? ""
      default: return name.hasPrefix("env:") ? variable(String(name.dropFirst(4))) : nil
      }
    case .claude, .gemini:
      let parts = name.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
      return variable(String(parts[0]), default: parts.count > 1 ? String(parts[1]) : nil)
    }
  }
}
