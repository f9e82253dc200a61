/// What the writer's loop needs of an engine: the one connection that writes, and its transactions.
///
/// Confined to the writer's thread.
protocol WriterEngine: AnyObject {
  /// Where closures run.
  var transaction: any WriteTransaction { get }
  var group: GroupState { get set }

  /// Whether a group costs so much by itself that it waits a moment for more writes.
  var gathers: Bool { get }

  /// Makes sure of the connection before something is looked up between groups.
  func ready() throws

  /// Whether other processes have written since this was asked last, as far as they are not told of by
  /// other means.
  func othersHaveWritten() throws -> Bool

  /// Makes sure that a disk that was full has room again, for some more than a small write needs.
  ///
  /// - Throws: ``DatabaseError/Kind/full`` while it has not.
  func findRoom() throws

  /// Starts the transaction of a group, its numbers and its time.
  ///
  /// - Parameter ahead: The group's writes, for an engine that asks at once what all of them will ask.
  func begin(ahead: [PendingWrite]) throws

  /// Whether the transaction of the group still stands.
  var isInTransaction: Bool { get }

  /// Whether the transaction stands, but takes nothing more until it is rolled back to a savepoint or
  /// whole.
  var hasFailed: Bool { get }

  /// Runs a write's closure, and fails when the transaction does not stand afterwards.
  func run(_ write: PendingWrite) throws -> PendingWrite.Ran

  /// Waits for the answers of all statements: their errors show here at the latest.
  func settle() throws

  // A savepoint around one closure.
  func openSavepoint() throws
  func releaseSavepoint() throws
  func rollBackToSavepoint() throws

  /// Commits the group.
  ///
  /// - Throws: ``DatabaseError/Kind/commitUnknown`` when it may or may not be on disk; after anything
  ///   else nothing of it was applied.
  func commit() throws

  /// Whether a commit failed with what may be the error of some closure's statement, whose answer came
  /// late.
  func mustIsolate(_ error: DatabaseError) -> Bool

  /// Gives the transaction up. It does not throw: whoever calls this has an error already.
  func rollBack()

  /// Called behind each commit before anybody hears of it, with the keys that it touched.
  func didCommit(touched: [String])

  /// Called behind each commit when everybody has their answer.
  func didAnswer()

  /// Whether the writer ends with a commit whose fate is unknown.
  var stopsWhenUnknown: Bool { get }

  /// Bytes written to the engine's log since the start, as far as they are known here.
  var logBytesWritten: Int64 { get }

  /// The clock of the database's times, in nanoseconds since 1970 UTC.
  var wall: Int64 { get }

  /// Leaves the database in order behind the last group, unless the writer has stopped before.
  func close(hasStopped: Bool)
}

extension WriterEngine {
  /// Where the lease clock stands by now, without a transaction and without moving it.
  var leaseEstimate: Int64 { group.lease.advanced(to: wall).time }
}

/// Room that a disk must have to count as one that is not full, in bytes.
let roomWanted = 1024 * 1024

/// How a writer's loop groups and waits.
struct WriterLimits {
  /// Writes in one group at most.
  let groupMax: Int
  /// Bytes bound in one group, after which it takes no more writes.
  let groupBytesMax: Int
  /// How often the lease clock ticks while leases live, in nanoseconds.
  let tick: UInt64
  /// How long a group is tried again that the database gave up, in nanoseconds.
  let retryMax: UInt64
}
