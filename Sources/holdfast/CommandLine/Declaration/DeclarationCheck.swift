/// What is wrong with a tree of commands; a test asks that nothing is.
///
/// A declaration is data, so a slip in it would show only when somebody types that very command.
struct DeclarationCheck {
  private var findings: [String] = []

  /// Returns one sentence for each flaw of a tree; none when it is sound.
  static func findings(in root: Command) -> [String] {
    var check = DeclarationCheck()
    check.visit(root, path: root.name, isRoot: true)
    return check.findings
  }

  private mutating func visit(_ command: Command, path: String, isRoot: Bool) {
    check(name: command.name, "\(path): the command's name")
    check(sentence: command.summary, "\(path): the summary")
    if command.run == nil, command.subcommands.isEmpty {
      findings.append("\(path): neither does anything nor has subcommands")
    }
    if !command.subcommands.isEmpty,
      !command.arguments.isEmpty || command.run == nil && !command.options.isEmpty
    {
      findings.append("\(path): a group takes neither arguments nor options of its own")
    }
    check(unique: command.subcommands.flatMap { [$0.name] + $0.aliases }, "\(path): the command")
    for alias in command.aliases { check(name: alias, "\(path): the alias") }
    for example in command.examples {
      let program = String(path.prefix { $0 != " " })
      let line = example.line(calling: example.program)
      if example.program != program {
        findings.append("\(path): the example '\(line)' calls another program")
      }
      check(sentence: example.explanation, "\(path): the example '\(line)'")
    }
    checkArguments(of: command, path: path)
    checkOptions(of: command, path: path)
    for subcommand in command.subcommands {
      visit(subcommand, path: "\(path) \(subcommand.name)", isRoot: false)
    }
  }

  private mutating func checkArguments(of command: Command, path: String) {
    check(unique: command.arguments.map(\.name), "\(path): the argument")
    var mayFollow = true
    var isOptional = false
    for argument in command.arguments {
      let place = "\(path): the argument <\(argument.name)>"
      check(name: argument.name, place)
      check(sentence: argument.help, place)
      check(hint: argument.hint, place)
      if !mayFollow { findings.append("\(place) follows one that takes all words") }
      switch argument.count {
      case .required:
        if isOptional { findings.append("\(place) is required, but one before it is not") }
      case .optional: isOptional = true
      case .repeating(let minimum):
        mayFollow = false
        if minimum > 0, isOptional {
          findings.append("\(place) is required, but one before it is not")
        }
      }
    }
  }

  private mutating func checkOptions(of command: Command, path: String) {
    let all = command.options + GlobalOptions.all
    check(unique: all.map(\.name), "\(path): the option --")
    check(unique: all.compactMap { $0.short.map { String($0) } }, "\(path): the option -")
    for option in command.options {
      let place = "\(path): --\(option.name)"
      check(name: option.name, place)
      check(sentence: option.help, place)
      check(hint: option.hint, place)
      if let short = option.short, !(short.isASCII && short.isLetter) {
        findings.append("\(place): -\(short) is not a letter")
      }
      if option.takesValue, option.placeholder.isEmpty {
        findings.append("\(place) has no placeholder")
      }
      for excluded in option.excludes where !all.contains(where: { $0.name == excluded }) {
        findings.append("\(place) excludes --\(excluded), which is unknown")
      }
      if option.isRequired, option.defaultValue != nil {
        findings.append("\(place) is required and has a default")
      }
      if let value = option.defaultValue, case .failure = option.checked(value) {
        findings.append("\(place): its default \(value) is not a value that it takes")
      }
    }
  }

  private mutating func check(name: String, _ place: String) {
    let isWord = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
    if name.isEmpty || !isWord || name.hasPrefix("-") {
      findings.append("\(place): '\(name)' is not a word of lower-case letters, digits and dashes")
    }
  }

  private mutating func check(sentence: String, _ place: String) {
    if sentence.isEmpty {
      findings.append("\(place) has no help")
    } else if !sentence.hasSuffix(".") {
      findings.append("\(place): its help is not a sentence: '\(sentence)'")
    }
  }

  private mutating func check(hint: ValueHint, _ place: String) {
    let words: [String]
    switch hint {
    case .words(let list), .lines(of: let list): words = list
    case .none, .file, .folder: return
    }
    for word in words where !ShellText.isPlain(word) {
      findings.append("\(place): the word '\(word)' needs quoting in a shell")
    }
  }

  private mutating func check(unique names: [String], _ place: String) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      findings.append("\(place)\(place.hasSuffix("-") ? "" : " ")\(name) is declared twice")
    }
  }
}
