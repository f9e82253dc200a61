internal import CSQLite
internal import CSystem
internal import Glibc
private import Synchronization

/// A finished store file, a backup for example, opened to be looked at and never changed.
///
/// Nothing is locked and nothing is made beside it, so it may lie on a medium that cannot be written.
/// It must not be a store that somebody writes: use ``SQLiteDatabase`` for that.
public final class SQLiteFile: Database {
  public let path: String
  /// The version of the schema in the file; at most the one this program writes.
  public let schemaVersion: Int
  private let lastSequence: Int64
  private let reader: Mutex<Reader>

  /// Opens a file that nobody writes.
  ///
  /// - Throws: ``DatabaseError`` for a file that is not a store, is newer than this program, or has
  ///   a log beside it that is not yet in the file.
  public init(path: String, schema: DatabaseSchema) throws {
    self.path = realPath(of: path)
    guard fileSize(self.path) > 0 else {
      throw DatabaseError(.cannotOpen, "there is no store in the file \(path), or it is empty")
    }
    guard fileSize(self.path + "-wal") <= 0, fileSize(self.path + "-journal") <= 0 else {
      throw DatabaseError(
        .cannotOpen,
        "the file \(path) has a log beside it, so it is in use or was copied from under its writer: "
          + "make a copy with 'holdfast backup'")
    }
    let reader = try Reader(configuration: SQLiteConfiguration(path: self.path), role: .archive)
    guard case .int(let mark) = try reader.scalar("PRAGMA application_id"),
      mark == Int64(schema.mark)
    else {
      throw DatabaseError(
        .foreignFile, "the file \(path) is a database of another program, not a Holdfast store")
    }
    guard case .int(let version) = try reader.scalar("PRAGMA user_version"),
      version <= schema.version
    else {
      throw DatabaseError(
        .newerSchema,
        "the file \(path) was written by a newer Holdfast: update this one; nothing was changed")
    }
    schemaVersion = Int(version)
    lastSequence = try reader.first(schema.lastLogEntry) { $0.int(0) } ?? 0
    self.reader = Mutex(reader)
  }

  /// The number in the first row of a statement over a file of any state, without its log.
  ///
  /// - Returns: nil when there is no row.
  /// - Throws: ``DatabaseError``: ``DatabaseError/Kind/cannotOpen`` when there is no file.
  public static func read(path: String, _ sql: SQL) throws -> Int64? {
    guard fileSize(path) > 0 else {
      throw DatabaseError(.cannotOpen, "there is no store in the file \(path), or it is empty")
    }
    let reader = try Reader(configuration: SQLiteConfiguration(path: path), role: .archive)
    return try reader.first(sql) { $0.int(0) }
  }

  public func read<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    var result: Result<T, any Error>?
    // Nobody writes the file, so no read has to be short.
    reader.withLock { reader in result = Result { try reader.snapshot(limit: nil, body) } }
    guard let result else { throw DatabaseError(.misuse, "a read gave no result") }
    return try result.get()
  }

  public func submit(_ write: PendingWrite) {
    write.finish(DatabaseError(.readOnly, "the file \(path) was opened to be read"))
  }

  public var wallTime: Int64 { wallNanoseconds() }

  public var waitingWrites: Int { 0 }

  public var health: DatabaseHealth {
    DatabaseHealth(
      engine: "SQLite \(String(cString: sqlite3_libversion()))", isWriting: false,
      writerStopReason: "opened to be read", queueDepth: 0, parked: 0, isFile: true, walBytes: 0,
      fileBytes: max(fileSize(path), 0), lastSequence: lastSequence, groups: 0, writes: 0,
      checkpoints: 0, walBytesWritten: 0)
  }

  public func backup(to path: String, progress: @Sendable (Int, Int) throws -> Void) throws {
    throw DatabaseError(.misuse, "a finished file is copied like any other file")
  }

  public func checkIntegrity() throws -> [String] {
    try read { try integrityProblems(of: $0) }
  }

  public func spaceByTable() throws -> [(name: String, bytes: Int64)] {
    try read { try spaceOfTables($0) }
  }

  public func endWaits() {}
  public func endWaits(where isOver: @escaping @Sendable (WriteWait) -> Bool) {}

  /// Nothing is committed here.
  public let commits = CommitSignal()

  public func close() {}
}

/// SQLite's own check of a file, without the line that says that all is well.
func integrityProblems(of transaction: any ReadTransaction) throws -> [String] {
  let lines = try transaction.all("PRAGMA integrity_check(100)") { $0.text(0) }
  let orphans = try transaction.all("PRAGMA foreign_key_check") { row in
    "A row of \(row.text(0)) refers to a row of \(row.text(2)) that is not there."
  }
  return (lines == ["ok"] ? [] : lines) + orphans
}

func spaceOfTables(_ transaction: any ReadTransaction) throws -> [(name: String, bytes: Int64)] {
  try transaction.all("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC")
  {
    ($0.text(0), $0.int(1))
  }
}

/// The size of a file in bytes, or -1 when there is none.
func fileSize(_ path: String) -> Int64 {
  var status = stat()
  return stat(path, &status) == 0 ? Int64(status.st_size) : -1
}
