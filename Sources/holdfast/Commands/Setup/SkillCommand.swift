import HoldfastModel

/// `skill`: a file from which agents learn the command line.
enum SkillCommand {
  /// Where programs look for skills.
  private enum Reader: String, CaseIterable {
    case claude
    case codex
    case cursor
    case opencode

    /// The folder of skills, below the home or the repository.
    var folder: String {
      switch self {
      case .claude: ".claude/skills"
      // What several programs share; Codex reads no other.
      case .codex, .cursor, .opencode: ".agents/skills"
      }
    }
  }

  static func make() -> Command {
    Command(
      "skill",
      summary: "Teaches agents the command line by a file that they read when they need it.",
      subcommands: [
        Command(
          "install", summary: "Writes the skill.",
          discussion: """
            The file is SKILL.md in .claude/skills/holdfast for Claude Code, and in .agents/skills/holdfast \
            for Codex, Cursor and OpenCode: of the repository, or of your home with the scope user. It is shown \
            before it is written, and written on yes, or with --yes.
            """,
          examples: [
            Example("holdfast skill install", "For Claude Code, in this repository."),
            Example(
              "holdfast skill install --client codex --scope user --yes", "For Codex, everywhere."),
          ], options: options + [SetupPlan.yesOption]
        ) { try install($0) },
        Command(
          "uninstall", summary: "Takes the skill away.",
          examples: [Example("holdfast skill uninstall", "Takes it out of this repository.")],
          options: options + [SetupPlan.yesOption]
        ) { try uninstall($0) },
      ])
  }

  private static let options: [Option] = [
    .choice(
      "client", "program", Reader.allCases.map(\.rawValue), "Who is to read it.", default: "claude"),
    .choice(
      "scope", "scope", MCPClient.Scope.allCases.map(\.rawValue),
      "All of your projects, or this one.", default: "project"),
  ]

  private static func install(_ invocation: Invocation) throws -> Int32 {
    let file = try file(invocation)
    _ = try file.text()
    return try SetupPlan([
      .init(file: file, after: Array(AgentWords.skill.utf8), part: .skill)
    ]).carryOut(
      invocation, unchanged: "\(file.path) says so already")
  }

  private static func uninstall(_ invocation: Invocation) throws -> Int32 {
    let file = try file(invocation)
    var changes: [SetupPlan.Change] = []
    if let bytes = file.bytes {
      let records = UndoRecords(invocation.environment)
      // What somebody has written into it since is theirs.
      guard bytes == Array(AgentWords.skill.utf8) || records.isAsWritten(file) else {
        throw HoldfastError(
          .conflict,
          "\(file.path) is not what this program has written: delete it yourself if nobody needs it"
        )
      }
      changes.append(
        .init(
          file: file, after: try records.without(.skill, file), part: .skill,
          folders: invocation.text("scope") == "project" ? 3 : 2, isRecorded: false))
    }
    return try SetupPlan(changes).carryOut(invocation, unchanged: "there is no \(file.path)")
  }

  private static func file(_ invocation: Invocation) throws(HoldfastError) -> SetupFile {
    let environment = invocation.environment
    let reader = Reader(rawValue: invocation.requiredText("client")) ?? .claude
    let name = reader.folder + "/holdfast/SKILL.md"
    guard invocation.text("scope") == "project" else {
      guard let home = environment.home else {
        throw HoldfastError(.usage, "HOME does not say where your skills are")
      }
      if reader == .claude, let folder = environment["CLAUDE_CONFIG_DIR"] {
        return try SetupFile(Path.join(folder, "skills/holdfast/SKILL.md"), isPrivate: false)
      }
      return try SetupFile(Path.join(home, name), isPrivate: false)
    }
    let folder = try MCPClient.projectFolderToWrite(environment)
    return try SetupFile(Path.join(folder, name), within: folder, isPrivate: false)
  }
}
