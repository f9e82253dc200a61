import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// `migrate`: copies a whole store from one place to another.
enum MigrateCommand {
  static func make() -> Command {
    Command(
      "migrate",
      summary: "Copies a whole store between SQLite and PostgreSQL, and checks the copy.",
      discussion: """
        Ids, revisions, the order of events, times, bytes, kept answers and the leases of signals stay \
        the same; the source is only read. Stop all servers of both stores first: a file that is in \
        use is refused, and so is a source on PostgreSQL that was written meanwhile.

        The target is a new file or an empty database. It is no store until everything is there and \
        verified; a copy that was interrupted starts over when the same command is run again.
        """,
      examples: [
        Example(
          "holdfast migrate --from ~/.config/holdfast/taskstore.db --to postgresql://db/holdfast",
          "Moves a store into a database on the server db."),
        Example(
          "holdfast migrate --from postgresql://db/holdfast --to ./taskstore.db",
          "Brings it back into a file."),
      ],
      options: [
        .text(
          "from", "location", "The store: a path, or a sqlite: or postgresql: URL.", required: true,
          excludes: ["store"], hint: .file),
        .text(
          "to", "location", "Where the copy goes, in the same form.", required: true, hint: .file),
      ]
    ) { invocation in
      try run(invocation)
    }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    try invocation.refuseProject()
    let settings = try Settings.load(for: invocation)
    let from = try location("from", invocation)
    let to = try location("to", invocation)
    guard from != to else { throw HoldfastError(.usage, "--from and --to are the same place") }
    let work = Migrate(from: try settings.place(from), to: try settings.place(to))
    let progress = Progress(on: invocation.output)
    defer { progress.finish() }
    let report = try work.run { progress.update($0) }
    progress.finish()
    var out = ObjectWriter(shape: .native)
    out.value(report)
    var json = try JSONReader.read(out.bytes).objectValue ?? JSONObject([])
    json.set("from", .string(from.redactedText))
    json.set("to", .string(to.redactedText))
    invocation.output.show(.object(json)) {
      let rows = report.check.tables.reduce(0) { $0 + $1.rows }
      invocation.output.line(
        "copied \(rows) rows and \(report.check.events) events to \(to.redactedText), verified")
    }
    return 0
  }

  private static func location(
    _ option: String, _ invocation: Invocation
  ) throws(HoldfastError) -> StoreLocation {
    do {
      return try StoreLocation(
        parsing: invocation.requiredText(option), from: invocation.environment.directory,
        home: invocation.environment.home)
    } catch {
      throw HoldfastError(.usage, "--\(option) \(error.text)")
    }
  }
}

extension Settings {
  /// The place of a store that this process is to have for itself.
  fileprivate func place(_ location: StoreLocation) throws(HoldfastError) -> StorePlace {
    switch location {
    case .sqlite(let path):
      guard Path.kind(of: Path.parent(of: path)) == .folder else {
        throw HoldfastError(.notFound, "there is no folder \(Path.parent(of: path)) for the store")
      }
      return .file(sqliteConfiguration(path: path))
    case .postgresql(let url): return .postgresql(postgreSQLConfiguration(url: url))
    case .remote, .json:
      throw HoldfastError(
        .usage,
        "migrate copies between files and PostgreSQL, not \(location.redactedText): run it on the "
          + "machine of the store")
    }
  }
}
