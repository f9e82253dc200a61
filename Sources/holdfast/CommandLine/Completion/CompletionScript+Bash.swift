extension CompletionScript {
  /// Returns the completions for bash.
  static func bash(for root: Command) -> String {
    var script = CompletionScript(for: root)
    script.write()
    return script.text
  }

  private mutating func write() {
    line("# shellcheck shell=bash")
    line("# Completions for bash; '\(tree.program) completions bash' wrote them.")
    writeHelpers()
    line("\(function)() {")
    line("  local cur=${COMP_WORDS[COMP_CWORD]} path=\(tree.program) option='' count=0 index word")
    line("  local only_words=''")
    line("  COMPREPLY=()")
    // The words before the cursor: which command is it, and does an option wait for its value?
    line("  for ((index = 1; index < COMP_CWORD; index++)); do")
    line("    word=${COMP_WORDS[index]}")
    line("    if [[ $word == '=' ]]; then")
    line("      [[ -n $option ]] || ((index++))")
    line("    elif [[ -n $option ]]; then")
    line("      option=''")
    line("    elif [[ -n $only_words ]]; then")
    line("      ((count++))")
    line("    else")
    line("      case \"$path $word\" in")
    line("        *' --') only_words=1 ;;")
    line("        \(valuePatterns)) option=$word ;;")
    line("        *' -'*) ;;")
    for (words, name) in tree.spellings {
      line("        \(words.map(ShellText.quoted).joined(separator: " | "))) path='\(name)' ;;")
    }
    line("        *) ((count++)) ;;")
    line("      esac")
    line("    fi")
    line("  done")
    line("  [[ $cur == '=' ]] && cur=''")
    writeValues()
    writeOptions()
    writeWords()
    line("}")
    line("")
    line("complete -F \(function) \(([tree.program] + tree.otherNames).joined(separator: " "))")
  }

  private mutating func writeHelpers() {
    line(
      """
      \(function)_words() {
        mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
      }

      \(function)_files() {
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
      }

      \(function)_lines() {
        local line
        while IFS= read -r line; do
          [[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
        done < <("${COMP_WORDS[0]}" "$@" 2> /dev/null)
      }

      """)
  }

  /// The patterns of all options that wait for a value, behind the name of their command.
  private var valuePatterns: String {
    let globals = GlobalOptions.all.filter(\.takesValue)
      .flatMap(CompletionTree.spellings).map { "*\(ShellText.quoted(" " + $0))" }
    let own = tree.nodes.flatMap { node in
      node.command.visibleOptions.filter(\.takesValue).flatMap(CompletionTree.spellings)
        .map { ShellText.quoted("\(node.name) \($0)") }
    }
    return (globals + own).joined(separator: " | ")
  }

  private mutating func writeValues() {
    line("  if [[ -n $option ]]; then")
    line("    case \"$path $option\" in")
    for option in GlobalOptions.all {
      writeValue(of: option) { "*" + ShellText.quoted(" " + $0) }
    }
    for node in tree.nodes {
      for option in node.command.visibleOptions {
        writeValue(of: option) { ShellText.quoted("\(node.name) \($0)") }
      }
    }
    line("      *) ;;")
    line("    esac")
    line("    return")
    line("  fi")
  }

  private mutating func writeValue(of option: Option, pattern: (String) -> String) {
    guard option.takesValue, let action = action(for: option.hint) else { return }
    let patterns = CompletionTree.spellings(of: option).map(pattern)
    line("      \(patterns.joined(separator: " | "))) \(action) ;;")
  }

  private mutating func writeOptions() {
    line("  if [[ $cur == -* && -z $only_words ]]; then")
    line("    local options='\(names(of: GlobalOptions.all))'")
    line("    case $path in")
    for node in tree.nodes where !node.command.visibleOptions.isEmpty {
      line("      '\(node.name)') options+=' \(names(of: node.command.visibleOptions))' ;;")
    }
    line("      *) ;;")
    line("    esac")
    line("    \(function)_words \"$options\"")
    line("    return")
    line("  fi")
  }

  private func names(of options: [Option]) -> String {
    options.map { "--\($0.name)" }.joined(separator: " ")
  }

  private mutating func writeWords() {
    line("  case \"$path $count\" in")
    for node in tree.nodes {
      let names = node.command.visibleSubcommands.map(\.name).joined(separator: " ")
      if !names.isEmpty { line("    '\(node.name) 0') \(function)_words '\(names)' ;;") }
      for (index, argument) in node.command.arguments.enumerated() {
        guard let action = action(for: argument.hint) else { continue }
        let isLast = index == node.command.arguments.count - 1
        let takesAll = if case .repeating = argument.count { true } else { false }
        let place = isLast && takesAll ? "'\(node.name) '*" : "'\(node.name) \(index)'"
        line("    \(place)) \(action) ;;")
      }
    }
    line("    *) ;;")
    line("  esac")
  }

  private func action(for hint: ValueHint) -> String? {
    switch hint {
    case .none: nil
    case .file: "\(function)_files -f"
    case .folder: "\(function)_files -d"
    case .words(let words): "\(function)_words '\(words.joined(separator: " "))'"
    case .lines(of: let words): "\(function)_lines \(words.joined(separator: " "))"
    }
  }
}
