import HoldfastModel

/// Reads the words of a command line against a tree of commands.
///
/// Options stand anywhere after the command that declares them, the global ones also before it.
/// A value is `--name value`, `--name=value`, `-n value`, `-nvalue` or `-n=value`; letters without
/// a value can be grouped; behind `--` everything is a word, and so are `-` and negative numbers. A
/// value that looks like an option is written with `=`: otherwise a forgotten value would swallow
/// the next option.
struct CommandParser {
  /// The commands from the root to the one that was recognized so far, also after an error.
  private(set) var path: [Command]
  private var values = ParsedValues()
  private var rest: ArraySlice<String> = []

  /// A parser for a tree of commands.
  init(root: Command) {
    path = [root]
  }

  /// The command that was recognized so far.
  var command: Command { path[path.count - 1] }

  /// The words that call it, such as `holdfast task show`.
  var commandName: String { path.map(\.name).joined(separator: " ") }

  /// Reads a command line.
  /// - Parameter words: The words without the name of the program.
  /// - Returns: What the call asks for.
  /// - Throws: ``HoldfastError`` with code `usage` and the nearest right word where there is one.
  mutating func parse(_ words: [String]) throws(HoldfastError) -> ParsedCall {
    rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        for word in rest { try take(word: word) }
        break
      }
      if word.hasPrefix("--") {
        try takeLong(word)
      } else if isOption(word) {
        try takeShort(word)
      } else {
        try take(word: word)
      }
      if values.isSet("help") { return help() }
    }
    if values.isSet("version") {
      return ParsedCall(request: .version, path: path, values: values)
    }
    try checkWhole()
    return ParsedCall(request: .run, path: path, values: values)
  }

  /// Asking for help ends the reading: nothing else in the call can be wrong any more.
  ///
  /// Only the form of the help still counts.
  private mutating func help() -> ParsedCall {
    if rest.prefix(while: { $0 != "--" }).contains("--json") { values.options["json"] = ["true"] }
    return ParsedCall(request: .help, path: path, values: values)
  }

  /// Whether a word is an option: it begins with a dash, and is neither `-` nor a negative number.
  private func isOption(_ word: String) -> Bool {
    var rest = word.utf8.drop { $0 == UInt8(ascii: "-") }
    guard rest.count < word.utf8.count, word != "-" else { return false }
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst() }
    guard let first = rest.first, word.utf8.dropFirst().first != UInt8(ascii: "-") else {
      return true
    }
    return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
  }

  // MARK: Words

  private mutating func take(word: String) throws(HoldfastError) {
    if !command.subcommands.isEmpty {
      guard let subcommand = command.subcommand(named: word) else {
        throw UsageError.unknownCommand(word, in: command, named: commandName)
      }
      // Options of its own are not those of what is below.
      let given = command.options.first { values.isGiven($0.name) }
      path.append(subcommand)
      if let given {
        throw UsageError.unknownOption("--\(given.name)", in: subcommand, named: commandName)
      }
      return
    }
    if case .repeating = command.arguments.last?.count {
      values.words.append(word)
      return
    }
    guard values.words.count < command.arguments.count else {
      throw UsageError.excessWord(word, of: command, named: commandName)
    }
    values.words.append(word)
  }

  // MARK: Options

  private mutating func takeLong(_ word: String) throws(HoldfastError) {
    let body = word.dropFirst(2)
    let name = String(body.prefix { $0 != "=" })
    let attached = name.utf8.count < body.utf8.count ? String(body.dropFirst(name.count + 1)) : nil
    guard let option = option(where: { $0.name == name }) else {
      throw UsageError.unknownOption("--\(name)", in: command, named: commandName)
    }
    try take(option, as: "--\(name)", attached: attached)
  }

  private mutating func takeShort(_ word: String) throws(HoldfastError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = option(where: { $0.short == letter }) else {
        throw UsageError.unknownOption(
          letters.isEmpty && word.count == 2 ? word : "-\(letter)", in: command,
          named: commandName)
      }
      let isLast = letters.isEmpty
      if option.takesValue || letters.first == "=" {
        let attached = letters.first == "=" ? letters.dropFirst() : letters
        try take(option, as: "-\(letter)", attached: isLast ? nil : String(attached))
        return
      }
      try take(option, as: "-\(letter)", attached: nil)
    }
  }

  private func option(where matches: (Option) -> Bool) -> Option? {
    command.options.first(where: matches) ?? GlobalOptions.all.first(where: matches)
  }

  /// Takes an option with its value.
  /// - Parameters:
  ///   - option: The option.
  ///   - spelling: How the call names it.
  ///   - attached: The value in the same word, if there is one.
  /// - Throws: ``HoldfastError`` with code `usage`.
  private mutating func take(
    _ option: Option, as spelling: String, attached: String?
  ) throws(HoldfastError) {
    let text: String
    if let attached {
      text = attached
    } else if option.takesValue {
      text = try nextValue(of: option, as: spelling)
    } else if option.kind == .toggle, let next = rest.first, next == "true" || next == "false" {
      text = rest.removeFirst()
    } else {
      text = "true"
    }
    if values.isGiven(option.name), !option.isRepeatable {
      // A flag said twice says nothing else.
      guard option.kind == .flag, values.last(option.name) == text else {
        throw UsageError.repeated(option)
      }
      return
    }
    switch option.checked(text) {
    case .success(let text): values.options[option.name, default: []].append(text)
    case .failure(let mismatch): throw UsageError.mismatch(mismatch, text, of: spelling)
    }
  }

  private mutating func nextValue(
    of option: Option, as spelling: String
  ) throws(HoldfastError) -> String {
    guard let next = rest.first, next != "--" else {
      throw UsageError.missingValue(of: option, as: spelling)
    }
    guard !isOption(next) else {
      throw UsageError.missingValue(of: option, as: spelling, before: next)
    }
    rest.removeFirst()
    return next
  }

  // MARK: The whole

  private func checkWhole() throws(HoldfastError) {
    if command.run == nil { throw UsageError.noCommand(command, named: commandName) }
    var left = values.words.count
    for argument in command.arguments {
      switch argument.count {
      case .required:
        if left == 0 { throw UsageError.missing(argument, named: commandName) }
        left -= 1
      case .optional: left = max(0, left - 1)
      case .repeating(let minimum):
        if left < minimum { throw UsageError.missing(argument, named: commandName) }
      }
    }
    for option in command.options + GlobalOptions.all {
      guard values.isGiven(option.name) else {
        if option.isRequired { throw UsageError.missing(option, named: commandName) }
        continue
      }
      if let other = option.excludes.first(where: { values.isGiven($0) }) {
        throw UsageError.excluded(option.name, other)
      }
    }
  }
}
