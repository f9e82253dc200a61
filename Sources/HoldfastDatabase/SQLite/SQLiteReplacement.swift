internal import CSQLite
internal import CSystem
internal import Glibc

/// Puts another file in the place of a store, so that at every moment one of the two is there, whole.
///
/// Its steps, in this order, each of which a crash may follow:
///
/// 1. ``stage(_:progress:)`` copies the new file beside the store, and syncs it. The store is
///    untouched; the next try starts over.
/// 2. ``change(_:_:)`` edits the copy.
/// 3. ``settle()`` copies the old store's log into its file and removes the log, because a log that
///    is left behind would be played into the new file.
/// 4. ``put(keepingAs:lastSequence:)`` gives the old file its second name, moves a log there that is
///    still beside it, and renames the copy over the first one: that moment is the change.
///
/// Holding the store's lock exclusively keeps every other Holdfast out meanwhile.
public final class SQLiteReplacement {
  private let lock: StoreLock
  private let staged: String

  private static let chunk = 1024 * 1024

  /// Starts to replace a store.
  ///
  /// - Parameter lock: The store's lock, taken exclusively.
  public init(lock: StoreLock) {
    self.lock = lock
    staged = lock.storePath + ".restoring"
  }

  deinit { unlinkWithLogs(staged) }

  /// Copies a file to a place beside the store.
  ///
  /// - Parameters:
  ///   - source: The file, which nobody writes.
  ///   - progress: Called with bytes done and bytes in all.
  /// - Returns: The copy's path.
  /// - Throws: ``DatabaseError`` when there is no copy.
  public func stage(_ source: String, progress: (Int64, Int64) throws -> Void) throws -> String {
    unlinkWithLogs(staged)
    let input = holdfast_open(source, O_RDONLY, 0)
    guard input >= 0 else { throw failure(.cannotOpen, "the file \(source) cannot be read") }
    defer { Glibc.close(input) }
    let output = holdfast_open(staged, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard output >= 0 else { throw failure(.readOnly, "the folder of the store cannot be written") }
    defer { Glibc.close(output) }
    let total = max(fileSize(source), 0)
    var done: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    while true {
      let count = Glibc.read(input, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(.io, "reading \(source) failed") }
      if count == 0 { break }
      try writeAll(buffer[..<count], to: output)
      done += Int64(count)
      try progress(done, total)
    }
    guard fsync(output) == 0 else { throw failure(.io, "the copy could not be synced") }
    return staged
  }

  /// Changes the copy with one statement.
  public func change(_ sql: SQL, _ values: [SQLValue]) throws {
    do {
      let connection = try SQLiteConnection(
        path: staged, role: .writer, creating: false,
        configuration: SQLiteConfiguration(path: staged))
      // Nobody else knows the copy; this keeps SQLite from making a shared index for its log.
      try connection.run("PRAGMA locking_mode=EXCLUSIVE")
      try connection.run("PRAGMA synchronous=FULL")
      try connection.query(sql, values) { _ in }
      try connection.run("PRAGMA wal_checkpoint(TRUNCATE)")
      connection.removesLogWhenClosed()
    }
    try sync(staged)
  }

  /// Puts the copy in the store's place.
  ///
  /// A log that could not be copied into the old file is kept beside it under the other name, also
  /// when the file itself is gone: left where it is, it would be played into the new file.
  ///
  /// - Parameters:
  ///   - kept: Where the old file is kept.
  ///   - lastSequence: The last number of the copy's log, for the lock file.
  /// - Returns: The path of what is kept: the old file or, without one, its log; nil for nothing.
  /// - Throws: ``DatabaseError`` when what is in the store's place is still the old one.
  public func put(keepingAs kept: String, lastSequence: Int64) throws -> String? {
    let store = lock.storePath
    let hadStore = fileSize(store) >= 0
    let hasLog = fileSize(store + "-wal") > 0
    guard fileSize(kept) < 0 else {
      throw DatabaseError(.cannotOpen, "the file \(kept) is there already; nothing was changed")
    }
    if hadStore, link(store, kept) != 0 {
      throw failure(.cannotOpen, "the old store cannot be kept as \(kept)")
    }
    if hasLog, rename(store + "-wal", kept + "-wal") != 0 {
      let failure = failure(.cannotOpen, "the old store's log cannot be kept as \(kept)-wal")
      unlink(kept)
      throw failure
    }
    do {
      unlink(store + "-wal")
      unlink(store + "-shm")
      try syncFolder(of: store)
      guard rename(staged, store) == 0 else {
        throw failure(.io, "the copy cannot take the store's place")
      }
    } catch {
      if hasLog, rename(kept + "-wal", store + "-wal") != 0 {
        throw DatabaseError(
          .io,
          "the copy cannot take the store's place, and the old store's log is now \(kept)-wal: "
            + "rename it to \(store)-wal, or restore once more")
      }
      unlink(kept)
      throw error
    }
    try syncFolder(of: store)
    guard fileSize(store + "-wal") < 0 else {
      throw DatabaseError(
        .io,
        "another program made the file \(store)-wal meanwhile, which does not belong to the "
          + "backup: end that program, remove the file, then restore once more")
    }
    // Before this line, a lock file that remembers an unclean stop of the old store makes the next
    // start refuse the new one, which is safe: restoring once more ends that.
    lock.end(sequence: lastSequence)
    return hadStore ? kept : hasLog ? kept + "-wal" : nil
  }

  /// The last number that the old store's lock file remembers.
  public var lastSequence: Int64 { lock.previousSequence }

  /// Copies the old store's log into its file, if that can be done.
  public func settle() {
    let store = lock.storePath
    // Beside a file without content, SQLite would delete the log.
    guard fileSize(store) > 0, fileSize(store + "-wal") > 0 else { return }
    do {
      let connection = try SQLiteConnection(
        path: store, role: .writer, creating: false,
        configuration: SQLiteConfiguration(path: store))
      try connection.run("PRAGMA synchronous=FULL")
      if try connection.scalar("PRAGMA wal_checkpoint(TRUNCATE)") == .int(0) {
        connection.removesLogWhenClosed()
      }
    } catch {
      // A damaged store is what a restore is for: its log is kept with it.
    }
  }

  private func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw failure(errno == ENOSPC ? .full : .io, "writing the copy failed")
      }
      rest = rest.dropFirst(count)
    }
  }

  private func sync(_ path: String) throws {
    let descriptor = holdfast_open(path, O_RDWR, 0)
    guard descriptor >= 0 else { throw failure(.io, "the copy could not be synced") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(.io, "the copy could not be synced") }
  }

  private func failure(_ kind: DatabaseError.Kind, _ words: String) -> DatabaseError {
    DatabaseError(kind, "\(words): \(String(cString: strerror(errno))); nothing was changed")
  }
}

private func unlinkWithLogs(_ path: String) {
  for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
}
