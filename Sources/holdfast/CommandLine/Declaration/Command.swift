/// One word of the command line: what it does, what it takes, and the words below it.
///
///     Command(
///       "show", summary: "Prints the content of a task.",
///       arguments: [.required("file", "The file name of the task.")]
///     ) { invocation in
///       invocation.output.line(invocation.argument("file"))
///       return 0
///     }
///
/// A command is a value. The parser, the help, the manual page and the completions all read it, so
/// what is declared here is true everywhere. It has either subcommands or arguments, never both; with
/// subcommands it may do something of its own, too, and have options for that.
struct Command: Sendable {
  /// What a command does: it returns the exit code, or throws.
  typealias Body = @Sendable (Invocation) throws -> Int32

  /// The word that calls it.
  var name: String
  /// Other words that call it.
  var aliases: [String]
  /// One sentence for lists of commands.
  var summary: String
  /// More to know, in paragraphs divided by an empty line.
  var discussion: String
  /// Calls to learn from.
  var examples: [Example]
  /// The options of its own; the global ones are `GlobalOptions.all`.
  var options: [Option]
  /// The words that follow it, in order.
  var arguments: [Argument]
  /// The words below it, made when somebody asks for them: most calls need those of one command.
  var subcommands: [Command] { below() }
  private let below: @Sendable () -> [Command]
  /// Whether help and completions leave it out.
  var isHidden: Bool
  /// What it does; nil for a group, which only holds subcommands.
  var run: Body?

  /// Declares a command.
  init(
    _ name: String, aliases: [String] = [], summary: String, discussion: String = "",
    examples: [Example] = [], options: [Option] = [], arguments: [Argument] = [],
    subcommands: @autoclosure @escaping @Sendable () -> [Command] = [], isHidden: Bool = false,
    run: Body? = nil
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.discussion = discussion
    self.examples = examples
    self.options = options
    self.arguments = arguments
    below = subcommands
    self.isHidden = isHidden
    self.run = run
  }
}

extension Command {
  /// The subcommand with this name or alias.
  func subcommand(named word: String) -> Command? {
    subcommands.first { $0.name == word || $0.aliases.contains(word) }
  }

  /// The subcommands that help shows.
  var visibleSubcommands: [Command] { subcommands.filter { !$0.isHidden } }

  /// The options of its own that help shows.
  var visibleOptions: [Option] { options.filter { !$0.isHidden } }

  /// Calls a closure with this command and each below it that help shows, parents first.
  /// - Parameters:
  ///   - path: The words above this command.
  ///   - body: Takes the words from the root on, and the command that they call.
  func walk(below path: [String] = [], _ body: ([String], Command) -> Void) {
    let path = path + [name]
    body(path, self)
    for subcommand in visibleSubcommands { subcommand.walk(below: path, body) }
  }
}
