private import CSystem
private import Glibc
import HoldfastJSON
import HoldfastModel

/// `mcp install`: tells a client of this program.
enum MCPInstall {
  static func make() -> Command {
    Command(
      "install", summary: "Writes this server into the configuration of an MCP client.",
      discussion: """
        Only the entry of holdfast is added or changed; all else in the file stays as it is. The file as it \
        was is kept beside it with the ending .holdfast-backup. Who calls this again changes nothing.

        With the scope project the file is in the repository, for all who work on it, and names the program \
        as holdfast; else it names this very file.
        """,
      examples: [
        Example("holdfast mcp install", "Tells Claude Code, in all projects."),
        Example(
          "holdfast mcp install --client codex --print", "Shows what would be changed for Codex."),
        Example(
          "holdfast mcp install --client vscode --scope project",
          "Tells VS Code, for all who work on this repository."),
      ],
      options: Settings.options("port") + [
        .choice(
          "client", "program", MCPClient.allCases.map(\.rawValue), "Whose configuration it is.",
          default: "claude"),
        .choice(
          "scope", "scope", MCPClient.Scope.allCases.map(\.rawValue),
          "All of your projects, or this one.", default: "user"),
        .choice(
          "transport", "way", ["stdio", "http"],
          "Whether the client starts this program, or uses the server that runs on this machine.",
          default: "stdio"),
        .flag("print", "Shows the change, and makes none."),
      ]
    ) { try run($0) }
  }

  /// The largest configuration, in bytes.
  private static let bytesMax = 64 << 20

  private static func run(_ invocation: Invocation) throws -> Int32 {
    let client = MCPClient(rawValue: invocation.requiredText("client")) ?? .claude
    let scope = MCPClient.Scope(rawValue: invocation.requiredText("scope")) ?? .user
    let file = try client.file(scope, invocation.environment)
    let before: [UInt8]
    do {
      before = try FileBytes.bytes(of: file, upTo: bytesMax)
    } catch {
      guard error.isMissing else { throw error.asHoldfastError(file) }
      before = []
    }
    let configuration = try ClientConfiguration(
      before, of: client, try transport(scope, invocation), file: file)
    let isPrinted = invocation.flag("print")
    if !configuration.isUnchanged, !isPrinted {
      try write(configuration, to: file, newMode: scope == .user ? 0o600 : 0o644)
    }
    let isWritten = !configuration.isUnchanged && !isPrinted
    let answer = JSONObject([
      ("client", .string(client.rawValue)), ("file", .string(file)),
      ("changed", .bool(isWritten)),
      ("difference", .array(configuration.difference.map { .string($0) })),
    ])
    invocation.output.show(.object(answer)) {
      guard !configuration.isUnchanged else {
        return invocation.output.line("\(file) says so already")
      }
      invocation.output.line(isPrinted ? "\(file) would change:" : "\(file):")
      for line in configuration.difference { invocation.output.line(line) }
      if isWritten { invocation.output.note("start \(client.rawValue) anew to have the tools") }
    }
    return 0
  }

  private static func transport(
    _ scope: MCPClient.Scope, _ invocation: Invocation
  ) throws -> MCPClient.Transport {
    if invocation.text("transport") == "http" {
      let port = try Settings.load(for: invocation).port
      guard port > 0 else {
        throw HoldfastError(.usage, "--transport http needs --port: the one that the server has")
      }
      return .http(url: "http://127.0.0.1:\(port)/mcp")
    }
    // Where a repository is used, this file may be elsewhere.
    return .stdio(program: scope == .project ? "holdfast" : try ChildProcesses.program())
  }

  // MARK: Writing

  /// Writes the file as a whole or not at all, and keeps what it was.
  private static func write(
    _ configuration: ClientConfiguration, to file: String, newMode: mode_t
  ) throws(HoldfastError) {
    // A link stays one: what it leads to is written.
    let target = Path.real(file) ?? file
    var status = stat()
    let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : newMode
    try makeFolder(of: target)
    if !configuration.before.isEmpty {
      try put(configuration.before, as: target + ".holdfast-backup", mode)
    }
    try put(configuration.after, as: target, mode)
  }

  private static func makeFolder(of file: String) throws(HoldfastError) {
    var folder = ""
    for part in Path.parent(of: file).split(separator: "/") {
      folder += "/" + part
      guard mkdir(folder, 0o755) == 0 || Path.kind(of: folder) == .folder else {
        throw failure(folder)
      }
    }
  }

  private static func put(
    _ bytes: [UInt8], as file: String, _ mode: mode_t
  ) throws(HoldfastError) {
    let draft = "\(file).\(getpid())"
    let descriptor = holdfast_open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { throw failure(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    let isWritten = rest.isEmpty && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
    close(descriptor)
    guard isWritten, rename(draft, file) == 0 else {
      let error = failure(file)
      unlink(draft)
      throw error
    }
  }

  private static func failure(_ file: String) -> HoldfastError {
    HoldfastError(.notAllowed, "cannot write \(file): \(SystemFailure.sentence(errno))")
  }
}
