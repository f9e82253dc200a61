import HoldfastJSON
import HoldfastModel

/// A program that talks to MCP servers, and how its configuration says which.
enum MCPClient: String, CaseIterable {
  case claude
  case codex
  case cursor
  case vscode
  case opencode
  case gemini

  /// Whom a configuration is for.
  enum Scope: String, CaseIterable {
    case user
    case project
  }

  /// The name of the entry.
  static let entryName = "holdfast"

  /// The file that says which servers there are.
  ///
  /// - Throws: ``HoldfastError`` when there is no folder for it.
  func file(_ scope: Scope, _ environment: Environment) throws(HoldfastError) -> String {
    switch scope {
    case .user:
      guard let home = environment.home, let configuration = environment.configurationHome else {
        throw HoldfastError(.usage, "HOME does not say where your configuration is")
      }
      switch self {
      case .claude:
        return Path.join(environment["CLAUDE_CONFIG_DIR"] ?? home, ".claude.json")
      case .codex:
        return Path.join(environment["CODEX_HOME"] ?? Path.join(home, ".codex"), "config.toml")
      case .cursor: return Path.join(home, ".cursor/mcp.json")
      case .vscode: return Path.join(configuration, "Code/User/mcp.json")
      case .opencode: return Self.openCode(in: Path.join(configuration, "opencode"))
      case .gemini: return Path.join(home, ".gemini/settings.json")
      }
    case .project:
      let folder = try Self.projectFolder(environment)
      switch self {
      case .claude: return Path.join(folder, ".mcp.json")
      case .codex: return Path.join(folder, ".codex/config.toml")
      case .cursor: return Path.join(folder, ".cursor/mcp.json")
      case .vscode: return Path.join(folder, ".vscode/mcp.json")
      case .opencode: return Self.openCode(in: folder)
      case .gemini: return Path.join(folder, ".gemini/settings.json")
      }
    }
  }

  /// The folder of the files that are for one project: the checkout, or the folder outside of a repository.
  ///
  /// - Throws: ``HoldfastError`` when it is gone.
  static func projectFolder(_ environment: Environment) throws(HoldfastError) -> String {
    guard let directory = environment.directory else {
      throw HoldfastError(.usage, "the current folder is gone: go to the project's folder")
    }
    return Repository.search(from: directory).repository?.checkout ?? directory
  }

  /// The folder of the files that are for one project, in which some are to be written.
  ///
  /// - Throws: ``HoldfastError`` when it is gone, or belongs to no project.
  static func projectFolderToWrite(_ environment: Environment) throws(HoldfastError) -> String {
    let folder = try projectFolder(environment)
    guard folder != "/" else {
      throw HoldfastError(
        .usage,
        "/ is in no git repository, and what is there is of no project: go to the project's folder")
    }
    return folder
  }

  /// What else the client wants before it uses an entry of a project; nil for nothing.
  var projectCondition: String? {
    switch self {
    case .claude: "Claude Code asks in each checkout whether it may use the entry"
    case .codex: "Codex reads the file in projects that it trusts"
    case .vscode: "VS Code asks whether it may start the server"
    case .cursor, .opencode, .gemini: nil
    }
  }

  /// OpenCode reads its file with either ending.
  private static func openCode(in folder: String) -> String {
    let other = Path.join(folder, "opencode.jsonc")
    return Path.exists(other) ? other : Path.join(folder, "opencode.json")
  }

  /// Whether the file is TOML; else it is JSON.
  var isTOML: Bool { self == .codex }

  /// Where in the file the entry stands.
  var path: [String] {
    switch self {
    case .claude, .cursor, .gemini: ["mcpServers", Self.entryName]
    case .codex: ["mcp_servers", Self.entryName]
    case .vscode: ["servers", Self.entryName]
    case .opencode: ["mcp", Self.entryName]
    }
  }
}
