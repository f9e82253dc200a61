extension CompletionScript {
  /// Returns the completions for zsh.
  static func zsh(for root: Command) -> String {
    var script = CompletionScript(for: root)
    script.write()
    return script.text
  }

  private mutating func write() {
    let names = ([tree.program] + tree.otherNames).joined(separator: " ")
    line("#compdef \(names)")
    line("# Completions for zsh; '\(tree.program) completions zsh' wrote them.")
    line("")
    line("\(function)__lines() {")
    line("  local -a found")
    line("  found=(\"${(@f)$(_call_program lines \(tree.program) \"$@\" 2> /dev/null)}\")")
    line("  compadd -a found")
    line("}")
    line("")
    line("\(function)__global=(")
    for option in GlobalOptions.all { line("  " + specification(of: option)) }
    line(")")
    for node in tree.nodes {
      line("")
      if node.command.subcommands.isEmpty { write(leaf: node) } else { write(group: node) }
    }
    line("")
    // As a file in $fpath the script is the body of the function; sourced, it registers itself.
    line("if [[ $funcstack[1] == \(function) ]]; then")
    line("  \(function) \"$@\"")
    line("else")
    line("  compdef \(function) \(names)")
    line("fi")
  }

  private mutating func write(leaf node: CompletionTree.Node) {
    line("\(ShellText.functionName(node.path))() {")
    line("  _arguments -s -S \"${\(function)__global[@]}\" \\")
    for option in node.command.visibleOptions { line("    \(specification(of: option)) \\") }
    for (index, argument) in node.command.arguments.enumerated() {
      line("    \(specification(of: argument, at: index + 1)) \\")
    }
    line("    && return 0")
    line("}")
  }

  private mutating func write(group node: CompletionTree.Node) {
    let name = ShellText.functionName(node.path)
    line("\(name)() {")
    line("  local curcontext=$curcontext state line")
    line("  typeset -A opt_args")
    line("  local -a commands")
    line("  commands=(")
    for command in node.command.visibleSubcommands {
      let summary = ShellText.replacing(command.summary, [":": "\\:"])
      line("    " + ShellText.quoted("\(command.name):\(summary)"))
    }
    line("  )")
    line("  _arguments -s -S -C \"${\(function)__global[@]}\" \\")
    for option in node.command.visibleOptions { line("    \(specification(of: option)) \\") }
    line("    '1: :->command' '*:: :->rest' && return 0")
    line("  case $state in")
    line("    command) _describe -t commands command commands ;;")
    line("    rest)")
    line("      case $words[1] in")
    for command in node.command.visibleSubcommands {
      let words = ([command.name] + command.aliases).joined(separator: "|")
      line("        \(words)) \(ShellText.functionName(node.path + [command.name])) ;;")
    }
    line("      esac ;;")
    line("  esac")
    line("}")
  }

  /// An option as `_arguments` reads it.
  private func specification(of option: Option) -> String {
    let help = ShellText.replacing(option.help, ["[": "\\[", "]": "\\]", "\\": "\\\\"])
    var value = ""
    if option.takesValue {
      value = ":" + escapedMessage(option.placeholder) + ":" + action(for: option.hint)
    }
    let spellings = CompletionTree.spellings(of: option)
    // Once it is given, neither it nor what it excludes is offered again.
    let gone = option.excludes.map { "--\($0)" } + (option.isRepeatable ? [] : spellings)
    let without = gone.isEmpty ? "" : "(\(gone.joined(separator: " ")))"
    let prefix = without + (option.isRepeatable ? "*" : "")
    return spellings.map { spelling in
      let takes = option.takesValue ? (spelling.hasPrefix("--") ? "=" : "+") : ""
      return ShellText.quoted("\(prefix)\(spelling)\(takes)[\(help)]\(value)")
    }.joined(separator: " ")
  }

  /// An argument as `_arguments` reads it.
  private func specification(of argument: Argument, at index: Int) -> String {
    let place =
      switch argument.count {
      case .required: "\(index):"
      case .optional: "\(index)::"
      case .repeating: "*:"
      }
    return ShellText.quoted(
      place + escapedMessage(argument.name) + ":" + action(for: argument.hint))
  }

  private func action(for hint: ValueHint) -> String {
    switch hint {
    case .none: " "
    case .file: "_files"
    case .folder: "_files -/"
    case .words(let words): "(\(words.joined(separator: " ")))"
    // The space keeps zsh from adding options of compadd to the call.
    case .lines(of: let words): " \(function)__lines \(words.joined(separator: " "))"
    }
  }

  private func escapedMessage(_ text: String) -> String {
    ShellText.replacing(text, [":": "\\:", "\\": "\\\\"])
  }
}
