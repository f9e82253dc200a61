/// One numbered step of the schema, forward only.
public struct Migration: Sendable {
  /// Counts from 1 without gaps; the store keeps the number of the last one that ran.
  public let number: Int
  /// What it does, for logs and errors.
  public let name: String
  /// Runs inside one transaction together with the new number.
  public let run: @Sendable (any WriteTransaction) throws -> Void

  public init(
    _ number: Int, _ name: String, run: @escaping @Sendable (any WriteTransaction) throws -> Void
  ) {
    self.number = number
    self.name = name
    self.run = run
  }
}

/// What an engine must know of the schema above it.
public struct DatabaseSchema: Sendable {
  /// All steps, in order.
  public let migrations: [Migration]
  /// Gives the last number of the log and its time: two columns, one row; no row for an empty log.
  public let lastLogEntry: SQL
  /// Finds a row while leases live at the lease time ?1; then the lease clock ticks even when nothing
  /// is written.
  public let liveLease: SQL
  /// Gives the wait keys, one a row, of what may be given again because its lease has ended by the
  /// lease time ?1; nil where nothing waits for that.
  public let endedLeases: SQL?
  /// The stores' mark, so that another program's file or database is never taken for ours.
  public let applicationID: Int32
  /// Whether it is that of a copy which is not whole yet.
  ///
  /// Such a copy has a mark of its own, so that
  /// nobody takes it for a store.
  private(set) var isUnfinished = false

  public init(
    migrations: [Migration], lastLogEntry: SQL, liveLease: SQL, endedLeases: SQL? = nil,
    applicationID: Int32
  ) {
    self.migrations = migrations
    self.lastLogEntry = lastLogEntry
    self.liveLease = liveLease
    self.endedLeases = endedLeases
    self.applicationID = applicationID
  }

  /// The same schema for a copy of a store that is not whole yet.
  public var unfinished: DatabaseSchema {
    var schema = self
    schema.isUnfinished = true
    return schema
  }

  /// The mark of a copy that is not whole yet.
  var unfinishedMark: Int32 { applicationID &- 1 }

  /// What a database of this schema is marked with.
  var mark: Int32 { isUnfinished ? unfinishedMark : applicationID }

  /// Why a database with one of our marks is not of this schema; nil for one of another program.
  func refusal(of mark: Int64) -> DatabaseError? {
    switch mark {
    case Int64(applicationID):
      DatabaseError(.duplicate, "there is a store already; a copy needs a place of its own")
    case Int64(unfinishedMark):
      DatabaseError(
        .foreignFile,
        "this is an unfinished copy of a store: run the same 'holdfast migrate' again to finish it")
    default: nil
    }
  }

  /// The version this program writes.
  public var version: Int { migrations.last?.number ?? 0 }
}
