import HoldfastClient
import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// What a command that works on a store has at hand: the settings, the project, and a way to run
/// operations wherever the store is.
final class Session {
  let settings: Settings
  let invocation: Invocation
  let runner: any OperationRunner
  private var foundProject: FoundProject?
  /// Whether somebody was told that the project is not there.
  var hasToldOfProject = false
  /// A database of kasmos that is worth a word once our own store is made.
  private var kasmosDatabase: String?

  /// - Parameters:
  ///   - invocation: The command.
  ///   - host: As ``LocalRunner`` takes it.
  init(_ invocation: Invocation, host: LocalRunner.Host? = nil) throws {
    self.invocation = invocation
    settings = try Settings.load(for: invocation)
    switch settings.databaseURL {
    case .sqlite(let path):
      if !Path.exists(path), settings.isStoreByDefault { kasmosDatabase = settings.kasmosDatabase }
      try settings.checkFolder(of: path)
      runner = LocalRunner(
        configuration: settings.sqliteConfiguration(path: path), settings: settings.storeSettings,
        host: host)
    case .remote(let url): runner = RemoteRunner(url: url)
    case .postgresql(let url):
      runner = FleetRunner(
        configuration: settings.postgreSQLConfiguration(url: url), settings: settings.storeSettings)
    case .json:
      throw HoldfastError(
        .notAvailable, "this version does not keep a store in a JSON file; use a path or http:")
    }
  }

  /// Runs a command over a session and closes the store behind it.
  static func run(_ invocation: Invocation, _ body: (Session) throws -> Int32) throws -> Int32 {
    let session = try Session(invocation)
    defer { session.close() }
    do {
      return try body(session)
    } catch let error as HoldfastError where !invocation.output.isJSON {
      throw OptionWords.translated(error, for: invocation.command.options)
    }
  }

  /// Lets go of the store; the next operation takes it again.
  func close() { (runner as? any StoreRunner)?.close() }

  /// Lets go of the store where others could not have it else.
  func letOthersIn() { if !runner.mayWait { close() } }

  /// Waits for what others do in the store.
  ///
  /// - Parameters:
  ///   - seconds: How long; nil for no end.
  ///   - pause: Between two looks into a store without a server, in microseconds.
  func watch(seconds: UInt64?, pause: UInt32) -> StoreWatch {
    StoreWatch(runner, seconds: seconds, pause: pause)
  }

  /// The agent whose environment the command runs in: each of its commands is a heartbeat.
  private var callingAgent: AgentID? {
    get throws {
      let name = invocation.environment[Settings.agentVariable] ?? ""
      return name.isEmpty ? nil : try AgentID(name)
    }
  }

  /// Runs an operation that always has an answer.
  @discardableResult
  func run(
    _ operation: String, _ fields: [(String, JSON)] = [],
    attachment: OperationCall.Attachment? = nil
  ) throws -> JSON {
    var call = OperationCall(operation, fields, attachment: attachment)
    call.agent = try callingAgent
    let answer = try runner.run(call)
    offerKasmos()
    return answer ?? .null
  }

  /// Runs an operation as somebody else than the command's own agent calls it.
  func run(_ call: OperationCall) throws -> JSON? { try runner.run(call) }

  /// Runs work that spans the store, where this process may use that itself.
  func run(_ entry: StoreOperationEntry, _ fields: [(String, JSON)]) throws {
    _ = try (runner as? any StoreRunner)?.run(entry, fields) { _ in }
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
    do {
      let answer = try run(
        operation, [("project", .string(project.text))] + fields, attachment: attachment)
      if answer.isEmptyAnswer { try tellOfProject(project) }
      return answer
    } catch let refusal as HoldfastError where [.notFound, .taskNotFound].contains(refusal.code) {
      try tellOfProject(project)
      throw try naming(nearestTo: refusal)
    }
  }

  /// Runs an operation that may use the files of the project.
  @discardableResult
  func runInFolder(
    _ operation: String, _ fields: [(String, JSON)],
    attachment: OperationCall.Attachment? = nil
  ) throws -> JSON {
    let project = try project()
    var call = OperationCall(
      operation, [("project", .string(project.text))] + fields, attachment: attachment)
    call.agent = try callingAgent
    // The files of a project that is named on the command line may be those of another folder.
    let here = try settings.projectIdentity(in: invocation.environment)
    if try invocation.globals.project == nil || project == folderProject() {
      call.projectFolder = here.folder
    }
    return try runner.run(call) ?? .null
  }

  /// The folder of a project's files, when it is the one in which the process works.
  func folder(of project: String) throws -> String? {
    guard try project == self.project().text else { return nil }
    return try settings.projectIdentity(in: invocation.environment).folder
  }

  /// The fields that say what is in the media folder of the current folder's project; none where nothing is,
  /// and where the folder names no project.
  func media() -> [(String, JSON)] {
    guard runner is any StoreRunner,
      let folder = (try? settings.projectIdentity(in: invocation.environment))?.folder
    else { return [] }
    let files = ProjectFolder(path: folder).media
    guard !files.isEmpty, let project = try? project() else { return [] }
    return [("project", .string(project.text)), ("media", .array(files.map { .string($0) }))]
  }

  /// The project of the current folder, whatever the command line names.
  private func folderProject() throws -> ProjectName? {
    guard let directory = invocation.environment.directory else { return nil }
    let here = try ProjectIdentity.resolve(settings.repository, from: directory, named: nil)
    return try here.find(IdentityCache(invocation.environment)) { try run($0, $1) }.name
  }

  /// The project that the command works on: as named, else the one of the current folder.
  func project() throws -> ProjectName { try found().name }

  /// Says which repository the project belongs to, before something is made in it.
  func recordProject() throws {
    try tellOfNewProject()
    guard let fields = try found().unrecorded else { return }
    foundProject = FoundProject(try run("project_identify", fields))
  }

  /// Finds the project once for all operations of the command.
  private func found() throws -> FoundProject {
    if let foundProject { return foundProject }
    let here = try settings.projectIdentity(in: invocation.environment)
    let found = try here.find(IdentityCache(invocation.environment)) { try run($0, $1) }
    foundProject = found
    return found
  }

  /// Runs work that spans the store, with progress for a person at a terminal.
  func work(_ name: String, _ fields: [(String, JSON)]) throws -> JSON {
    let entry = StoreWork.named(name)
    guard let runner = runner as? any StoreRunner else {
      guard !entry.isLocal else {
        throw HoldfastError(
          .notAvailable,
          "'\(invocation.commandName)' works on a store of this machine: run it where the server runs"
        )
      }
      return try run(name, fields)
    }
    // Only what an import brings can make a store; the others would tell of one that is not there.
    if case .sqlite(let path) = settings.databaseURL, name != Import.name, !Path.exists(path) {
      throw HoldfastError(
        .notFound, "there is no store \(path): look at --store, or make a task, which makes it")
    }
    let progress = Progress(on: invocation.output)
    defer { progress.finish() }
    return try runner.run(entry, fields) { progress.update($0) }
  }
}

extension Settings {
  /// Whether nobody chose the store.
  var isStoreByDefault: Bool {
    entries.first { $0.name == "database_url" }?.source == .standard
  }

  /// Refuses a store in a folder that is not there, but for the usual one, which is made with it.
  func checkFolder(of path: String) throws(HoldfastError) {
    let folder = Path.parent(of: path)
    guard isStoreByDefault || Path.kind(of: folder) == .folder else {
      throw HoldfastError(
        .notFound, "there is no folder \(folder) for the store: make it, or choose another place")
    }
  }

  func sqliteConfiguration(path: String) -> SQLiteConfiguration {
    var configuration = SQLiteConfiguration(path: path)
    configuration.queueDepthMax = queueDepth
    return configuration
  }

  func postgreSQLConfiguration(url: String) -> PostgreSQLConfiguration {
    var configuration = PostgreSQLConfiguration(url: url)
    configuration.queueDepthMax = queueDepth
    return configuration
  }

  var storeSettings: StoreSettings {
    var settings = StoreSettings()
    settings.signalAttemptsMax = Int64(signalAttempts)
    settings.signalLeaseSeconds = signalLease.components.seconds
    settings.agentLeaseSeconds = agentLease.components.seconds
    settings.verifiesAfterReview = autoReadinessReview
    settings.autoAdvance = autoAdvance
    return settings
  }
}

extension Session {
  /// One task of the project.
  func task(_ reference: String) throws -> JSON {
    try runInProject("task_get", [("task", .string(reference))])
  }
}
