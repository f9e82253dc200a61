internal import CSQLite
internal import CSystem
internal import Glibc

/// A copy of the store, made step by step on the writer's connection.
///
/// https://www.sqlite.org/backup.html: changes made through the same connection between two steps
/// are carried into the copy, so it never starts over under load, and it is the store as of its end.
///
/// `@unchecked Sendable`: the writer's thread alone uses it while it copies, and hands it over then.
final class SQLiteBackup: @unchecked Sendable {
  private let target: String
  private let partial: String
  private let isReplacing: Bool
  private var copy: OpaquePointer?
  private var backup: OpaquePointer?

  /// Pages copied between two groups of writes: about a millisecond.
  private static let pagesPerStep: Int32 = 256

  /// - Parameters:
  ///   - source: The writer's connection.
  ///   - target: Where the copy goes.
  ///   - isReplacing: Whether a file that is there already is replaced, or left alone.
  /// - Throws: ``DatabaseError`` when the copy cannot be made there.
  init(source: SQLiteConnection, target: String, isReplacing: Bool = false) throws {
    self.target = target
    self.isReplacing = isReplacing
    guard isReplacing || access(target, F_OK) != 0 else {
      throw Self.cannotTakeName(target, EEXIST)
    }
    // A name of its own: another backup may be on its way to the same target.
    partial = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
    let descriptor = holdfast_open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DatabaseError(
        errno == ENOSPC ? .full : .readOnly,
        "the backup cannot be written to \(target): \(String(cString: strerror(errno)))")
    }
    Glibc.close(descriptor)
    var handle: OpaquePointer?
    guard sqlite3_open(partial, &handle) == SQLITE_OK, let handle else {
      sqlite3_close(handle)
      unlink(partial)
      throw DatabaseError(.cannotOpen, "the backup cannot be written to \(target)")
    }
    copy = handle
    backup = sqlite3_backup_init(handle, "main", source.handle, "main")
    guard backup != nil else { throw DatabaseError(sqlite: sqlite3_errcode(handle), on: handle) }
  }

  deinit {
    sqlite3_backup_finish(backup)
    sqlite3_close_v2(copy)
    unlink(partial)
  }

  /// Copies some pages, and says whether all are there.
  func step() throws -> Bool {
    switch sqlite3_backup_step(backup, Self.pagesPerStep) {
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return false
    case SQLITE_DONE: return true
    case let code: throw DatabaseError(sqlite: code, on: copy)
    }
  }

  /// Pages copied so far, and pages in all.
  var progress: (done: Int, total: Int) {
    let total = Int(sqlite3_backup_pagecount(backup))
    return (total - Int(sqlite3_backup_remaining(backup)), total)
  }

  /// Ends the copying; the file is whole and on disk, but not checked yet.
  func finishCopying() throws {
    let code = sqlite3_backup_finish(backup)
    backup = nil
    guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, on: copy) }
  }

  /// Checks the copy and gives it its name.
  func verifyAndName() throws {
    var problems: [String] = []
    var statement: OpaquePointer?
    sqlite3_prepare_v2(copy, "PRAGMA integrity_check(10)", -1, &statement, nil)
    while sqlite3_step(statement) == SQLITE_ROW {
      if let text = sqlite3_column_text(statement, 0) { problems.append(String(cString: text)) }
    }
    sqlite3_finalize(statement)
    guard problems == ["ok"] else {
      throw DatabaseError(
        .corrupt, "the backup failed its check and was dropped",
        detail: problems.joined(separator: "; "))
    }
    // Before it gets its name, so that SQLite removes what it made beside the copy.
    sqlite3_close_v2(copy)
    copy = nil
    // A link never replaces an existing file, a rename does.
    guard (isReplacing ? rename(partial, target) : link(partial, target)) == 0 else {
      throw Self.cannotTakeName(target, errno)
    }
    try syncFolder(of: target)
  }

  private static func cannotTakeName(_ target: String, _ code: Int32) -> DatabaseError {
    DatabaseError(
      code == EEXIST ? .cannotOpen : .io,
      "the backup cannot take the name \(target): \(String(cString: strerror(code)))")
  }

  func runToEnd() throws {
    while !(try step()) {}
    try finishCopying()
    try verifyAndName()
  }
}

/// Makes a new name in a folder survive a power cut.
func syncFolder(of path: String) throws {
  let descriptor = holdfast_open(folder(of: path), O_RDONLY | O_CLOEXEC, 0)
  guard descriptor >= 0 else { return }
  defer { Glibc.close(descriptor) }
  guard fsync(descriptor) == 0 else {
    throw DatabaseError(.io, "the folder could not be synced")
  }
}
