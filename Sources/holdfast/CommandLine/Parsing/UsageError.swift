import HoldfastJSON
import HoldfastModel

/// The sentences for calls that cannot be understood, all in one place.
enum UsageError {
  /// A word that is no command here.
  static func unknownCommand(
    _ word: String, in command: Command, named name: String
  ) -> HoldfastError {
    // A command of a group, called without the group: more telling than any likeness.
    let groups = command.visibleSubcommands.filter { $0.subcommand(named: word) != nil }
    if !groups.isEmpty {
      let calls = groups.map { "\($0.name) \(word)" }
      return error("unknown command \"\(word)\"", suggesting: calls)
    }
    let known = command.visibleSubcommands.flatMap { [$0.name] + $0.aliases }
    return error(
      "unknown command \"\(word)\"",
      suggesting: EditDistance.nearest(word, among: known).map { [$0] } ?? [])
  }

  /// An option that neither the command nor all commands take.
  static func unknownOption(
    _ spelling: String, in command: Command, named name: String
  ) -> HoldfastError {
    let known = (command.visibleOptions + GlobalOptions.all).map(\.name)
    let typed = String(spelling.drop { $0 == "-" })
    let nearest = typed.count > 1 ? EditDistance.nearest(typed, among: known) : nil
    return error(
      "unknown option \"\(spelling)\" of \"\(name)\"",
      suggesting: nearest.map { ["--\($0)"] } ?? [])
  }

  /// A group without one of its commands.
  static func noCommand(_ command: Command, named name: String) -> HoldfastError {
    error("\"\(name)\" needs a command: \(command.visibleSubcommands.map(\.name).joinedAsChoice)")
  }

  /// A word too many.
  static func excessWord(
    _ word: String, of command: Command, named name: String
  ) -> HoldfastError {
    let taken =
      switch command.arguments.count {
      case 0: "no arguments"
      case 1: "one argument"
      case let count: "\(count) arguments"
      }
    return error("unexpected \"\(word)\": \"\(name)\" takes \(taken)")
  }

  /// An argument that was left out.
  static func missing(_ argument: Argument, named name: String) -> HoldfastError {
    error("\"\(name)\" needs \(argument.usage)")
  }

  /// An option that was left out.
  static func missing(_ option: Option, named name: String) -> HoldfastError {
    error("\"\(name)\" needs \(option.usage)")
  }

  /// An option without its value.
  static func missingValue(of option: Option, as spelling: String) -> HoldfastError {
    error("\(spelling) needs a value: \(spelling) <\(option.placeholder)>")
  }

  /// An option whose value looks like the next option.
  static func missingValue(
    of option: Option, as spelling: String, before next: String
  ) -> HoldfastError {
    error(
      "\(spelling) needs a value before \"\(next)\"; "
        + "if that is the value, write \(spelling)=\(next)")
  }

  /// A value that the option does not take.
  static func mismatch(
    _ mismatch: Option.Mismatch, _ text: String, of spelling: String
  ) -> HoldfastError {
    error(
      "\(spelling) takes \(mismatch.wanted), not \"\(text)\"",
      suggesting: EditDistance.nearest(text, among: mismatch.words).map { [$0] } ?? [])
  }

  /// An option that was given again.
  static func repeated(_ option: Option) -> HoldfastError {
    error("--\(option.name) can be given only once")
  }

  /// Two options that cannot be used together.
  static func excluded(_ first: String, _ second: String) -> HoldfastError {
    error("--\(first) and --\(second) cannot be used together")
  }

  private static func error(_ sentence: String, suggesting words: [String] = []) -> HoldfastError {
    guard let first = words.first else { return HoldfastError(.usage, sentence) }
    let quoted = words.map { "\"\($0)\"" }
    return HoldfastError(
      .usage, "\(sentence); did you mean \(quoted.joinedAsChoice)?",
      details: [("did_you_mean", .string(first))])
  }
}
