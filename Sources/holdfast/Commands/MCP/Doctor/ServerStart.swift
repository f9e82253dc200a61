private import Glibc
import HoldfastModel

/// How a client starts the program of an entry.
struct ServerStart {
  private let words: [String]
  private let install: String?
  /// The names of the variables that are configured.
  private let configured: [String]
  /// The whole environment of the program.
  let variables: [String: String]
  /// The folder that it starts in.
  let directory: String?

  /// What clients pass on of their own environment, whatever is configured.
  private static let passedOn = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"]

  /// - Parameter install: The command that puts this very program into the entry; nil for none.
  init(
    _ words: [String], _ configured: [(String, String)], in folder: String?,
    install: String? = nil, _ environment: Environment
  ) {
    self.words = words
    self.install = install
    self.configured = configured.map(\.0)
    var variables = environment.variables.filter { Self.passedOn.contains($0.key) }
    for (name, value) in configured { variables[name] = value }
    self.variables = variables
    directory =
      folder.flatMap { folder in environment.directory.map { Path.join($0, folder) } }
      ?? environment.directory
  }

  /// The file of the program.
  ///
  /// - Throws: ``MCPFlaw`` when there is none, or when it cannot be started.
  func program() throws(MCPFlaw) -> String {
    let name = words.first ?? ""
    let folders = name.contains("/") ? [directory ?? "/"] : Self.folders(in: variables["PATH"])
    var found: String?
    for folder in folders {
      let file = Path.join(folder, name)
      guard Path.kind(of: file) == .file else { continue }
      if access(file, X_OK) == 0 { return file }
      found = found ?? file
    }
    if let found {
      throw MCPFlaw(
        "\(found) is no program that may be started", "'chmod +x' makes it one, if it is")
    }
    throw MCPFlaw(
      name.contains("/") ? "there is no \(name)" : "there is no \(name) in the folders of PATH",
      "install it" + (install.map { ", or have '\($0)' write where this one is" } ?? ""))
  }

  private static func folders(in path: String?) -> [String] {
    (path ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
  }

  /// Whether this very program would be started, as a server and with no variables but its own.
  func isThisServer(_ program: String) -> Bool {
    words.dropFirst().first == "mcp" && Path.real(program) == (try? ChildProcesses.program())
      && configured.allSatisfy { $0.hasPrefix(SettingDeclaration.variablePrefix) }
  }

  /// The settings that the program has, where it is this one.
  ///
  /// - Returns: nil for another program, and for words that this one refuses, which it says itself.
  func settings(of program: String) -> Settings? {
    let isOurs =
      ["holdfast", "kas"].contains(Path.name(of: program))
      || Path.real(program) == (try? ChildProcesses.program())
    guard isOurs else { return nil }
    var parser = CommandParser(root: CommandTree.holdfast)
    guard let call = try? parser.parse(Array(words.dropFirst())) else { return nil }
    return try? Settings.load(
      for: call.values, Environment(variables: variables, directory: directory))
  }
}
