private import Glibc
import HoldfastClient
import HoldfastDatabase
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// `status`, `verify`, `reindex`, `backup`, `restore`, `migrate`, `export` and `import`: what spans the
/// store.
enum StoreCommands {
  static let all = [
    status, verify, reindex, backup, restore, MigrateCommand.make(), export, importing,
  ]

  private static let status = Command(
    "status", summary: "Counts what is in the store and says what takes its space."
  ) { invocation in
    try invocation.refuseProject()
    return try Session.run(invocation) { session in
      let location = session.settings.databaseURL.redactedText
      let report = try session.work("store_status", [("location", .string(location))])
      invocation.output.show(report) { StatusText.print(report, to: invocation.output) }
      return 0
    }
  }

  private static let verify = Command(
    "verify", aliases: ["check"],
    summary: "Checks that every row is what its history says, and the file itself."
  ) { invocation in
    try invocation.refuseProject()
    return try Session.run(invocation) { session in
      let report = try session.work("verify", session.media())
      let isClean = report["clean"]?.boolValue == true
      invocation.output.show(report) {
        for part in report["unchecked"]?.arrayValue ?? [] {
          invocation.output.note(part.stringValue ?? "")
        }
        for problem in report["problems"]?.arrayValue ?? [] {
          invocation.output.line(problem.stringValue ?? "")
        }
        for file in report["media_left"]?.arrayValue ?? [] {
          invocation.output.note(
            "No attachment has the file \(file.stringValue ?? ""): it may be deleted.")
        }
        let more = report["problems_left_out"]?.int64Value ?? 0
        if more > 0 { invocation.output.line("and \(more) more") }
        let events = report["events"]?.int64Value ?? 0
        let rows = (report["tables"]?.arrayValue ?? []).reduce(0) {
          $0 + ($1["rows"]?.int64Value ?? 0)
        }
        invocation.output.line(
          isClean ? "clean: \(rows) rows are what \(events) events say" : "damaged")
      }
      return isClean ? 0 : HoldfastError.Code.corrupt.exitCode
    }
  }

  private static let reindex = Command(
    "reindex", summary: "Makes the index of the search again, from the tasks."
  ) { invocation in
    try invocation.refuseProject()
    return try Session.run(invocation) { session in
      let report = try session.work("search_rebuild", [])
      invocation.output.show(report) {
        invocation.output.line("indexed \(report.count("tasks", "task"))")
      }
      return 0
    }
  }

  private static let backup = Command(
    "backup", summary: "Copies the store into a new file while it is used, and checks the copy.",
    examples: [Example("holdfast backup ~/backups/monday.db", "Makes a checked copy.")],
    arguments: [.required("file", "The new file.", hint: .file)]
  ) { invocation in
    try invocation.refuseProject()
    return try Session.run(invocation) { session in
      let path = try absolute(invocation.argument("file"), invocation)
      let report = try session.work("backup", [("path", .string(path))])
      invocation.output.show(report) {
        let bytes = Int(report["bytes"]?.int64Value ?? 0)
        invocation.output.line("backed up to \(path) (\(ByteAmount.text(bytes)), verified)")
      }
      return 0
    }
  }

  private static let restore = Command(
    "restore", summary: "Puts a backup in the place of the store; the store's file is kept beside.",
    arguments: [.required("file", "The backup.", hint: .file)]
  ) { invocation in
    try invocation.refuseProject()
    let settings = try Settings.load(for: invocation)
    guard case .sqlite(let path) = settings.databaseURL else {
      throw HoldfastError(
        .usage,
        "restore needs a store in a file; one on PostgreSQL is brought back with pg_restore into an "
          + "empty database")
    }
    try settings.checkFolder(of: path)
    let progress = Progress(on: invocation.output)
    defer { progress.finish() }
    let backup = try absolute(invocation.argument("file"), invocation)
    let report = try Restore(backup, to: path).run { progress.update($0) }
    progress.finish()
    var out = ObjectWriter(shape: .native)
    out.value(report)
    let json = try JSONReader.read(out.bytes)
    invocation.output.show(json) {
      invocation.output.line("restored \(report.store) from \(backup)")
      if !report.kept.isEmpty { invocation.output.line("the file before it is \(report.kept)") }
    }
    return 0
  }

  private static let export = Command(
    "export", summary: "Writes projects with their tasks and signals as JSON Lines.",
    discussion: """
      With --format task-graph one project is written as a database of task-graph-mcp, in the layout \
      V005. That server opens no database without its own record of migrations: let it make an empty \
      one, stop it, and name that with --template. With --format task-graph-snapshot it is the JSON that \
      a later generation of that system exports and imports, compressed when the file ends in .gz.
      """,
    options: [
      .choice(
        "format", "format", ["lines", "task-graph", "task-graph-snapshot"], "What is written.",
        default: "lines"),
      .choice(
        "time-unit", "unit", ["ms", "s"], "With --format task-graph: the unit of times.",
        default: "ms"),
      .text(
        "template", "file", "With --format task-graph: an empty database that its server made.",
        hint: .file),
      .text("output", "file", "A new file; the standard output otherwise.", hint: .file),
      .flag("all", "All projects, not only the current one."),
    ]
  ) { invocation in
    try Session.run(invocation) { session in
      switch invocation.text("format") {
      case "task-graph": return try exportTaskGraph(session, invocation)
      case "task-graph-snapshot": return try exportSnapshot(session, invocation)
      default: break
      }
      let scratch = invocation.text("output") == nil ? try ScratchFolder() : nil
      defer { scratch?.remove() }
      let path =
        try invocation.text("output").map { try absolute($0, invocation) }
        ?? (scratch?.path ?? "") + "/export.jsonl"
      var fields: [(String, JSON)] = [("path", .string(path))]
      if !invocation.flag("all") {
        fields.append(("project", .string(try session.project().text)))
      }
      let report = try session.work("export", fields)
      if scratch != nil {
        invocation.output.content(try FileBytes.read(path, upTo: 1 << 40))
      } else {
        invocation.output.show(report) {
          invocation.output.line("exported to \(path)")
          guard let held = report["held"]?.int64Value, held > 0 else { return }
          invocation.output.line(
            "\(held.of("task")) held by agents: where it is imported, to be claimed anew")
        }
      }
      return 0
    }
  }

  private static func exportTaskGraph(_ session: Session, _ invocation: Invocation) throws -> Int32
  {
    guard let output = invocation.text("output"), !invocation.flag("all") else {
      throw HoldfastError(
        .usage, "a database has one project and a file: leave --all out, and name it with --output")
    }
    let path = try absolute(output, invocation)
    var fields: [(String, JSON)] = [
      ("path", .string(path)), ("project", .string(try session.project().text)),
      ("time_unit", .string(invocation.text("time-unit") ?? "ms")),
    ]
    if let template = invocation.text("template") {
      fields.append(("template", .string(try absolute(template, invocation))))
    }
    let report = try session.work("export_task_graph", fields)
    invocation.output.show(report) {
      invocation.output.line("exported \(report.count("tasks", "task")) to \(path)")
      ExportText.printLosses(report, to: invocation.output)
    }
    return 0
  }

  private static func exportSnapshot(_ session: Session, _ invocation: Invocation) throws -> Int32 {
    guard let output = invocation.text("output"), !invocation.flag("all") else {
      throw HoldfastError(
        .usage, "a snapshot has one project and a file: leave --all out, and name it with --output")
    }
    let path = try absolute(output, invocation)
    let report = try session.work(
      "export_task_graph_snapshot",
      [("path", .string(path)), ("project", .string(try session.project().text))])
    invocation.output.show(report) {
      invocation.output.line("exported \(report.count("tasks", "task")) to \(path)")
      for left in report["left_out"]?.arrayValue ?? [] {
        invocation.output.line("  has no place there: \(left.stringValue ?? "")")
      }
    }
    return 0
  }

  private static let importing = Command(
    "import", summary: "Takes over what kasmos, task-graph-mcp, Beads, or an export holds.",
    discussion: """
      The source is a taskstore.db or an older plans database of kasmos, a plan-state.json, a \
      folder with .kasmos/signals, a database of task-graph-mcp or a snapshot that it wrote, an \
      issues.jsonl of Beads, or a file that export wrote. It is only read. What is there already is \
      left alone, so an import can be repeated. An import that leaves tasks out says which, brings the \
      others, and ends with code 4.

      Of a source with several projects all are taken, or the one that --project names. What names \
      no project goes into that of the current folder.
      """,
    options: [
      .flag("dry-run", "Only says what would be done."),
      .choice(
        "mode", "mode", ImportMode.allCases.map(\.rawValue),
        "What becomes of the tasks that the project has: merge leaves them alone, fresh wants none, "
          + "replace deletes them, and takes the workflows of the source in the place of its own.",
        default: ImportMode.merge.rawValue),
      .flag("force", "With --mode replace: deletes them without being asked."),
      .flag("remap-ids", "Gives the tasks of a graph new ids."),
      .text("parent", "task", "The task that is to contain what nothing contains."),
    ],
    arguments: [.required("source", "The file or folder.", hint: .file)]
  ) { invocation in
    try Session.run(invocation) { session in
      let source = try absolute(invocation.argument("source"), invocation)
      var fields: [(String, JSON)] = [("source", .string(source))]
      if invocation.flag("dry-run") { fields.append(("dry_run", true)) }
      if invocation.flag("remap-ids") { fields.append(("remap_ids", true)) }
      if invocation.flag("force") { fields.append(("force", true)) }
      if let mode = invocation.text("mode") { fields.append(("mode", .string(mode))) }
      if let parent = invocation.text("parent") { fields.append(("parent", .string(parent))) }
      // Of a source that names its projects, one is chosen only on purpose.
      if try !ImportSource.detect(source).namesProjects || invocation.globals.project != nil {
        fields.append(("project", .string(try session.project().text)))
      }
      let report = try session.work("import", fields)
      invocation.output.show(report) { ImportText.print(report, to: invocation.output) }
      let isWhole = report["tasks_left_out"]?.int64Value ?? 0 == 0
      return isWhole ? 0 : HoldfastError.Code.conflict.exitCode
    }
  }

  private static func absolute(_ path: String, _ invocation: Invocation) throws -> String {
    guard path.hasPrefix("/") || invocation.environment.directory != nil else {
      throw HoldfastError(.usage, "the current folder is gone; give the whole path")
    }
    return realPath(of: Path.join(invocation.environment.directory ?? "", path))
  }
}
