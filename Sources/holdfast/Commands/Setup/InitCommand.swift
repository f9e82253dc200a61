import HoldfastClient
import HoldfastModel

/// `init`: sets a repository up for agents.
enum InitCommand {
  static func make() -> Command {
    Command(
      "init", summary: "Sets a repository up: its project, a section for agents, a session hook.",
      discussion: """
        Writes the name of the project into .holdfast/config.toml; a short section into AGENTS.md, between \
        two lines of its own; and into .claude/settings.json a hook that runs 'holdfast prime' when a session \
        of Claude Code begins, goes on, or was compacted. Where there is a CLAUDE.md and no AGENTS.md, the \
        section goes there; where both are and CLAUDE.md does not name AGENTS.md, into both.

        Everything is shown before it is written, and written on yes, or with --yes. All else in the files \
        stays byte for byte; who calls this again changes nothing; --undo takes it out again. Nothing is \
        committed, and no git hook is touched. 'holdfast skill install' and 'holdfast mcp install' do the rest.
        """,
      examples: [
        Example("holdfast init", "Shows what would be written, and asks."),
        Example("holdfast init --yes", "Writes it."),
        Example("holdfast init --undo", "Takes it out again."),
      ],
      options: [
        SetupPlan.yesOption,
        .flag("undo", "Takes out what was put in."),
        .toggle(
          "hooks", "Whether sessions of Claude Code begin with 'holdfast prime'.", default: true),
      ]
    ) { invocation in
      let place = try Place(invocation.environment)
      return try invocation.flag("undo") ? undo(place, invocation) : run(place, invocation)
    }
  }

  /// The folders of a repository.
  private struct Place {
    /// The checkout in which files are written.
    let checkout: String
    /// The file that names the project.
    let configuration: SetupFile
    let environment: Environment

    init(_ environment: Environment) throws(HoldfastError) {
      let search = environment.directory.map { Repository.search(from: $0) } ?? .none
      guard let repository = search.repository, let checkout = repository.checkout else {
        throw HoldfastError(
          .usage, "this folder is in no checkout of a git repository: go there, or run 'git init'")
      }
      self.checkout = checkout
      self.environment = environment
      // The configuration of the main checkout counts for all worktrees.
      let name = ".holdfast/config.toml"
      let folders = [repository.mainCheckout, checkout].compactMap { $0 }
      let folder = folders.first { Path.exists(Path.join($0, name)) } ?? checkout
      configuration = try SetupFile(
        Path.join(folder, name), within: folder, isPrivate: false)
    }

    func file(_ name: String) throws(HoldfastError) -> SetupFile {
      try SetupFile(Path.join(checkout, name), within: checkout, isPrivate: false)
    }

    var hook: SetupFile { get throws(HoldfastError) { try file(".claude/settings.json") } }

    /// The files for agents that are there.
    func guides() throws(HoldfastError) -> [SetupFile] {
      var guides: [SetupFile] = []
      for name in ["AGENTS.md", "CLAUDE.md"] where Path.exists(Path.join(checkout, name)) {
        let guide = try file(name)
        // One may be a link to the other.
        if !guides.contains(where: { $0.target == guide.target }) { guides.append(guide) }
      }
      return guides
    }
  }

  private static func run(_ place: Place, _ invocation: Invocation) throws -> Int32 {
    let session = try Session(invocation)
    defer { session.close() }
    var notes: [String] = []
    let project = try project(of: session, &notes)
    var changes = [
      SetupPlan.Change(
        file: place.configuration, after: try ProjectLine.put(project, into: place.configuration),
        part: .projectLine)
    ]
    var guides = try place.guides()
    if guides.count == 2, try guides[1].text().contains("AGENTS.md") { guides.removeLast() }
    if guides.isEmpty { guides = [try place.file("AGENTS.md")] }
    for guide in guides {
      _ = try guide.text()
      let section = try MarkedSection(guide.bytes ?? [], in: guide.path)
      changes.append(
        SetupPlan.Change(
          file: guide, after: section.put(AgentWords.section(project: project.text)),
          part: .section))
    }
    if invocation.flag("hooks") {
      let hook = try place.hook
      _ = try hook.text()
      changes.append(
        SetupPlan.Change(file: hook, after: try SessionHook.put(into: hook), part: .hook))
    }
    return try SetupPlan(changes, notes: notes).carryOut(
      invocation, unchanged: "project \(project): everything is set up already"
    ) {
      // The store learns which repository the name belongs to before the name is given by a file.
      do {
        try session.recordProject()
      } catch let error as HoldfastError where error.code != .conflict {
        invocation.output.note("the store does not know the repository yet: \(error.message)")
      }
    }
  }

  /// The project of the repository: as named, else as the store knows it.
  private static func project(
    of session: Session, _ notes: inout [String]
  ) throws -> ProjectName {
    // What is not there yet is not made by a look.
    if case .sqlite(let path) = session.settings.databaseURL, !Path.exists(path) {
      return try session.settings.projectIdentity(in: session.invocation.environment).name
    }
    do {
      return try session.project()
    } catch let error as HoldfastError where error.code != .conflict && error.code != .usage {
      notes.append("the store could not be asked for the project's name: \(error.message)")
      return try session.settings.projectIdentity(in: session.invocation.environment).name
    }
  }

  private static func undo(_ place: Place, _ invocation: Invocation) throws -> Int32 {
    let records = UndoRecords(invocation.environment)
    var changes: [SetupPlan.Change] = []
    func takeOut(_ part: OwnPart, of file: SetupFile, folders: Int) throws {
      changes.append(
        SetupPlan.Change(
          file: file, after: try records.without(part, file), part: part, folders: folders,
          isRecorded: false))
    }
    try takeOut(.projectLine, of: place.configuration, folders: 1)
    for guide in try place.guides() { try takeOut(.section, of: guide, folders: 0) }
    try takeOut(.hook, of: place.hook, folders: 1)
    return try SetupPlan(changes).carryOut(
      invocation, unchanged: "nothing of 'holdfast init' is here")
  }
}
