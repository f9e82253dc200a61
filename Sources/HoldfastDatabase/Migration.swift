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
  /// The files' type mark, so that another program's file is never taken for ours.
  public let applicationID: Int32

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

  /// The version this program writes.
  public var version: Int { migrations.last?.number ?? 0 }
}
