private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// `mcp doctor`: looks at what is configured as the client would, and says what it sees.
enum MCPDoctor {
  static func make() -> Command {
    Command(
      "doctor", summary: "Starts what MCP clients are configured to start, and says what they see.",
      discussion: """
        Reads the entry holdfast in the configuration of each client that has one, starts its command with \
        the few variables that clients pass on, or asks its address, and speaks with it as a client does. \
        What it has started it ends. What a checkout says is tried only with --scope project, unless it is \
        this very program or an address of this machine, and what is switched off is not tried. With something \
        to mend it ends with 1.
        """,
      examples: [
        Example("holdfast mcp doctor", "Looks at every client that has the entry."),
        Example(
          "holdfast mcp doctor --client codex --json", "Says the same of Codex to a program."),
      ],
      options: [
        .choice(
          "client", "program", MCPClient.allCases.map(\.rawValue), "Whose configuration it is.",
          defaultNote: "every one that is there"),
        .choice(
          "scope", "scope", MCPClient.Scope.allCases.map(\.rawValue),
          "All of your projects, or this one.", defaultNote: "both"),
        .integer(
          "timeout", "seconds", "How long one server may take for all that it is asked.",
          in: 1...600, default: 10),
      ]
    ) { invocation in
      try run(invocation)
    }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    let clients = invocation.text("client").flatMap { MCPClient(rawValue: $0) }.map { [$0] }
    let scopes = invocation.text("scope").flatMap { MCPClient.Scope(rawValue: $0) }.map { [$0] }
    var findings: [Finding] = []
    /// In the home folder both scopes are one file.
    var files: Set<String> = []
    for client in clients ?? MCPClient.allCases {
      for scope in scopes ?? MCPClient.Scope.allCases {
        let file = try client.file(scope, invocation.environment)
        guard files.insert(file).inserted else { continue }
        do {
          for server in try ConfiguredServer.all(of: client, scope, invocation.environment) {
            findings.append(Finding(of: server, isAskedFor: scopes != nil, invocation))
          }
        } catch let error as HoldfastError {
          findings.append(Finding(client, scope.rawValue, file: file, error))
        }
      }
    }
    if findings.isEmpty {
      let scope = scopes?.first ?? .user
      guard let client = clients?.first else {
        let names = MCPClient.allCases.map(\.rawValue).joined(separator: ", ")
        let isProject = scope == .project ? " --scope project" : ""
        throw HoldfastError(
          .notFound,
          "no client is configured: 'holdfast mcp install --client NAME\(isProject)' writes an entry, "
            + "for one of \(names)")
      }
      throw HoldfastError(
        .notFound,
        "\(client.rawValue) has no entry: '\(ConfiguredServer.install(client, scope.rawValue))' writes it"
      )
    }
    let isWell = findings.allSatisfy(\.problems.isEmpty)
    invocation.output.show([
      "well": .bool(isWell), "servers": .array(findings.map(\.json)),
    ]) {
      for finding in findings { for line in finding.lines { invocation.output.line(line) } }
    }
    return isWell ? 0 : 1
  }
}

/// What was found out about one entry.
private struct Finding {
  private let title: String
  /// Names and values, in the order in which they are shown.
  private var facts: [(name: String, shown: String, json: JSON)] = []
  private(set) var problems: [String] = []
  private(set) var notes: [String] = []

  /// A file that cannot be read.
  init(_ client: MCPClient, _ scope: String, file: String, _ error: HoldfastError) {
    title = "\(client.rawValue), \(scope)"
    add("client", client.rawValue, shown: "")
    add("scope", scope, shown: "")
    add("file", file)
    problems = [error.message]
  }

  /// Looks at a server.
  ///
  /// - Parameter isAskedFor: Whether its scope was named: what a checkout says is not started, nor sent
  ///   anything, only because somebody looks at all.
  init(of server: ConfiguredServer, isAskedFor: Bool, _ invocation: Invocation) {
    title = "\(server.client.rawValue), \(server.scope)"
    add("client", server.client.rawValue, shown: "")
    add("scope", server.scope, shown: "")
    add("file", server.file)
    for name in server.unset {
      problems.append("the variable \(name) is not set: set it in the shell that starts the client")
    }
    if server.isDisabled {
      notes.append("the entry is switched off in the client, so it was not tried")
      return
    }
    let isOurs = isAskedFor || server.scope != MCPClient.Scope.project.rawValue
    do throws(MCPFlaw) {
      switch server.way {
      case .http(let url, let headers):
        try look(at: url, headers, of: server, mayTry: isOurs, invocation)
      case .stdio(let words, let variables):
        try look(at: words, variables, of: server, mayTry: isOurs, invocation)
      }
    } catch {
      problems.append(error.sentence)
    }
  }

  private static let notTried =
    "not tried: what a checkout says is tried where '--scope project' asks for it"

  private mutating func look(
    at url: String, _ headers: [(String, String)], of server: ConfiguredServer, mayTry: Bool,
    _ invocation: Invocation
  ) throws(MCPFlaw) {
    add("url", server.shown)
    guard mayTry || RunningServer.isLocal(url) else { return notes.append(Self.notTried) }
    do {
      let conversation = try HTTPConversation(
        url: url, headers: headers, seconds: invocation.int("timeout") ?? 10,
        install: server.install)
      let start = monotonicNanoseconds()
      do throws(MCPFlaw) {
        let sight = try MCPSight(over: conversation) {
          Int((monotonicNanoseconds() - start) / 1_000_000)
        }
        take(
          sight, expecting: RunningServer.folderProject(of: invocation),
          agent: "the header X-Agent-ID of the entry names one")
        if sight.hasCalled, sight.project.isEmpty {
          notes.append(
            "each call has to name its project: over HTTP nobody knows the folder; the header "
              + "Holdfast-Project of the entry names one ('\(server.install) --project NAME')")
        }
      } catch {
        problems.append(error.sentence)
      }
      if let health = RunningServer.health(beside: url, headers) {
        add("store", health.text("store"), shown: "\(health.text("store")), through this server")
      }
    } catch {
      problems.append(error.message)
    }
  }

  private mutating func look(
    at words: [String], _ configured: [(String, String)], of server: ConfiguredServer, mayTry: Bool,
    _ invocation: Invocation
  ) throws(MCPFlaw) {
    add("command", server.shown)
    let start = ServerStart(
      words, configured, in: server.directory,
      // The entry of a repository names no place on this machine.
      install: server.scope == MCPClient.Scope.project.rawValue ? nil : server.install,
      invocation.environment)
    let program = try start.program()
    guard mayTry || start.isThisServer(program) else { return notes.append(Self.notTried) }
    let calls = take(start.settings(of: program))
    let began = monotonicNanoseconds()
    let conversation = try StdioConversation(
      program, words, variables: start.variables, directory: start.directory,
      seconds: invocation.int("timeout") ?? 10)
    defer { conversation.end() }
    let sight: Result<MCPSight, MCPFlaw>
    do throws(MCPFlaw) {
      sight = .success(
        try MCPSight(over: conversation, calls: calls) {
          Int((monotonicNanoseconds() - began) / 1_000_000)
        })
    } catch {
      sight = .failure(error)
    }
    if let noise = conversation.noise {
      problems.append(
        "it prints on its standard output what is no message, such as \(noise.quoted): clients may "
          + "give it up for that")
    }
    take(
      try sight.get(), expecting: RunningServer.folderProject(of: invocation),
      agent: "the variable HOLDFAST_AGENT of the entry names one")
  }

  /// Says where the store of a program is.
  ///
  /// - Returns: Whether a call may open it: what is not there yet is not made by a look.
  private mutating func take(_ settings: Settings?) -> Bool {
    guard let settings else { return true }
    let place = settings.databaseURL
    add("store", place.redactedText, shown: "\(place.redactedText) (\(place.engine))")
    guard case .sqlite(let path) = place else { return true }
    if let holder = RunningServer.holder(of: path) {
      let who = holder.kind == "serve" ? "the server" : "another 'holdfast \(holder.kind)'"
      add("through", holder.kind, shown: "\(who), process \(holder.pid)")
    }
    guard !Path.exists(path) else { return true }
    do {
      try settings.checkFolder(of: path)
    } catch {
      problems.append(error.message)
      return false
    }
    notes.append("the store is not there yet: the first call makes it, and none was made")
    return false
  }

  private mutating func take(
    _ sight: MCPSight, expecting project: String?, agent advice: String
  ) {
    let revisions = sight.revisions.joined(separator: ", ")
    add("server", sight.name, shown: "\(sight.name) \(sight.version)")
    facts.append(("version", "", .string(sight.version)))
    facts.append(("revisions", revisions, .array(sight.revisions.map { .string($0) })))
    facts.append(
      (
        "tools", "\(sight.tools), about \(sight.tokens.grouped) tokens",
        .number(JSONNumber(Int64(sight.tools)))
      ))
    facts.append(("tokens", "", .number(JSONNumber(Int64(sight.tokens)))))
    if !sight.project.isEmpty { add("project", sight.project) }
    if !sight.agent.isEmpty {
      add("agent", sight.agent)
    } else if sight.hasCalled {
      notes.append("calls that name no agent count as a person's: \(advice)")
    }
    facts.append(
      (
        "answered", "in \(sight.milliseconds) ms", .number(JSONNumber(Int64(sight.milliseconds)))
      ))
    if let refusal = sight.refusal {
      problems.append(refusal.sentence)
    }
    if sight.tools == 0 { problems.append("it has no tools: is it Holdfast?") }
    if sight.name != "holdfast" {
      problems.append("it says that it is \(sight.name.quoted), not holdfast: look at the entry")
    } else if sight.version != HoldfastVersion.current {
      problems.append(
        "it is version \(sight.version), and this program is \(HoldfastVersion.current): stop what "
          + "still runs of the old one, and install anew")
    }
    if let project, !sight.project.isEmpty, project != sight.project {
      notes.append(
        "calls without a project are for \(sight.project), and commands in this folder for \(project)"
      )
    }
  }

  private mutating func add(_ name: String, _ value: String, shown: String? = nil) {
    facts.append((name, shown ?? value, .string(value)))
  }

  var json: JSON {
    var object = JSONObject()
    for fact in facts { object.set(fact.name, fact.json) }
    object.set("problems", .array(problems.map { .string($0) }))
    object.set("notes", .array(notes.map { .string($0) }))
    return .object(object)
  }

  var lines: [String] {
    var lines = ["\(title): \(problems.isEmpty ? "well" : "to mend")"]
    for fact in facts where !fact.shown.isEmpty {
      lines.append("  \(fact.name.padded(to: 10)) \(fact.shown)")
    }
    lines += problems.map { "  ! \($0)" }
    lines += notes.map { "  - \($0)" }
    return lines
  }
}
