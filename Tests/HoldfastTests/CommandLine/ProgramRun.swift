@testable import holdfast

/// What one call of a program printed and returned.
struct ProgramRun {
  let code: Int32
  let output: String
  let errors: String

  /// Runs a call of the sample commands, its words divided by spaces.
  init(_ line: String, terminal: Terminal = Terminal(), root: Command = SampleCommands.root) {
    self.init(line.split(separator: " ").map { String($0) }, terminal: terminal, root: root)
  }

  /// Runs a call of the sample commands.
  init(
    _ words: [String], terminal: Terminal = Terminal(), root: Command = SampleCommands.root,
    environment: Environment = Environment(directory: "/"), input: String = ""
  ) {
    let (output, errors) = (MemorySink(), MemorySink())
    code = Program(root: root, version: "1.2.3").run(
      words, terminal: terminal, environment: environment,
      input: StandardInput(bytes: Array(input.utf8)),
      output: output, errors: errors)
    self.output = output.text
    self.errors = errors.text
  }
}
