private import CSystem
private import Glibc
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore
private import Synchronization

/// All work that spans a store, as commands ask for it and a server does it for them.
enum StoreWork {
  static let all =
    StoreOperationCatalog.own + [
      importing, exporting, exportingTaskGraph, exportingSnapshot,
    ]

  static func named(_ name: String) -> StoreOperationEntry {
    guard let entry = all.first(where: { $0.name == name }) else {
      preconditionFailure("there is no store operation \(name)")
    }
    return entry
  }

  private static let importing = StoreOperationEntry(Import.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("source", "The file or folder to import.")
    let project: ProjectName? = try fields.optional("project", "The project to import into.")
    let isDryRun = try fields.value("dry_run", "Only say what would be done.", default: false)
    var options = ImportOptions()
    options.mode = try fields.value(
      "mode", "What becomes of the tasks that the project has.", default: ImportMode.merge)
    options.remapsIDs = try fields.value(
      "remap_ids", "Whether the tasks of the graph get new ids.", default: false)
    options.parent = try fields.optional(
      "parent", "The task that is to contain what nothing contains.")
    let isForced = try fields.value(
      "force", "Whether the tasks of the project may be deleted.", default: false)
    guard options.mode != .replace || isForced || isDryRun else {
      throw HoldfastError(
        .usage,
        "replacing deletes the tasks that the project has (task restore brings them back): say --force "
          + "if you mean it")
    }
    do {
      return Import(
        try ImportSource.detect(path), project: project, isDryRun: isDryRun, options: options)
    } catch let error as HoldfastError {
      throw error
    } catch {
      throw HoldfastError(.internalError, "\(path) cannot be looked at")
    }
  }

  private static let exporting = StoreOperationEntry(FileExport.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("path", "The new file.")
    let project: ProjectName? = try fields.optional("project", "The project to export.")
    return FileExport(path: path, project: project)
  }

  private static let exportingSnapshot = StoreOperationEntry(SnapshotFileExport.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("path", "The new file; compressed when it ends in .gz.")
    let project: ProjectName = try fields.required("project", "The project to export.")
    return SnapshotFileExport(path: path, project: project)
  }

  private static let exportingTaskGraph = StoreOperationEntry(TaskGraphFileExport.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("path", "The new file.")
    let project: ProjectName = try fields.required("project", "The project to export.")
    let unit = try fields.value(
      "time_unit", "The unit of times.", default: SQLQuery.TimeUnit.milliseconds)
    let template: String? = try fields.optional(
      "template", "An empty database that the server made.")
    return TaskGraphFileExport(path: path, project: project, unit: unit, template: template)
  }
}

/// An export of a project as a database, which gets its name when it is whole.
private struct TaskGraphFileExport: StoreOperation {
  static let name = "export_task_graph"
  static let summary = TaskGraphExport.summary
  static let access = TaskGraphExport.access

  let path: String
  let project: ProjectName
  let unit: SQLQuery.TimeUnit
  let template: String?

  func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void) throws
    -> TaskGraphExportReport
  {
    let file = try NewFile(path)
    let report = try TaskGraphExport(
      path: file.draft, project: project, unit: unit, template: template
    ).run(on: store, progress: progress)
    try file.keep()
    return report
  }
}

/// An export of a project as a snapshot, which gets its name when it is whole.
private struct SnapshotFileExport: StoreOperation {
  static let name = TaskGraphSnapshot.name
  static let summary = TaskGraphSnapshot.summary
  static let access = TaskGraphSnapshot.access

  let path: String
  let project: ProjectName

  func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void) throws
    -> TaskGraphSnapshotReport
  {
    let file = try NewFile(path)
    let compression = Compression(isOn: path.hasSuffix(".gz"))
    let report = try TaskGraphSnapshot(project: project) { try file.append(compression.take($0)) }
      .run(on: store, progress: progress)
    try file.append(compression.finish())
    try file.keep()
    return report
  }

  /// Compresses what comes, where it is on.
  private final class Compression: Sendable {
    private let gzip: Mutex<GzipWriter?>

    init(isOn: Bool) { gzip = Mutex(isOn ? GzipWriter() : nil) }

    func take(_ bytes: [UInt8]) -> [UInt8] { gzip.withLock { $0?.compress(bytes) ?? bytes } }
    func finish() -> [UInt8] { gzip.withLock { $0?.finish() ?? [] } }
  }
}

/// An export into a file, which gets its name when it is whole.
private struct FileExport: StoreOperation {
  static let name = Export.name
  static let summary = Export.summary
  static let access = Export.access

  let path: String
  let project: ProjectName?

  func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void) throws
    -> ExportReport
  {
    let file = try NewFile(path)
    let report = try Export(project: project) { try file.append($0) }
      .run(on: store, progress: progress)
    try file.keep()
    return report
  }
}

/// A file that is written under a name of its own beside its place, and takes that place when it is
/// whole; otherwise nothing of it stays.
final class NewFile: Sendable {
  private let descriptor: Int32
  private let path: String
  /// The file as long as it is not whole.
  let draft: String

  /// - Throws: ``HoldfastError`` when there is such a file already, or none can be made there.
  init(_ path: String) throws(HoldfastError) {
    self.path = path
    draft = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
    guard !Path.exists(path) else { throw Self.refusal(path, EEXIST) }
    descriptor = holdfast_open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.refusal(path, errno) }
  }

  deinit {
    close(descriptor)
    unlink(draft)
  }

  func append(_ bytes: [UInt8]) throws(HoldfastError) {
    let failure = DescriptorSink(descriptor: descriptor).write(bytes)
    guard failure == 0 else { throw Self.refusal(path, failure) }
  }

  /// Brings the bytes to the disk and gives the file its name.
  func keep() throws(HoldfastError) {
    // A link never replaces a file that came meanwhile, a rename does.
    guard fsync(descriptor) == 0, link(draft, path) == 0 else {
      throw Self.refusal(path, errno)
    }
    let folder = holdfast_open(Path.parent(of: path), O_RDONLY | O_CLOEXEC, 0)
    guard folder >= 0 else { return }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw Self.refusal(path, errno) }
  }

  private static func refusal(_ path: String, _ failure: Int32) -> HoldfastError {
    let code: HoldfastError.Code =
      switch failure {
      case EEXIST: .alreadyExists
      case ENOSPC: .storageFull
      case EACCES, EPERM, EROFS, ENOENT, ENOTDIR: .readOnly
      default: .internalError
      }
    return HoldfastError(code, "\(path) cannot be written: \(SystemFailure.sentence(failure))")
  }
}
