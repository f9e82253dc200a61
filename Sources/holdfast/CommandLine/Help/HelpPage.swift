/// The help of one command, as `--help` shows it.
struct HelpPage {
  private let path: [Command]
  private let width: Int

  /// The widest help; longer lines are hard to read.
  private static let widthMax = 100

  /// The help of a command.
  /// - Parameters:
  ///   - path: The commands from the root to it.
  ///   - width: The columns of the terminal.
  init(path: [Command], width: Int) {
    self.path = path
    self.width = min(max(width, 40), Self.widthMax)
  }

  private var command: Command { path[path.count - 1] }
  private var name: String { path.map(\.name).joined(separator: " ") }

  /// The whole text, with a line break at its end.
  var text: String {
    var sections: [[String]] = [
      TextLayout.wrapped("Usage: " + Self.usage(of: command, named: name), width: width)
    ]
    var intro = TextLayout.wrapped(command.summary, width: width)
    if !command.discussion.isEmpty {
      intro += [""] + TextLayout.wrapped(command.discussion, width: width)
    }
    if !command.aliases.isEmpty {
      intro += ["", "Also called: " + command.aliases.joined(separator: ", ")]
    }
    sections.append(intro)
    add("Commands:", command.visibleSubcommands.map { (Self.names(of: $0), $0.summary) }, &sections)
    add("Arguments:", command.arguments.map { ($0.usage, Self.help(of: $0)) }, &sections)
    add("Options:", command.visibleOptions.map(Self.row), &sections)
    if path.count == 1 {
      add("Options of every command:", GlobalOptions.all.map(Self.row), &sections)
    } else {
      let names = GlobalOptions.all.map { "--\($0.name)" }.joined(separator: ", ")
      sections.append(
        TextLayout.wrapped(
          "Options of every command: \(names); see '\(path[0].name) --help'.", width: width))
    }
    if !command.examples.isEmpty {
      sections.append(
        ["Examples:"]
          + command.examples.flatMap { example in
            TextLayout.wrapped(example.explanation, width: width - 2).map { "  " + $0 }
              + ["    $ " + example.line(calling: path[0].name)]
          })
    }
    if !command.subcommands.isEmpty {
      let hint = "'\(name) <command> --help' shows what a command does and takes."
      sections.append(TextLayout.wrapped(hint, width: width))
    }
    return sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private func add(
    _ title: String, _ rows: [(String, String)], _ sections: inout [[String]]
  ) {
    guard !rows.isEmpty else { return }
    sections.append(
      [title] + TextLayout.list(rows.map { (term: $0.0, text: $0.1) }, width: width))
  }

  /// The usage line of a command: `holdfast task show [options] <file>`.
  static func usage(of command: Command, named name: String) -> String {
    if !command.subcommands.isEmpty {
      guard command.run != nil else { return "\(name) <command>" }
      return "\(name) \(command.visibleOptions.isEmpty ? "" : "[options] ")[<command>]"
    }
    let required = command.visibleOptions.filter(\.isRequired).map(\.usage)
    let hasMore = command.visibleOptions.count > required.count
    let parts = [name] + required + (hasMore ? ["[options]"] : []) + command.arguments.map(\.usage)
    return parts.joined(separator: " ")
  }

  /// A command's name and aliases: `task, t`.
  static func names(of command: Command) -> String {
    ([command.name] + command.aliases).joined(separator: ", ")
  }

  private static func row(_ option: Option) -> (String, String) {
    (option.short.map { "-\($0), \(option.usage)" } ?? "    \(option.usage)", help(of: option))
  }

  /// The sentence of an argument, and the words that it takes where there are but a few.
  static func help(of argument: Argument) -> String {
    guard case .words(let words) = argument.hint else { return argument.help }
    return "\(argument.help) (\(words.joinedAsChoice))"
  }

  /// The sentence of an option and what else there is to know about it.
  static func help(of option: Option) -> String {
    var notes: [String] = []
    switch option.kind {
    case .choice(let words): notes.append("one of " + words.joinedAsChoice)
    case .integer(let range) where range.upperBound < .max:
      notes.append("\(range.lowerBound) to \(range.upperBound)")
    default: break
    }
    if let text = option.defaultText { notes.append("default: \(text)") }
    if option.isRepeatable { notes.append("can be given several times") }
    if option.isRequired { notes.append("required") }
    for name in option.excludes { notes.append("not with --\(name)") }
    return notes.isEmpty ? option.help : "\(option.help) (\(notes.joined(separator: "; ")))"
  }
}
