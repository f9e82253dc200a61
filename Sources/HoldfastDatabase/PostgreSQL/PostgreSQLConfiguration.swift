/// How the engine reaches and uses a database on a PostgreSQL server.
public struct PostgreSQLConfiguration: Sendable {
  /// A URL or connection string as libpq reads it.
  ///
  /// What it leaves out comes from the `PG...` variables, the service file and the password file
  /// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING). It may hold a password:
  /// never print it.
  public var url: String
  /// Connections that read at once; further readers wait for one.
  public var readersMax = 16
  /// Writes that may wait at once; one more is refused as ``DatabaseError/Kind/overloaded``.
  public var queueDepthMax = 4096
  /// Writes in one group at most.
  public var groupMax = 512
  /// Bytes bound in one group, after which it takes no more writes.
  public var groupBytesMax = 8 * 1024 * 1024
  /// How long a connection may take to be made, in seconds.
  public var connectSeconds = 5
  /// How long the server may take for an answer, in nanoseconds; then the connection is given up.
  public var answerMax: UInt64 = 20_000_000_000
  /// How long a read may take in all, its connection and what stands in line before it among that, in
  /// nanoseconds; never longer than an answer.
  public var readMax: UInt64 = 10_000_000_000
  /// How long a write may be tried again after the server went away or gave it up, in nanoseconds.
  public var retryMax: UInt64 = 10_000_000_000
  /// How long a server that holds the writer's row may stand still, in seconds; then the database ends
  /// its transaction, so that a frozen server holds nobody up.
  public var holdSeconds = 5
  /// How long a step of a long read lasts, in nanoseconds; it ends with the row that it is at.
  public var stepMax: UInt64 = 25_000_000
  /// How often the lease clock ticks while leases live, in nanoseconds.
  public var tick: UInt64 = 10_000_000_000

  // For tests that let time pass, in place of the database's clock: nanoseconds since 1970 UTC.
  package var wallClock: (@Sendable () -> Int64)?

  public init(url: String) { self.url = url }

  /// How long a writer waits for the writer's row, in seconds: longer than another one may hold it still.
  var lockSeconds: Int { holdSeconds + 3 }
}
