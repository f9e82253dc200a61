extension CompletionScript {
  /// Returns the completions for fish.
  static func fish(for root: Command) -> String {
    var script = CompletionScript(for: root)
    script.write()
    return script.text
  }

  private mutating func write() {
    line("# Completions for fish; '\(tree.program) completions fish' wrote them.")
    line("")
    writeCondition()
    line("")
    for name in tree.otherNames { line("complete -c \(name) -w \(tree.program)") }
    line("complete -c \(tree.program) -f")
    for option in GlobalOptions.all { write(option, condition: nil) }
    for node in tree.nodes {
      for command in node.command.visibleSubcommands {
        line(
          "complete -c \(tree.program) -n \(condition(node, 0, 0)) -a \(command.name) "
            + "-d \(ShellText.quotedForFish(command.summary))")
      }
      for option in node.command.visibleOptions { write(option, condition: condition(node)) }
      for (index, argument) in node.command.arguments.enumerated() {
        guard let values = values(for: argument.hint) else { continue }
        let last = if case .repeating = argument.count { Int(Int32.max) } else { index }
        line("complete -c \(tree.program) -n \(condition(node, index, last)) \(values)")
      }
    }
  }

  /// Writes the function that says whether the cursor stands behind a certain command.
  ///
  /// Its arguments are the words of the command, and the least and most words between it and the
  /// cursor.
  private mutating func writeCondition() {
    line("function _\(function)_at")
    line("  set -l path \(tree.program)")
    line("  set -l count 0")
    line("  set -l skips 0")
    line("  set -l tokens (commandline -opc)")
    line("  set -e tokens[1]")
    line("  for word in $tokens")
    line("    if test $skips -eq 1")
    line("      set skips 0")
    line("      continue")
    line("    end")
    line("    switch \"$path $word\"")
    line("      case \(valuePatterns)")
    line("        set skips 1")
    line("      case '* -*'")
    line("        continue")
    for (words, name) in tree.spellings {
      line("      case \(words.map(ShellText.quotedForFish).joined(separator: " "))")
      line("        set path '\(name)'")
    }
    line("      case '*'")
    line("        set count (math $count + 1)")
    line("    end")
    line("  end")
    line("  test \"$path\" = \"$argv[1]\"; or return 1")
    line("  test (count $argv) -eq 1; and return 0")
    line("  test $count -ge $argv[2]; and test $count -le $argv[3]")
    line("end")
  }

  private var valuePatterns: String {
    let globals = GlobalOptions.all.filter(\.takesValue).flatMap(CompletionTree.spellings)
      .map { ShellText.quotedForFish("* " + $0) }
    let own = tree.nodes.flatMap { node in
      node.command.visibleOptions.filter(\.takesValue).flatMap(CompletionTree.spellings)
        .map { ShellText.quotedForFish("\(node.name) \($0)") }
    }
    return (globals + own).joined(separator: " ")
  }

  private func condition(_ node: CompletionTree.Node, _ low: Int? = nil, _ high: Int? = nil)
    -> String
  {
    let count = if let low, let high { " \(low) \(high)" } else { "" }
    return "\"_\(function)_at '\(node.name)'\(count)\""
  }

  private mutating func write(_ option: Option, condition: String?) {
    var parts = ["complete", "-c", tree.program]
    if let condition { parts += ["-n", condition] }
    if let short = option.short { parts += ["-s", String(short)] }
    parts += ["-l", option.name]
    if option.takesValue { parts.append(values(for: option.hint) ?? "-x") }
    parts += ["-d", ShellText.quotedForFish(option.help)]
    line(parts.joined(separator: " "))
  }

  private func values(for hint: ValueHint) -> String? {
    switch hint {
    case .none: nil
    case .file: "-r -F"
    case .folder: "-x -a '(__fish_complete_directories)'"
    case .words(let words): "-x -a '\(words.joined(separator: " "))'"
    case .lines(of: let words):
      "-x -a '(\(tree.program) \(words.joined(separator: " ")) 2>/dev/null)'"
    }
  }
}
