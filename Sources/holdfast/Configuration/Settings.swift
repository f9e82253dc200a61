import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastServer

/// The settings of a call, each with the place that it comes from.
///
/// First wins: options of the call, `HOLDFAST_` variables, the repository's `.holdfast/config.toml`,
/// `holdfast/config.toml` in the folder of configurations, then the same two places of kasmos.
struct Settings: Sendable {
  /// Where the store is.
  let databaseURL: StoreLocation
  /// The name of the project that somebody gave.
  let project: ProjectName?
  /// The TCP port of the server; 0 for any that is free.
  let port: Int
  /// The address that the server listens on.
  let bind: BindAddress
  /// The unix socket of the server, where somebody chose one.
  let socket: String?
  /// How the server logs requests.
  let log: LogFormat
  /// How many connections the server holds at once.
  let maxConnections: Int
  /// How many writes wait at most.
  let queueDepth: Int
  /// How long a connection may be silent.
  let idleTimeout: Duration
  /// How long one request may take to arrive.
  let requestTimeout: Duration
  /// How often a signal is given out before it counts as failed.
  let signalAttempts: Int
  /// How long a signal is lent to a worker that names no time.
  let signalLease: Duration
  /// How long an agent that is silent keeps what it holds.
  let agentLease: Duration
  /// Whether an approved review leads to a check of readiness.
  let autoReadinessReview: Bool
  let autoAdvance: String

  /// Every value with its source, in the order of the declarations.
  let entries: [SettingEntry]
  /// The configuration files that were looked for.
  var files: [ConfigurationLookup.File] = []
  /// What configurations of kasmos say beside what we use.
  var unusedKasmosValues: [KasmosConfiguration.Unused] = []
  /// The database of kasmos, if there is one: it can be imported and is never opened in place.
  var kasmosDatabase: String?
  /// Where the search for the repository led.
  var repository: Repository.Search = .none

  /// Reads, and by that declares, every setting.
  init(reading reader: inout SettingsReader, environment: Environment) throws(HoldfastError) {
    databaseURL = try reader.parsed(
      "database_url", default: try Self.defaultDatabase(in: environment),
      defaultText: "taskstore.db in ~/.config/holdfast",
      "The store: a path, or a sqlite:, postgresql: or http(s): URL.",
      kasmos: "database_url", shown: { .string($0.redactedText) }
    ) { (text, found, home) throws(StoreLocation.Flaw) in
      try StoreLocation(parsing: text, from: found.folder, home: home)
    }
    project = try reader.parsed(
      "project", default: nil, defaultText: "the name of the repository",
      "The project that commands work on.", shown: { $0.map { .string($0.text) } ?? .null }
    ) { (text, _, _) throws(StoreLocation.Flaw) in
      try Self.projectName(text)
    }
    port = try reader.integer(
      "port", in: 0...65_535, default: 7433, "The TCP port of the server; 0 for any free one.")
    bind = try reader.parsed(
      "bind", default: .loopback, defaultText: BindAddress.loopback.text,
      "The address that the server listens on.", shown: { .string($0.text) }
    ) { (text, found, _) throws(StoreLocation.Flaw) in
      guard let address = BindAddress(text) else {
        throw .init("must be an IP address or localhost, not \(found.shown)")
      }
      return address
    }
    socket = try reader.parsed(
      "socket", .path, default: nil, defaultText: "in $XDG_RUNTIME_DIR, else beside the database",
      "The unix socket that the server listens on.", shown: { $0.map { .string($0) } ?? .null },
      parse: Self.socketPath)
    log = try reader.choice("log", default: .off, "How the server logs requests.")
    maxConnections = try reader.integer(
      "max_connections", in: 1...100_000, default: Limits().connectionsMax,
      "How many connections the server holds at once.")
    queueDepth = try reader.integer(
      "queue_depth", in: 1...1_000_000, default: SQLiteConfiguration(path: "").queueDepthMax,
      "How many writes may wait before the server answers that it is overloaded.")
    idleTimeout = try reader.seconds(
      "idle_timeout_seconds", in: 1...86_400, default: Limits().idleSeconds,
      "How long a connection may be silent.")
    requestTimeout = try reader.seconds(
      "request_timeout_seconds", in: 1...86_400, default: Limits().requestSeconds,
      "How long one request may take to arrive.")
    signalAttempts = try reader.integer(
      "signal_attempts", in: 0...1000, default: 10,
      "How often a signal is given out before it counts as failed; 0 for no limit.")
    signalLease = try reader.seconds(
      "signal_lease_seconds", in: 1...86_400, default: 60,
      "How long a signal is lent to a worker that names no time.")
    agentLease = try reader.seconds(
      "agent_lease_seconds", in: 10...86_400, default: 900,
      "How long an agent that is silent keeps its tasks and locked files.")
    autoReadinessReview = try reader.boolean(
      "auto_readiness_review", default: false,
      "Whether an approved review leads to a check of readiness instead of the end.",
      kasmos: "ui.auto_readiness_review")
    autoAdvance = try reader.parsed(
      "auto_advance", default: "", defaultText: "none",
      "The status, such as ready, to which a task moves that others have made ready, where its workflow "
        + "allows it.", shown: { .string($0) }
    ) { (text, _, _) throws(StoreLocation.Flaw) in text }
    entries = reader.entries
  }

  private static func projectName(_ text: String) throws(StoreLocation.Flaw) -> ProjectName? {
    do {
      return try ProjectName(text)
    } catch {
      throw .init("is no name of a project: \(error.message)")
    }
  }

  private static func socketPath(
    _ text: String, _ found: SettingValue, _ home: String?
  ) throws(StoreLocation.Flaw) -> String? {
    let path = try StoreLocation.absolute(text, from: found.folder, home: home)
    let bytesMax = ListeningSocket.pathBytesMax
    guard path.utf8.count <= bytesMax else {
      throw .init("must be a path of at most \(bytesMax) bytes, not \(path.utf8.count)")
    }
    return path
  }

  private static func defaultDatabase(
    in environment: Environment
  ) throws(HoldfastError) -> StoreLocation {
    guard let folder = environment.configurationHome else {
      throw HoldfastError(
        .invalidRequest, "no home folder is known; set HOLDFAST_DATABASE_URL or pass --store")
    }
    return .sqlite(path: Path.join(folder, "holdfast/taskstore.db"))
  }
}
