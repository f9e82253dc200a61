/// A user of its own for one test: a home folder, and commands run in it.
public final class TestHome: Sendable {
  public let folder: TemporaryFolder
  /// Words of a program that starts another one, such as nsenter; usually none.
  private let prefix: [String]

  public init(in folder: TemporaryFolder = TemporaryFolder(), startedBy prefix: [String] = []) {
    self.folder = folder
    self.prefix = prefix
  }

  public var environment: [String: String] {
    ["HOME": folder.path, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
  }

  /// The default store of this user.
  public var storePath: String { folder.file(".config/holdfast/taskstore.db") }

  /// Runs `holdfast` with these words, in the project `p` unless they name another one.
  public func run(_ words: String..., input: String? = nil) throws -> TestProcess.Result {
    try run(words, input: input)
  }

  public func run(_ words: [String], input: String? = nil) throws -> TestProcess.Result {
    var environment = environment
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
