/// One call of a command: what was said, where, and where its answer goes.
struct Invocation: Sendable {
  /// The whole tree of commands.
  let root: Command
  /// The commands from the root to the one that was called.
  let path: [Command]
  /// The options and words of the call.
  let values: ParsedValues
  /// The options that every command takes.
  let globals: GlobalOptions
  /// Where results, notes and errors go.
  let output: Console
  /// Where the standard input is read.
  let input: StandardInput
  /// What stands at the ends of the process.
  let terminal: Terminal
  /// The environment variables and the current folder.
  let environment: Environment

  /// The command that was called.
  var command: Command { path[path.count - 1] }

  /// The words that call it, such as `holdfast task show`.
  var commandName: String { path.map(\.name).joined(separator: " ") }

  /// A call.
  init(
    root: Command, call: ParsedCall, output: Console, input: StandardInput, terminal: Terminal,
    environment: Environment
  ) {
    self.root = root
    path = call.path
    values = call.values
    globals = GlobalOptions(call.values)
    self.output = output
    self.input = input
    self.terminal = terminal
    self.environment = environment
  }
}
