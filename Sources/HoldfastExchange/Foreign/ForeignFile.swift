internal import Glibc
internal import HoldfastModel

/// Another program's SQLite file, before it is opened: how to read it without changing anything, not
/// even what lies beside it.
struct ForeignFile {
  let path: String

  enum Plan: Equatable {
    /// With SQLite's own locks: a file with a rollback journal, at rest or in use.
    case lockedReading
    /// Without locks: a file with a write-ahead log that nobody has open.
    case restingFile
    /// A copy together with the log of this suffix: somebody has it open, or left it in the middle.
    case copying(suffix: String)
  }

  /// - Throws: ``HoldfastError`` for a file that is no SQLite database.
  func plan() throws -> Plan {
    let header = try FileReading.start(of: path, count: 100)
    guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8) else {
      throw HoldfastError(.invalidRequest, "the file \(path) is not an SQLite database")
    }
    // https://www.sqlite.org/fileformat.html: byte 18 is 2 for a write-ahead log, else 1.
    if header[18] == 2 {
      // Whoever has it open has its log open: no log, nobody there.
      return FileReading.exists(path + "-wal") ? .copying(suffix: "-wal") : .restingFile
    }
    return FileReading.size(path + "-journal") > 0 ? .copying(suffix: "-journal") : .lockedReading
  }
}

/// A private copy of a database and its log, removed with everything in it at the end.
final class CopiedFiles {
  let path: String
  private let folder: String
  private let suffix: String

  private static let triesMax = 5

  /// Copies the database first and its log after it.
  ///
  /// A write-ahead log that was not started over meanwhile holds every page that a checkpoint may
  /// have changed in the middle of the copy, so the two together are one moment's state. A log that
  /// was started over, and a rollback journal that changed at all, mean another try.
  init(of source: String, suffix: String) throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/holdfast-import-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw HoldfastError(
        .storageFull, "no temporary folder can be made in \(parent) for a copy of the database")
    }
    folder = String(cString: made)
    path = folder + "/copy.db"
    self.suffix = suffix
    let log = source + suffix
    for _ in 0..<Self.triesMax {
      let before = try Self.mark(log, source)
      try FileReading.copy(source, to: path)
      if FileReading.exists(log) { try FileReading.copy(log, to: path + suffix) }
      if try Self.mark(log, source) == before { return }
    }
    throw HoldfastError(
      .conflict, "the database is being written all the time: stop its program, then import again")
  }

  deinit {
    for name in ["", suffix, "-wal", "-shm", "-journal"] { unlink(path + name) }
    rmdir(folder)
  }

  /// What tells one state of the log from another: the header of a write-ahead log, which holds its
  /// salts; the whole state of both files with a journal.
  private static func mark(_ log: String, _ source: String) throws -> [UInt8] {
    guard FileReading.exists(log) else { return Array("none".utf8) }
    if log.hasSuffix("-wal") { return try FileReading.start(of: log, count: 32) }
    return Array("\(FileReading.state(log)) \(FileReading.state(source))".utf8)
  }
}
