import HoldfastJSON

/// What an entry of this program in the configuration of a client says.
struct ClientEntry {
  /// How the client reaches the server.
  enum Transport {
    /// It starts this program.
    ///
    /// `forwarded` names variables of the client's own environment that the program gets, and whose values
    /// stand nowhere.
    case stdio(program: String, variables: [(String, String)], forwarded: [String])
    /// It sends to this address.
    ///
    /// `tokenVariable` names the environment variable that has the token, which itself stands nowhere.
    case http(url: String, headers: [(String, String)], tokenVariable: String?)
  }

  /// A way to reach the server.
  enum Kind: String, CaseIterable {
    case stdio
    case http

    /// The one of an entry that is there; nil when it says neither a command nor an address.
    init?(of entry: JSONObject) {
      if ClientEntry.address(in: entry) != nil {
        self = .http
      } else if entry["command"] != nil {
        self = .stdio
      } else {
        return nil
      }
    }
  }

  let client: MCPClient
  let transport: Transport

  /// The address in an entry that is there.
  static func address(in entry: JSONObject) -> String? {
    (entry["httpUrl"] ?? entry["url"])?.stringValue
  }

  /// The entry as it comes out, given the one that is there: what others put into it stays.
  func merged(into old: JSONObject?) -> JSONObject {
    var merged = old ?? JSONObject()
    merged.members.removeAll { foreignKeys.contains($0.key) }
    for member in members(over: old).members {
      guard let inner = member.value.objectValue, var there = merged[member.key]?.objectValue else {
        merged.set(member.key, member.value)
        continue
      }
      for variable in inner.members { there.set(variable.key, variable.value) }
      merged.set(member.key, .object(there))
    }
    return merged
  }

  /// What is to stand in it: our own members, and those that only a new entry gets.
  func members(over old: JSONObject?) -> JSONObject {
    var members = JSONObject()
    if let type { members.set("type", .string(type)) }
    switch transport {
    case .stdio(let program, var variables, let forwarded):
      let words = arguments(over: old)
      if client == .opencode {
        members.set("command", .array(([program] + words).map { .string($0) }))
      } else {
        members.set("command", .string(program))
        members.set("args", .array(words.map { .string($0) }))
      }
      if client == .codex, !forwarded.isEmpty {
        let there = (old?["env_vars"]?.arrayValue ?? []).compactMap(\.stringValue)
        let all = there + forwarded.filter { !there.contains($0) }
        members.set("env_vars", .array(all.map { .string($0) }))
      } else {
        variables += forwarded.map { ($0, reference(to: $0)) }
      }
      if !variables.isEmpty {
        members.set(client == .opencode ? "environment" : "env", Self.object(variables))
      }
    case .http(let url, let headers, let tokenVariable):
      members.set(client == .gemini ? "httpUrl" : "url", .string(url))
      var headers = headers
      if let tokenVariable {
        if client == .codex {
          members.set("bearer_token_env_var", .string(tokenVariable))
        } else {
          headers.append(("Authorization", "Bearer " + reference(to: tokenVariable)))
        }
      }
      if !headers.isEmpty {
        members.set(client == .codex ? "http_headers" : "headers", Self.object(headers))
      }
    }
    if client == .opencode, old?["enabled"] == nil { members.set("enabled", true) }
    return members
  }

  /// What an entry that is there says and this one does not, as a person reads it; of values that may be
  /// secret only the names.
  func lost(from old: JSONObject) -> [String] {
    var lost: [String] = []
    var kept: [String] = []
    if case .stdio = transport {
      kept = arguments(over: old)
      if let query = Self.address(in: old)?.split(separator: "?", maxSplits: 1).dropFirst().first {
        lost.append("?\(query) of the address")
      }
    }
    let arguments = words(of: old).filter { $0 != "mcp" }
    if !arguments.allSatisfy(kept.contains) {
      lost.append("the arguments \(arguments.joined(separator: " "))")
    }
    // Ours stands in place of these.
    let replaced = ["command", "args", "url", "httpUrl"]
    for name in foreignKeys where !replaced.contains(name) {
      guard let value = old[name] else { continue }
      let names =
        value.objectValue.map { $0.members.map(\.key) }
        ?? (value.arrayValue ?? []).compactMap(\.stringValue)
      lost.append(names.isEmpty ? name : "\(name) (\(names.joined(separator: ", ")))")
    }
    return lost
  }

  /// The names of the variables that stay in an entry where they count for nothing.
  func idle(in old: JSONObject) -> [String] {
    guard case .http = transport, !foreignKeys.contains("env") else { return [] }
    return old["env"]?.objectValue?.members.map(\.key) ?? []
  }

  /// The words behind the program's name in an entry that is there.
  private func words(of entry: JSONObject?) -> [String] {
    let words =
      client == .opencode
      ? entry?["command"]?.arrayValue?.dropFirst() : entry?["args"]?.arrayValue?[...]
    return (words ?? []).compactMap(\.stringValue)
  }

  /// The members that say another transport, or that the client refuses beside this one.
  var foreignKeys: [String] {
    switch (client, transport) {
    case (.codex, .http): ["command", "args", "env", "env_vars", "cwd"]
    case (.codex, .stdio):
      ["url", "bearer_token_env_var", "http_headers", "env_http_headers"]
    case (.opencode, .http): ["command", "environment", "cwd"]
    case (.opencode, .stdio): ["url", "headers", "oauth"]
    case (_, .http): ["command", "args"]
    case (_, .stdio): ["url", "httpUrl"]
    }
  }

  private var type: String? {
    switch (client, transport) {
    case (.claude, .stdio), (.vscode, .stdio): "stdio"
    case (.claude, .http), (.vscode, .http): "http"
    case (.opencode, .stdio): "local"
    case (.opencode, .http): "remote"
    case (.codex, _), (.cursor, _), (.gemini, _): nil
    }
  }

  /// The words behind the program's name: those that are there, when they start this door.
  private func arguments(over old: JSONObject?) -> [String] {
    let words = words(of: old)
    guard words.contains("mcp") else { return ["mcp"] }
    // An option would count before a variable.
    guard case .stdio(_, let variables, let forwarded) = transport,
      !variables.isEmpty || !forwarded.isEmpty
    else { return words }
    let options = ["--store", "--project", "--config"]
    return words.contains { word in options.contains { word.hasPrefix($0) } } ? ["mcp"] : words
  }

  /// How the client's configuration says the value of an environment variable.
  private func reference(to variable: String) -> String {
    switch client {
    case .claude, .gemini, .codex: "${\(variable)}"
    case .cursor, .vscode: "${env:\(variable)}"
    case .opencode: "{env:\(variable)}"
    }
  }

  private static func object(_ pairs: [(String, String)]) -> JSON {
    .object(JSONObject(pairs.map { ($0.0, .string($0.1)) }))
  }
}
