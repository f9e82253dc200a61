/// A failure of the database underneath, already sorted by what the caller can do about it.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// What failed, as far as a caller can act on it.
  public enum Kind: Sendable, Equatable {
    /// A uniqueness rule of the schema refused the row.
    case duplicate
    /// Another constraint of the schema refused the row.
    case constraint
    /// The disk is full. Nothing was applied.
    case full
    /// The disk is full for the index of the log. SQLite lets it grow behind the commit's own write,
    /// so what this means there is not known; anywhere else nothing was applied.
    case fullForIndex
    /// Reading or writing the file failed. Nothing of the transaction was applied.
    case io
    /// The commit may or may not have reached the disk. The writer has stopped.
    case commitUnknown
    /// The file is damaged.
    case corrupt
    /// The file is something else than a store.
    case foreignFile
    /// The file, or its folder, cannot be written.
    case readOnly
    /// The store was written by a newer version.
    case newerSchema
    /// The file is there, but cannot be opened.
    case cannotOpen
    /// Another program keeps the file locked, or another server the writer's place.
    case busy
    /// The database server went away before the commit. Nothing was applied.
    case unreachable
    /// The database server takes no more connections. Nothing was applied.
    case noConnection
    /// The database gave the transaction up for another one. Nothing was applied.
    case aborted
    /// The write queue is full.
    case overloaded
    /// The database is closing or its writer has stopped.
    case stopped
    /// A read held the gate for longer than it may.
    case tooLong
    /// The log behind the file is gone and acknowledged writes with it.
    case lostWrites
    /// This engine does not do that.
    case notSupported
    /// A defect of the program: wrong SQL, wrong use.
    case misuse
  }

  public var kind: Kind
  /// A sentence for people, without values of the user and without SQL.
  public var message: String
  /// For a log: the engine's own words, which may name tables, never values.
  public var detail: String

  public init(_ kind: Kind, _ message: String, detail: String = "") {
    self.kind = kind
    self.message = message
    self.detail = detail
  }

  public var description: String { detail.isEmpty ? message : "\(message) (\(detail))" }
}

extension DatabaseError {
  /// Whether the disk has no room.
  var isFullDisk: Bool { kind == .full || kind == .fullForIndex }

  /// The store was written by a newer version than this program.
  static func newerSchema(_ version: Int64, known: Int) -> DatabaseError {
    DatabaseError(
      .newerSchema,
      "the store has schema \(version), written by a newer Holdfast, and this one knows up to "
        + "\(known), so it only reads: update Holdfast to write")
  }
}
