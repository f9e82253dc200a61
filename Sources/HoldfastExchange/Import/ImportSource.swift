internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

/// Where an import reads from; nothing of it is ever changed.
public enum ImportSource: Sendable, Equatable {
  /// A kasmos database: `taskstore.db`, or an older one with a table `plans`.
  case database(String)
  /// A kasmos `plan-state.json`.
  case planState(String)
  /// A folder of kasmos signal files: `.kasmos/signals`.
  case signals(String)
  /// An `issues.jsonl` of Beads.
  case beads(String)
  /// A database of task-graph-mcp, of any generation.
  case taskGraph(String)
  /// A JSON snapshot that task-graph-mcp 0.3 wrote, compressed with gzip or not.
  case taskGraphSnapshot(String)
  /// A file that ``Export`` wrote.
  case export(String)

  /// Looks at a file or folder and says what it is.
  ///
  /// - Parameter path: A file; or a repository, its `.kasmos` folder or the signals folder in it.
  /// - Returns: The source, its kind found by its content.
  /// - Throws: ``HoldfastError`` when it is nothing that can be imported.
  public static func detect(_ path: String) throws -> ImportSource {
    if FileReading.isFolder(path) {
      for folder in [path, path + "/signals", path + "/.kasmos/signals"]
      where SignalFolder.isOne(folder) {
        return .signals(folder)
      }
      throw HoldfastError(
        .invalidRequest,
        "the folder \(path) holds no signals of kasmos: name a database, a plan-state.json, a "
          + "signals folder or an export")
    }
    guard try FileReading.isFile(path) else {
      throw HoldfastError(.invalidRequest, "\(path) is neither a file nor a folder")
    }
    let start = try FileReading.start(of: path, count: 4096)
    if start.starts(with: "SQLite format 3\0".utf8) {
      guard !isStore(start) else {
        throw HoldfastError(
          .invalidRequest,
          "\(path) is a Holdfast store: use restore, or export it and import the export")
      }
      return try TaskGraphTables.isOne(path) ? .taskGraph(path) : .database(path)
    }
    if Gzip.isOne(start) { return .taskGraphSnapshot(path) }
    if start.starts(with: ExportHeader.start.utf8) { return .export(path) }
    let first = start.first { !Array(" \t\r\n".utf8).contains($0) }
    if first == UInt8(ascii: "{") {
      if TaskGraphTables.isSnapshot(start) { return .taskGraphSnapshot(path) }
      return BeadsFile.isOne(start) ? .beads(path) : .planState(path)
    }
    throw HoldfastError(
      .invalidRequest,
      "the file \(path) is neither an SQLite database, nor a plan-state.json, nor a snapshot of a task "
        + "graph, nor an export")
  }

  /// Whether the start of an SQLite file is that of a store of ours.
  private static func isStore(_ start: [UInt8]) -> Bool {
    // https://www.sqlite.org/fileformat.html: the application's id is at byte 68.
    let mark = start.dropFirst(68).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return mark == UInt32(bitPattern: StoreSchema.current.applicationID)
  }

  /// Whether its tasks name their projects, so that nobody else has to.
  public var namesProjects: Bool {
    switch self {
    case .database, .export: true
    case .planState, .signals, .beads, .taskGraph, .taskGraphSnapshot: false
    }
  }

  var words: String {
    switch self {
    case .database(let path): "the kasmos database \(path)"
    case .planState(let path): "the plan state \(path)"
    case .beads(let path): "the issues of Beads \(path)"
    case .signals(let path): "the signal files in \(path)"
    case .taskGraph(let path): "the task graph \(path)"
    case .taskGraphSnapshot(let path): "the snapshot of a task graph \(path)"
    case .export(let path): "the export \(path)"
    }
  }

  /// Reads and checks all of it.
  func plan(project: ProjectName?) throws -> ImportPlan {
    switch self {
    case .database(let path): try KasmosDatabase.plan(path: path, project: project)
    case .planState(let path): try PlanStateFile.plan(path: path, project: project)
    case .beads(let path): try BeadsFile.plan(path: path, project: project)
    case .signals(let path): try SignalFolder.plan(path: path, project: project)
    case .taskGraph(let path):
      try TaskGraphPlan.plan(try TaskGraphTables(database: path), project: project)
    case .taskGraphSnapshot(let path):
      try TaskGraphPlan.plan(try TaskGraphTables(snapshot: path), project: project)
    case .export(let path): try ExportedFile.plan(path: path, project: project)
    }
  }
}
