import HoldfastJSON
import HoldfastTesting

extension TestHome {
  /// Runs `holdfast` in a folder of the home, with nothing but this in the environment.
  func run(
    in folder: String, _ words: String..., input: String? = nil, program: String? = nil,
    variables: [String: String] = [:]
  ) throws -> TestProcess.Result {
    try run(in: folder, words, input: input, program: program, variables: variables)
  }

  func run(
    in folder: String, _ words: [String], input: String? = nil, program: String? = nil,
    variables: [String: String] = [:]
  ) throws -> TestProcess.Result {
    try TestProcess.run(
      words, program: program ?? TestProcess.holdfast,
      environment: environment.merging(variables) { $1 }, input: input,
      directory: self.folder.file(folder))
  }

  /// Runs a script of the shell in the home, with words from `$1` on.
  @discardableResult
  func shell(_ script: String, _ words: String...) throws -> TestProcess.Result {
    try TestProcess.run(
      ["-c", script, "sh"] + words, program: "/bin/sh", environment: environment,
      directory: folder.path)
  }

  /// A repository with one commit; the commit's hash.
  @discardableResult
  func repository(_ folder: String, isEmpty: Bool = false) throws -> String {
    let path = self.folder.file(folder)
    _ = try ChildProcess.run(["mkdir", "-p", path])
    try ChildProcess.git("init", "-q", "-b", "main", in: path)
    if isEmpty { return "" }
    return try commit("first of \(folder)", in: folder)
  }

  @discardableResult
  func commit(_ text: String, in folder: String) throws -> String {
    let path = self.folder.file(folder)
    try ChildProcess.git("commit", "-q", "--allow-empty", "-m", text, in: path)
    return try ChildProcess.git("rev-parse", "HEAD", in: path)
  }
}

extension TestProcess.Result {
  /// The results as JSON.
  var json: JSON? { try? JSONReader.read(Array(output.utf8)) }

  /// Whether it succeeded, printed exactly this, and had nothing to say beside it.
  func printed(_ text: String) -> Bool { code == 0 && output == text && errors.isEmpty }
}
