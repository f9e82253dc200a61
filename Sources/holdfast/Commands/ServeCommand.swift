private import CSystem
private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastServer
import HoldfastStore

/// `serve`: holds the store and answers for it until it is told to stop.
enum ServeCommand {
  static func make() -> Command {
    Command(
      "serve", summary: "Serves the store over HTTP and a unix socket.",
      discussion: """
        Binds to this machine alone unless told otherwise. Commands on this machine reach the \
        server through its unix socket, whatever its port and whatever projects it is for.
        """,
      examples: [
        Example("holdfast serve", "Serves the store of this user on 127.0.0.1:7433."),
        Example("holdfast serve --port 0 --db ./tasks.db", "Serves a file on any free port."),
        Example("holdfast serve --repo ~/shop --repo ~/site", "Serves two projects and no others."),
      ],
      options: Settings.options(
        "port", "bind", "socket", "log", "max_connections", "queue_depth", "idle_timeout_seconds",
        "request_timeout_seconds", "signal_attempts", "signal_lease_seconds",
        "agent_lease_seconds", "auto_readiness_review", "auto_advance"
      ) + [
        .text(
          "db", "path", "The store's file.", defaultNote: "from the configuration",
          excludes: ["store", "repo"], hint: .file),
        .text(
          "repo", "folder", "A repository whose project is served; other projects are not found.",
          defaultNote: "every project", repeatable: true, hint: .folder),
        .toggle(
          "mcp", "Whether agents reach the store as MCP tools, under /mcp.", default: true),
        .integer(
          "mcp-port", "n", "A further port, for MCP clients that look for one of its own.",
          in: 0...65_535, defaultNote: "none"),
        .text(
          "admin-dir", "folder", "The pages under /admin, which this version does not serve.",
          hint: .folder),
        .flag(
          "insecure",
          "Allows an address that other machines reach, although nobody is asked for a token."),
      ]
    ) { invocation in
      try run(invocation)
    }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    holdfast_keep_freed_memory()
    // Before any thread starts, so that all of them leave the signals to this one.
    let signals = StopSignals()
    let settings = try Settings.load(for: invocation)
    let repositories = try RegisteredRepositories(
      invocation.list("repo"), invocation.environment)
    sayWhatIsMissing(invocation)
    guard settings.bind.isLoopback || invocation.flag("insecure") else {
      throw HoldfastError(
        .notAllowed,
        "\(settings.bind.text) can be reached by other machines, and this server asks nobody for "
          + "a token: bind 127.0.0.1, or pass --insecure")
    }
    var lock: StoreLock?
    let store: Store
    switch settings.databaseURL {
    case .sqlite(let path):
      try settings.checkFolder(of: path)
      guard let taken = try ServerLock.acquire(path: path, until: signals) else { return 0 }
      lock = taken
      store = try Store(
        opening: settings.sqliteConfiguration(path: path), lock: taken,
        settings: settings.storeSettings)
    case .postgresql(let url):
      store = try Store(
        opening: settings.postgreSQLConfiguration(url: url), settings: settings.storeSettings)
    case .remote, .json:
      throw HoldfastError(
        .usage,
        "serve needs a store in a file or on PostgreSQL, not \(settings.databaseURL.redactedText)")
    }
    defer { store.database.close() }
    // A store that is brought up to date may take its time.
    if signals.haveCome() { return 0 }

    let projects = try repositories?.record(in: store, invocation.environment)
    let limits = serverLimits(settings, invocation.output)
    let hasMCP = invocation.flag("mcp")
    let mcpPort = hasMCP ? invocation.int("mcp-port") : nil
    let tcp = try ListeningSocket.tcp(host: settings.bind.text, port: settings.port)
    // Commands find the holder of a file by its socket; a store on PostgreSQL is open to all.
    let unix = try lock.map { lock in
      try ListeningSocket.unix(
        path: SocketPath.choose(for: lock.storePath, settings, invocation.environment))
    }
    let place = lock?.storePath ?? settings.databaseURL.redactedText
    let server = HTTPServer(
      store: store, storePath: lock?.storePath, limits: limits, log: settings.accessLog,
      hostNames: [settings.bind.urlText], isOpenToAll: !settings.bind.isLoopback,
      projects: projects?.map(\.name),
      folders: Dictionary(
        uniqueKeysWithValues: (projects ?? []).compactMap { project in
          project.folder.map { (project.name, $0) }
        }), storeWork: StoreWork.all, doors: hasMCP ? [MCPDoor()] : [])
    try server.serve(on: tcp)
    let mcpSocket = try mcpPort.map { try ListeningSocket.tcp(host: settings.bind.text, port: $0) }
    if let mcpSocket { try server.serve(on: mcpSocket) }
    let mcpAddress = (mcpSocket ?? tcp).address + "/mcp"
    if let unix {
      try server.serve(on: unix)
      lock?.announce(
        socket: unix.address, mcp: hasMCP ? mcpAddress : nil,
        sequence: store.database.health.lastSequence)
    }
    let served =
      projects.map { "repos: \($0.map(\.name.text).joined(separator: ", "))" }
      ?? "db: \(place)"
    invocation.output.show([
      "listening": .string(tcp.address), "socket": unix.map { .string($0.address) } ?? .null,
      "store": .string(place), "mcp": hasMCP ? .string(mcpAddress) : .null,
    ]) {
      invocation.output.line("task store listening on \(tcp.address) (\(served))")
      if hasMCP { invocation.output.line("mcp server listening on \(mcpAddress)") }
    }
    invocation.output.flush()
    signals.wait()
    if !invocation.output.isJSON { invocation.output.line("shutting down...") }
    invocation.output.flush()
    guard server.shutDown(within: 5) else {
      // Nothing but the end of the process gets past it.
      let work = server.storeWork
      let what = work.isEmpty ? "a write that the disk has" : work.joined(separator: ", ")
      invocation.output.note("\(what) did not end; its client got no answer")
      invocation.output.flush()
      _exit(1)
    }
    return 0
  }

  /// The limits of the server, within the files that the system lets it open.
  private static func serverLimits(_ settings: Settings, _ output: Console) -> Limits {
    var limits = settings.serverLimits
    let wanted = limits.openFilesMax
    let allowed = holdfast_allow_open_files(wanted)
    if allowed < wanted {
      limits.fit(openFiles: allowed)
      output.note(
        "The system allows this process \(allowed) open files, enough for "
          + "\(limits.connectionsMax) connections and not for \(settings.maxConnections): "
          + "'ulimit -Hn' says how many there may be.")
    }
    return limits
  }

  /// Takes what callers of kasmos say about its other parts, and says that they are not here.
  private static func sayWhatIsMissing(_ invocation: Invocation) {
    if let folder = invocation.text("admin-dir") {
      invocation.output.note("This version has no admin UI; \(folder) is not served.")
    }
  }
}

extension Settings {
  var serverLimits: Limits {
    var limits = Limits()
    limits.connectionsMax = maxConnections
    limits.idleSeconds = Int(idleTimeout.components.seconds)
    limits.requestSeconds = Int(requestTimeout.components.seconds)
    return limits
  }

  var accessLog: AccessLog {
    AccessLog(form: AccessLog.Form(rawValue: log.rawValue) ?? .off)
  }
}
