/// The manual page of a tree of commands, in roff.
struct ManPage {
  /// A term with its explanation.
  struct Entry: Sendable {
    /// What is explained.
    let term: String
    /// One or more sentences.
    let text: String
  }

  /// A section beside those that come from the commands, such as ENVIRONMENT.
  struct Section: Sendable {
    /// The title, in capitals.
    let title: String
    /// What it explains.
    let entries: [Entry]
  }

  private var roff = Roff()

  /// Renders the page.
  /// - Parameters:
  ///   - root: The tree.
  ///   - version: The version of the program.
  ///   - sections: More sections, before the examples.
  /// - Returns: The roff document.
  static func render(_ root: Command, version: String, sections: [Section] = []) -> String {
    var page = ManPage()
    page.write(root, version: version, sections: sections)
    return page.roff.text
  }

  private mutating func write(_ root: Command, version: String, sections: [Section]) {
    roff.request("TH", root.name.uppercased(), "1", "", "\(root.name) \(version)", "User Commands")
    roff.request("SH", "NAME")
    let summary = root.summary.hasSuffix(".") ? String(root.summary.dropLast()) : root.summary
    roff.formatted("\(Roff.escaped(root.name)) \\- \(Roff.escaped(summary))")
    roff.request("SH", "SYNOPSIS")
    roff.formatted(
      "\(Roff.bold(root.name)) \(Roff.italic("command")) [\(Roff.italic("option"))...]")
    if !root.discussion.isEmpty {
      roff.request("SH", "DESCRIPTION")
      write(paragraphs: root.discussion)
    }
    roff.request("SH", "COMMANDS")
    root.walk { path, command in
      if command.run != nil { write(command, named: path.joined(separator: " ")) }
    }
    roff.request("SH", "OPTIONS OF EVERY COMMAND")
    for option in GlobalOptions.all { write(option) }
    roff.request("SH", "EXIT STATUS")
    for (code, meaning) in Self.exitCodes {
      write(Entry(term: String(code), text: meaning))
    }
    for section in sections {
      roff.request("SH", section.title)
      for entry in section.entries { write(entry) }
    }
    writeExamples(of: root)
  }

  private mutating func write(_ command: Command, named name: String) {
    roff.request("SS", HelpPage.usage(of: command, named: name))
    roff.lines(command.summary)
    if !command.discussion.isEmpty {
      roff.request("PP")
      write(paragraphs: command.discussion)
    }
    if !command.aliases.isEmpty {
      roff.request("PP")
      roff.lines("Also called \(command.aliases.joinedAsChoice).")
    }
    for argument in command.arguments {
      roff.request("TP")
      roff.formatted(Roff.italic(argument.name))
      roff.lines(HelpPage.help(of: argument))
    }
    for option in command.visibleOptions { write(option) }
  }

  private mutating func write(_ option: Option) {
    roff.request("TP")
    var term = option.short.map { Roff.bold("-\($0)") + ", " } ?? ""
    term += Roff.bold("--\(option.name)")
    switch option.kind {
    case .flag: break
    case .toggle: term += "[=true|false]"
    case .text, .integer, .choice: term += " " + Roff.italic(option.placeholder)
    }
    roff.formatted(term)
    roff.lines(HelpPage.help(of: option))
  }

  private mutating func write(_ entry: Entry) {
    roff.request("TP")
    roff.formatted(Roff.bold(entry.term))
    roff.lines(entry.text)
  }

  /// Writes paragraphs; lines that begin with a space keep their breaks.
  private mutating func write(paragraphs text: String) {
    var isVerbatim = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let wantsVerbatim = line.first == " "
      if wantsVerbatim != isVerbatim {
        roff.request(wantsVerbatim ? "nf" : "fi")
        isVerbatim = wantsVerbatim
      }
      roff.lines(String(line))
    }
    if isVerbatim { roff.request("fi") }
  }

  private mutating func writeExamples(of root: Command) {
    var examples: [Example] = []
    root.walk { examples += $1.examples }
    guard !examples.isEmpty else { return }
    roff.request("SH", "EXAMPLES")
    for example in examples {
      roff.request("TP")
      roff.formatted(Roff.bold(example.line(calling: root.name)))
      roff.lines(example.explanation)
    }
  }

  /// What the exit codes mean, for every command.
  static let exitCodes: [(Int, String)] = [
    (0, "Done."), (1, "Something failed."), (2, "The call was not understood."),
    (3, "There is no such thing."), (4, "It conflicts with what is there."),
    (5, "The store cannot be reached."), (6, "It is not allowed."),
  ]
}
