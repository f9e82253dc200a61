import HoldfastJSON
import HoldfastModel

/// `mcp install`: tells a client of this program.
enum MCPInstall {
  static func make() -> Command {
    Command(
      "install", summary: "Writes this server into the configuration of an MCP client.",
      discussion: """
        Only what is ours of the entry holdfast is added or changed; all else in the file, and what somebody \
        added to the entry, stays as it is. The file as it was is kept beside it with the ending \
        .holdfast-backup. Who calls this again changes nothing.

        Where a server runs for the store, all clients share its address; elsewhere each starts this program. \
        An entry that is there keeps its way, until --transport says another. \
        --store, --project and --config stand in the entry, so that the client means the same. Over HTTP \
        nobody knows the folder: the project is configured with --project, or with the scope project.

        With the scope project the file is in the repository, for all who work on it, and names the program \
        as holdfast; else it names this very file.

        The server asks for no token. For one behind a proxy that does, --token-variable names the \
        environment variable that has it; the token itself is never written.
        """,
      examples: [
        Example("holdfast mcp install", "Tells Claude Code, in all projects."),
        Example(
          "holdfast mcp install --client codex --print", "Shows what would be changed for Codex."),
        Example(
          "holdfast mcp install --client vscode --scope project --transport stdio",
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
          "transport", "way", ClientEntry.Kind.allCases.map(\.rawValue),
          "Whether the client starts this program, or uses the server that runs.",
          defaultNote: "that of the entry; for a new one http where a server runs, else stdio"),
        .text(
          "token-variable", "name",
          "The environment variable with the token that the address wants."),
        .flag("print", "Shows the change, and makes none."),
      ]
    ) { try run($0) }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    let client = MCPClient(rawValue: invocation.requiredText("client")) ?? .claude
    let scope = MCPClient.Scope(rawValue: invocation.requiredText("scope")) ?? .user
    let folder =
      scope == .user ? nil : try MCPClient.projectFolderToWrite(invocation.environment)
    let path = try client.file(scope, invocation.environment)
    let file = try SetupFile(path, within: folder, isPrivate: scope == .user)
    let there = try ClientConfiguration.entry(in: file.bytes ?? [], of: client, file: path)
    let plan = try InstallPlan(client, scope, over: there, invocation)
    let configuration = try ClientConfiguration(file.bytes ?? [], plan.entry, file: path)
    let isChanged = configuration.after != file.bytes ?? []
    let isWritten = isChanged && !invocation.flag("print")
    var copy: String?
    if isWritten {
      copy = try file.keepCopy()
      try file.write(configuration.after)
    }
    let difference = Difference.lines(from: file.bytes, to: configuration.after, of: path)
    var answer = JSONObject([
      ("client", .string(client.rawValue)), ("file", .string(path)),
      ("transport", .string(plan.transport)), ("changed", .bool(isWritten)),
      ("difference", .array(difference.map { .string($0) })),
      ("notes", .array(plan.notes.map { .string($0) })),
    ])
    if let copy { answer.set("backup", .string(copy)) }
    invocation.output.show(.object(answer)) {
      guard isChanged else { return invocation.output.line("\(path) says so already") }
      for line in difference { invocation.output.line(line) }
      if let copy { invocation.output.note("as it was: \(copy)") }
      for note in plan.notes { invocation.output.note(note) }
      if isWritten {
        invocation.output.note(
          "start \(client.rawValue) anew to have the tools; 'holdfast mcp doctor --client "
            + "\(client.rawValue)' says what it sees")
      }
    }
    return 0
  }
}

/// What an entry is to say, and what there is to know about it.
private struct InstallPlan {
  let entry: ClientEntry
  let transport: String
  private(set) var notes: [String] = []

  /// - Parameter there: The entry that is there.
  init(
    _ client: MCPClient, _ scope: MCPClient.Scope, over there: JSONObject?,
    _ invocation: Invocation
  ) throws {
    let settings = try Settings.load(for: invocation)
    if scope == .project, let condition = client.projectCondition { notes.append(condition) }
    let wanted = invocation.text("transport").flatMap { ClientEntry.Kind(rawValue: $0) }
    let kind = wanted ?? there.flatMap { ClientEntry.Kind(of: $0) }
    let address = wanted == .stdio ? nil : RunningServer.address(settings)
    if kind == .http || kind == nil && address != nil {
      transport = "http"
      entry = ClientEntry(
        client: client,
        transport: try Self.http(
          address, over: there ?? JSONObject(), scope, settings, invocation, &notes))
    } else {
      transport = "stdio"
      if let address {
        notes.append(
          "the client starts this program, as before; --transport http has it use the server at "
            + address)
      }
      if invocation.isGiven("token-variable") {
        throw HoldfastError(
          .usage, "--token-variable is for an address: pass --transport http, too")
      }
      entry = ClientEntry(
        client: client, transport: try Self.stdio(scope, settings, invocation, &notes))
    }
    guard let there else { return }
    let lost = entry.lost(from: there)
    if !lost.isEmpty {
      notes.insert("the entry loses \(lost.joined(separator: "; "))", at: 0)
    }
    let idle = entry.idle(in: there)
    if !idle.isEmpty {
      notes.insert(
        "\(idle.joined(separator: ", ")): the entry keeps them, but they count for a program only; over "
          + "HTTP the headers X-Agent-ID and Holdfast-Project say who calls and for what", at: 0)
    }
  }

  /// What the call says about the store and the project stands in variables for the program: relative paths
  /// would mean something else where a client starts it.
  private static func stdio(
    _ scope: MCPClient.Scope, _ settings: Settings, _ invocation: Invocation,
    _ notes: inout [String]
  ) throws -> ClientEntry.Transport {
    let variable = SettingDeclaration.variable(for: "database_url")
    let place = settings.databaseURL
    let isSecret = place.redactedText != place.text
    var variables: [(String, String)] = []
    var forwarded: [String] = []
    if invocation.globals.store != nil {
      if isSecret {
        let advice = "set \(variable) to it instead, and leave out --store: the entry then names it"
        guard scope == .user else {
          throw HoldfastError(
            .usage, "the store's password would stand in a file of the repository: \(advice)")
        }
        notes.append("the entry has the store's password in clear: \(advice)")
      }
      variables.append((variable, place.text))
    } else if invocation.environment[variable] != nil {
      // Where this store is means nothing to others, but for how they name theirs.
      if isSecret || scope == .project {
        forwarded.append(variable)
        notes.append("the client has to be started with \(variable) set")
      } else {
        variables.append((variable, place.text))
      }
    }
    if invocation.globals.project != nil, let project = settings.project {
      variables.append((SettingDeclaration.variable(for: "project"), project.text))
    }
    if let file = invocation.globals.configurationFile,
      let folder = invocation.environment.directory
    {
      variables.append((Settings.configurationVariable, Path.join(folder, file)))
    }
    return .stdio(
      // Where a repository is used, this file may be elsewhere.
      program: scope == .project ? "holdfast" : try ChildProcesses.program(),
      variables: variables, forwarded: forwarded)
  }

  private static func http(
    _ address: String?, over there: JSONObject, _ scope: MCPClient.Scope, _ settings: Settings,
    _ invocation: Invocation, _ notes: inout [String]
  ) throws -> ClientEntry.Transport {
    let old = ClientEntry.address(in: there)
    var url = address
    if let old, isKept(old, address, invocation) {
      url = old
    } else if url == nil || invocation.isGiven("port") {
      guard settings.port > 0 else {
        throw HoldfastError(.usage, "--transport http needs --port: the one that the server has")
      }
      url = RunningServer.address(port: settings.port)
      if case .remote(let server) = settings.databaseURL { url = server + "/mcp" }
      if url != address {
        notes.append("no server of this store answers at \(url ?? ""): 'holdfast serve' starts one")
      }
    }
    // Which tools the client sees.
    if let query = old?.firstIndex(of: "?"), let old, url?.contains("?") == false {
      url? += old[query...]
    }
    var headers: [(String, String)] = []
    if invocation.globals.project != nil || scope == .project {
      let project = try settings.projectIdentity(in: invocation.environment).name.text
      headers.append(("Holdfast-Project", project))
    } else if !namesProject(there) {
      notes.append(
        "over HTTP nobody knows the folder: each call has to name its project, unless the entry has one "
          + "(--project NAME, or --scope project)")
    }
    if scope == .project {
      notes.append(
        "who works on this repository elsewhere needs a server at this address, too; --transport "
          + "stdio needs none")
    }
    return .http(url: url ?? "", headers: headers, tokenVariable: invocation.text("token-variable"))
  }

  /// Whether the address of an entry stays: nothing says that another one is meant, and no server of the
  /// store runs, or not where the entry looks for it.
  private static func isKept(_ old: String, _ address: String?, _ invocation: Invocation) -> Bool {
    guard !invocation.isGiven("transport"), !invocation.isGiven("port"),
      invocation.globals.store == nil
    else { return false }
    let isHere = ["://127.0.0.1:", "://localhost:", "://[::1]:"].contains { old.contains($0) }
    return address == nil || !isHere
  }

  private static func namesProject(_ entry: JSONObject) -> Bool {
    let headers = (entry["headers"] ?? entry["http_headers"])?.objectValue
    return headers?.members.contains { $0.key.lowercased() == "holdfast-project" } == true
  }
}
