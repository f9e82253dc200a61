import HoldfastClient
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// What a command that works on a store has at hand: the settings, the project, and a way to run
/// operations wherever the store is.
final class Session {
  let settings: Settings
  private let invocation: Invocation
  private let runner: any OperationRunner
  private var checkedProject: ProjectName?
  /// A database of kasmos that is worth a word once our own store is made.
  private var kasmosDatabase: String?

  init(_ invocation: Invocation) throws {
    self.invocation = invocation
    settings = try Settings.load(for: invocation)
    switch settings.databaseURL {
    case .sqlite(let path):
      if !Path.exists(path), settings.isStoreByDefault { kasmosDatabase = settings.kasmosDatabase }
      runner = LocalRunner(
        configuration: settings.sqliteConfiguration(path: path), settings: settings.storeSettings)
    case .remote(let url): runner = RemoteRunner(url: url)
    case .postgresql: throw Self.notBuilt("PostgreSQL")
    case .json: throw Self.notBuilt("a JSON file")
    }
  }

  private static func notBuilt(_ what: String) -> HoldfastError {
    HoldfastError(
      .notAvailable, "this version does not keep a store in \(what); use a path or http:")
  }

  /// Runs a command over a session and closes the store behind it.
  static func run(_ invocation: Invocation, _ body: (Session) throws -> Int32) throws -> Int32 {
    let session = try Session(invocation)
    defer { session.close() }
    return try body(session)
  }

  /// Lets go of the store; the next operation takes it again.
  func close() { (runner as? LocalRunner)?.close() }

  /// Whether another process answers for the store, so that waiting there keeps nobody out.
  var isServed: Bool { (runner as? LocalRunner)?.isEmbedded != true }

  /// Runs an operation that always has an answer.
  @discardableResult
  func run(
    _ operation: String, _ fields: [(String, JSON)] = [],
    attachment: OperationCall.Attachment? = nil
  ) throws -> JSON {
    let answer = try runner.run(OperationCall(operation, fields, attachment: attachment))
    offerKasmos()
    return answer ?? .null
  }

  /// Says, when the store was just made, that there is one of kasmos, which is never opened in place.
  private func offerKasmos() {
    guard let path = kasmosDatabase else { return }
    kasmosDatabase = nil
    invocation.output.note(
      "This store is new; there is also a database of kasmos: 'holdfast import \(path)' copies "
        + "what is in it.")
  }

  /// Runs an operation of the project that the command works on.
  @discardableResult
  func runInProject(
    _ operation: String, _ fields: [(String, JSON)] = [],
    attachment: OperationCall.Attachment? = nil
  ) throws -> JSON {
    let project = try project()
    return try run(
      operation, [("project", .string(project.text))] + fields, attachment: attachment)
  }

  /// The project: as named, else the repository of the current folder.
  func project() throws -> ProjectName {
    if let checkedProject { return checkedProject }
    let identity = try settings.projectIdentity(in: invocation.environment)
    checkedProject = identity.name
    return identity.name
  }

  /// Says which repository the project's name stands for, before something is made in it.
  func recordProject() throws {
    let project = try settings.projectIdentity(in: invocation.environment)
    try project.record(IdentityCache(invocation.environment)) { try run($0, $1) }
  }

  /// Runs work that spans the store, with progress for a person at a terminal.
  func work(_ name: String, _ fields: [(String, JSON)]) throws -> JSON {
    guard let runner = runner as? LocalRunner else {
      throw HoldfastError(
        .notAvailable, "\(name) works on a store of this machine: run it where the server runs")
    }
    let progress = WorkProgress(on: invocation.output)
    defer { progress.finish() }
    return try runner.run(StoreWork.named(name), fields) { progress.update($0) }
  }
}

extension Settings {
  /// Whether nobody chose the store.
  var isStoreByDefault: Bool {
    entries.first { $0.name == "database_url" }?.source == .standard
  }

  func sqliteConfiguration(path: String) -> SQLiteConfiguration {
    var configuration = SQLiteConfiguration(path: path)
    configuration.queueDepthMax = queueDepth
    return configuration
  }

  var storeSettings: StoreSettings {
    var settings = StoreSettings()
    settings.signalAttemptsMax = Int64(signalAttempts)
    settings.signalLeaseSeconds = signalLease.components.seconds
    settings.verifiesAfterReview = autoReadinessReview
    return settings
  }
}

extension Session {
  /// One task of the project.
  func task(_ reference: String) throws -> JSON {
    try runInProject("task_get", [("task", .string(reference))])
  }
}
