import HoldfastTesting
import Testing

/// Runs the commands that a text for agents names.
struct AgentCommands {
  let home: TestHome
  let folder: String

  /// A repository with tasks to work on.
  init(in home: TestHome, folder: String) throws {
    self.home = home
    self.folder = folder
    try run("agent connect ada")
    for id in ["blocker", "first", "second"] {
      try run("task create --title \(id) --id \(id)")
    }
    try run("task claim first")
  }

  /// Runs what stands in backquotes, in indented lines and in blocks of the shell, and begins with
  /// `holdfast`.
  func check(_ text: String) throws {
    var commands: [String] = []
    for line in text.split(separator: "\n") {
      let words = line.drop { $0 == " " }
      if words.hasPrefix("holdfast ") {
        // What stands behind a wide gap explains.
        commands.append(
          String(words.split(separator: "#")[0]).split(separator: "   ")[0].description)
      }
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      for index in parts.indices where index % 2 == 1 && parts[index].hasPrefix("holdfast ") {
        commands.append(String(parts[index]))
      }
    }
    #expect(commands.count >= 5)
    for command in commands {
      if command.contains("mcp server") { continue }
      // A task that is held, and another one that is not yet done.
      try run("task reopen first", mayFail: true)
      try run("task claim first", mayFail: true)
      let words = command.dropFirst("holdfast ".count)
      try run(
        words.replacing("BLOCKER", with: "blocker").replacing(" ID", with: " first")
          .replacing("TITLE", with: "'More work'").replacing("NAME", with: "bob"))
    }
  }

  private func run(_ line: some StringProtocol, mayFail: Bool = false) throws {
    let run = try home.shell(
      "cd \"$1\" && HOLDFAST_AGENT=ada \"$2\" \(line)", home.folder.file(folder),
      TestProcess.holdfast)
    #expect(
      mayFail || run.code == 0 || run.code == 3 && line.hasPrefix("task claim"),
      "\(line): \(run.errors)")
  }
}
