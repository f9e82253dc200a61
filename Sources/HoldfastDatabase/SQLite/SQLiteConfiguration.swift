/// How the embedded engine opens and runs one file.
public struct SQLiteConfiguration: Sendable {
  /// The file, whose folder is made when missing.
  public var path: String
  /// Writes that may wait at once; one more is refused as ``DatabaseError/Kind/overloaded``.
  public var queueDepthMax = 4096
  /// Writes in one group at most, which bounds how long the first of a group waits for its commit.
  public var groupMax = 512
  /// Bytes bound in one group, after which it takes no more writes.
  ///
  /// With ``checkpointBytes`` it bounds the log, which holds a group whole before it starts over.
  public var groupBytesMax = 8 * 1024 * 1024
  /// The size of the log, in bytes, at which the writer copies it into the file.
  public var checkpointBytes = 8 * 1024 * 1024
  /// How long a read may work inside the gate, in nanoseconds; with its waits it may last eight times
  /// as long.
  public var readMax: UInt64 = 250_000_000
  /// How long a step of a long read lasts, in nanoseconds; it ends with the row that it is at.
  public var stepMax: UInt64 = 25_000_000
  /// The writer's page cache, in bytes.
  public var writerCacheBytes = 8 * 1024 * 1024
  /// Each reader's page cache, in bytes.
  public var readerCacheBytes = 512 * 1024
  /// How often the lease clock ticks while leases live, in nanoseconds.
  public var tick: UInt64 = 10_000_000_000

  // For tests that take the power away.
  package var vfs: String?
  package var synchronous = "FULL"

  // For tests that let time pass: nanoseconds since 1970 UTC.
  package var wallClock: @Sendable () -> Int64 = { wallNanoseconds() }

  public init(path: String) {
    self.path = path
  }

  /// The page size of new files, in bytes.
  static let pageSize = 8192
}
