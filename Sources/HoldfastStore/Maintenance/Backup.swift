internal import Glibc
internal import HoldfastDatabase
public import HoldfastModel

/// Copies the store as of one moment into a new file, beside reads and writes that go on, and checks
/// the copy.
public struct Backup: StoreOperation {
  public static let name = "backup"
  public static let summary =
    "Copies the store into a new file while it is used, and checks the copy."
  public static let access = Access.admin

  /// The new file; one that is there already is refused.
  public let path: String

  public init(to path: String) {
    self.path = path
  }

  public func run(on store: Store, progress: @escaping @Sendable (StoreProgress) throws -> Void)
    throws
    -> BackupReport
  {
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw HoldfastError(
        .alreadyExists, "the file \(path) is there already: choose another name for the backup")
    }
    return try translatingErrors {
      try store.database.backup(to: path) { done, total in
        try progress(StoreProgress("copying", unit: "pages", done: done, total: total))
      }
      let copy = try SQLiteFile(path: path, schema: StoreSchema.current)
      let check = try Verify().run(on: try Store(database: copy), progress: progress)
      guard check.isClean else {
        let aside = path + ".damaged"
        rename(path, aside)
        var refusal = check.refusal(of: "the copy, kept as \(aside),")
        refusal.message += " Check the store itself with 'holdfast verify'."
        throw refusal
      }
      return BackupReport(path: path, bytes: copy.health.fileBytes, check: check)
    }
  }
}

/// A backup that was made and checked.
public struct BackupReport: Output {
  public let path: String
  public let bytes: Int64
  public let check: VerifyReport

  public static var placeholder: BackupReport {
    BackupReport(path: "/backups/taskstore.db", bytes: 0, check: .placeholder)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("path", path, "The new file.")
    out.field("bytes", bytes, "Its size.")
    out.object("verify", check, "The check of the copy.")
  }
}
