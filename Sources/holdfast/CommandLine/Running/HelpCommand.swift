import HoldfastJSON
import HoldfastModel

/// The command `help`, for any tree.
enum HelpCommand {
  /// Makes the command.
  /// - Parameters:
  ///   - version: The version that the manual page shows.
  ///   - commands: The words that a shell offers.
  ///   - sections: More sections of the manual page.
  /// - Returns: The command.
  static func make(
    version: String, commands: [String] = [],
    sections: @escaping @Sendable () -> [ManPage.Section] = { [] }
  ) -> Command {
    Command(
      "help", summary: "Shows what a command does and takes.",
      options: [.flag("man", "Prints the manual page of all commands, in roff.")],
      arguments: [
        .repeating(
          "command", "The words of the command.", atLeast: 0,
          hint: commands.isEmpty ? .none : .words(commands))
      ]
    ) { invocation in
      let words = invocation.arguments("command")
      if invocation.flag("man") {
        guard words.isEmpty else {
          throw HoldfastError(.usage, "--man prints the page of all commands, without a word")
        }
        invocation.output.text(
          ManPage.render(invocation.root, version: version, sections: sections()))
        return 0
      }
      let path = try path(to: words, in: invocation.root)
      invocation.output.show(CommandDescription.json(of: path)) {
        invocation.output.text(HelpPage(path: path, width: invocation.terminal.width).text)
      }
      return 0
    }
  }

  private static func path(to words: [String], in root: Command) throws(HoldfastError) -> [Command]
  {
    var command = root
    var path = [root]
    for word in words {
      guard let next = command.subcommand(named: word) else {
        let name = path.map(\.name).joined(separator: " ")
        throw UsageError.unknownCommand(word, in: command, named: name)
      }
      command = next
      path.append(next)
    }
    return path
  }
}
