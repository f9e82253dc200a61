internal import HoldfastDatabase
public import HoldfastStore

/// A user of its own for one test: a home folder, and commands run in it.
public final class TestHome: Sendable {
  public let folder: TemporaryFolder
  /// Words of a program that starts another one, such as nsenter; usually none.
  private let prefix: [String]
  /// The URL of its store on PostgreSQL; nil for the usual file.
  private let url: String?

  public init(in folder: TemporaryFolder = TemporaryFolder(), startedBy prefix: [String] = []) {
    self.folder = folder
    self.prefix = prefix
    url = nil
  }

  /// A user whose store is on an engine.
  public init(on engine: TestStore.Engine) throws {
    folder = TemporaryFolder()
    prefix = []
    url = engine == .postgresql ? try PostgreSQLCluster.shared.emptyDatabase().url : nil
  }

  public var environment: [String: String] {
    var variables = ["HOME": folder.path, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    variables["HOLDFAST_DATABASE_URL"] = url
    return variables
  }

  /// Whether its store is a file.
  public var isOnFile: Bool { url == nil }

  /// What its commands call its store.
  public var store: String { url ?? storePath }

  /// Another store on the same engine, that does not exist yet, as a command's `--store` takes it.
  public func anotherStore(_ name: String) throws -> String {
    url == nil ? folder.file(name) : try PostgreSQLCluster.shared.emptyDatabase().url
  }

  /// The file of the usual store of this user.
  public var storePath: String { folder.file(".config/holdfast/taskstore.db") }

  /// Opens its store for the length of `body`, and makes it where there is none.
  public func openStore(_ body: (Store) throws -> Void) throws {
    guard let url else {
      _ = try TestProcess.run(
        ["-p", folder.file(".config/holdfast")], program: "/bin/mkdir", environment: environment)
      return try StoreFile(storePath).open(body)
    }
    let store = try Store(opening: PostgreSQLConfiguration(url: url), settings: StoreSettings())
    defer { store.database.close() }
    try body(store)
  }

  /// Changes its closed store as another program would.
  public func damage(_ sql: String) throws {
    if let url { return try PostgreSQLCluster.shared.run(sql, in: url) }
    try StoreFile(storePath).damage(sql)
  }

  /// Runs `holdfast` with these words, in the project `p` unless they name another one.
  public func run(_ words: String..., input: String? = nil) throws -> TestProcess.Result {
    try run(words, input: input)
  }

  /// - Parameter more: Variables beside those of all commands here.
  public func run(
    _ words: [String], input: String? = nil, environment more: [String: String] = [:]
  ) throws -> TestProcess.Result {
    var environment = environment.merging(more) { $1 }
    environment["HOLDFAST_PROJECT"] = "p"
    let all = prefix + [TestProcess.holdfast] + words
    return try TestProcess.run(
      Array(all.dropFirst()), program: all[0], environment: environment, input: input,
      directory: folder.path)
  }

  /// Starts `holdfast serve` and waits until it listens.
  public func serve(_ words: String...) throws -> TestService {
    let all = prefix + [TestProcess.holdfast, "serve", "--port", "0"] + words
    let process = try TestProcess(
      all[0], Array(all.dropFirst()), environment: environment, directory: folder.path)
    guard let line = process.line(), let start = line.range(of: "127.0.0.1:") else {
      throw TestFailure("the server did not start")
    }
    let digits = line[start.upperBound...].prefix { $0.isNumber }
    guard let port = Int(digits) else { throw TestFailure("no port in: \(line)") }
    return TestService(process: process, client: HTTPClient(port: port))
  }
}

/// A server in a process of its own.
public final class TestService: Sendable {
  public let process: TestProcess
  public let client: HTTPClient

  init(process: TestProcess, client: HTTPClient) {
    self.process = process
    self.client = client
  }
}

extension String {
  /// The range of the first occurrence of a text.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
