internal import Glibc
internal import HoldfastDatabase
public import HoldfastModel

/// Puts a backup in the place of a store.
///
/// It works on files and not on an open store: nobody may use the store meanwhile. The backup is
/// copied and the copy is checked before anything changes; the old file is kept beside.
///
/// The store goes on in a new epoch, because the history after the backup is not its own any more. An
/// event says so, with a number above all that the replaced store gave out: an old claim token or
/// revision never means something new.
public struct Restore: Sendable {
  /// The backup.
  public let backup: String
  /// The store's file, which need not exist.
  public let store: String

  public init(_ backup: String, to store: String) {
    self.backup = backup
    self.store = store
  }

  private static let setEpoch: SQL = "UPDATE store SET epoch = ?1 WHERE id = 1"
  private static let epoch: SQL = "SELECT epoch FROM store WHERE id = 1"
  private static let lastSequence: SQL = "SELECT max(seq) FROM events"
  // The times of events never fall.
  private static let insertEvent: SQL = """
    INSERT INTO events(seq, type, actor, at, data)
    VALUES (?1, ?2, ?3, max(?4, coalesce((SELECT max(at) FROM events), 0)),
      '{"rows":[],"message":"store restored from a backup"}')
    """

  /// Does the work and blocks until the store is in place, on disk.
  ///
  /// - Parameter progress: Called often, on the calling thread.
  /// - Returns: What was put where.
  /// - Throws: ``HoldfastError`` when somebody uses the store, or the backup is not whole. Nothing is
  ///   changed then.
  public func run(progress: @escaping @Sendable (StoreProgress) throws -> Void = { _ in }) throws
    -> RestoreReport
  {
    try translatingErrors {
      guard realPath(of: backup) != realPath(of: store) else {
        throw HoldfastError(.usage, "the backup and the store are the same file")
      }
      try checkIsFile()
      let lock = try StorePlace.lock(store, kind: "restore")
      // Says what is wrong with the file before it is copied.
      _ = try open(backup)
      let replacement = SQLiteReplacement(lock: lock)
      let staged = try replacement.stage(realPath(of: backup)) { done, total in
        try progress(StoreProgress("copying", unit: "bytes", done: Int(done), total: Int(total)))
      }
      let (check, epoch) = try check(staged, progress)
      replacement.settle()
      // One that cannot be read may have had any: the seconds since 1970 are more than all of them.
      let next = max(epoch, present(Self.epoch, orElse: wallNanoseconds() / 1_000_000_000)) + 1
      try replacement.change(Self.setEpoch, [.int(next)])
      let given = max(replacement.lastSequence, present(Self.lastSequence, orElse: 0))
      let sequence = max(check.lastSequence, given) + 1
      try replacement.change(
        Self.insertEvent,
        [
          .int(sequence), .text(EventType.storeRestored.rawValue), .text(Caller.user),
          .int(wallNanoseconds()),
        ])
      let kept = try replacement.put(
        keepingAs: "\(lock.storePath).before-restore-\(Self.stamp())", lastSequence: sequence)
      return RestoreReport(store: lock.storePath, kept: kept ?? "", epoch: next, check: check)
    }
  }

  private func check(
    _ staged: String, _ progress: @escaping @Sendable (StoreProgress) throws -> Void
  )
    throws -> (VerifyReport, Int64)
  {
    let copy = try open(staged)
    let check = try Verify().run(on: try Store(database: copy), progress: progress)
    guard check.isClean else { throw check.refusal(of: "the backup") }
    let epoch = try copy.read { try $0.first(Self.epoch) { $0.int(0) } } ?? 0
    return (check, epoch)
  }

  private func checkIsFile() throws(HoldfastError) {
    var status = stat()
    guard stat(backup, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      throw HoldfastError(
        errno == ENOENT ? .notFound : .readOnly, "the backup \(backup) cannot be read: \(reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw HoldfastError(.invalidRequest, "\(backup) is no file, and so no backup")
    }
  }

  /// Opens the backup, or its copy.
  ///
  /// - Throws: In words about the backup: those of a damaged store would tell to restore one.
  private func open(_ path: String) throws -> SQLiteFile {
    do {
      return try SQLiteFile(path: path, schema: StoreSchema.current)
    } catch let error as DatabaseError where [.corrupt, .foreignFile, .io].contains(error.kind) {
      let what = error.kind == .foreignFile ? "is no Holdfast store" : "is damaged"
      throw HoldfastError(
        .corrupt, "the backup \(backup) \(what): nothing was changed; try another one")
    }
  }

  /// A number in the store that is replaced; 0 when there is none.
  private func present(_ sql: SQL, orElse unknown: Int64) -> Int64 {
    do {
      return try SQLiteFile.read(path: realPath(of: store), sql) ?? 0
    } catch let error as DatabaseError where error.kind == .cannotOpen {
      return 0
    } catch {
      return unknown
    }
  }

  /// The time as part of a file's name.
  private static func stamp() -> String {
    Timestamp(nanoseconds: wallNanoseconds()).description.filter { $0 != ":" && $0 != "." }
  }
}

/// A store that was put back.
public struct RestoreReport: Output {
  public let store: String
  /// Where the file is that was in its place, or its log; empty when there was neither.
  public let kept: String
  public let epoch: Int64
  public let check: VerifyReport

  public static var placeholder: RestoreReport {
    RestoreReport(store: "/taskstore.db", kept: "", epoch: 2, check: .placeholder)
  }

  public func write(_ out: inout ObjectWriter) {
    out.field("store", store, "The store's file.")
    out.field("kept", unlessEmpty: kept, "Where the file is that was in its place, or its log.")
    out.field("epoch", epoch, "The store's new epoch: cursors of an older one are refused.")
    out.object("verify", check, "The check of the backup.")
  }
}
