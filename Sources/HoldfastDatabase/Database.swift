/// An SQL database with any number of readers and one writer at a time.
///
/// Every write that reports success is on disk. The protocol knows no engine: operations run the same
/// on an embedded file and on a server.
public protocol Database: Sendable {
  /// Runs `body` on the calling thread over one moment's view of the database.
  ///
  /// Bounded to a quarter of a second of work: a longer read is refused as
  /// ``DatabaseError/Kind/tooLong``, because it would keep the log of an embedded store from starting
  /// over. Longer work goes in steps.
  func read<T>(_ body: (any ReadTransaction) throws -> T) throws -> T

  /// Runs `body` over one moment's view on a connection of its own, however long it takes.
  ///
  /// For work that must see one moment and cannot go in steps; the log grows meanwhile.
  func readWhole<T>(_ body: (any ReadTransaction) throws -> T) throws -> T

  /// Whether answers come from afar, so that who has many reads should not wait for each.
  var queuesReads: Bool { get }

  /// Makes a read. One that is queued returns at once, and those that wait are asked for together.
  func submit(_ read: PendingRead)

  /// Queues a write and returns at once; the write's `finish` is called when its fate is known.
  func submit(_ write: PendingWrite)

  /// Ends all waits with nothing, those that are still to come too: the server is about to stop.
  func endWaits()

  /// Ends the waits of writes with nothing that a condition holds for, and leaves the others.
  ///
  /// A write that has its answer by then gets it.
  func endWaits(where isOver: @escaping @Sendable (WriteWait) -> Bool)

  /// Tells of commits, those of other processes too.
  var commits: CommitSignal { get }

  /// What the database says about itself, for health, status and metrics.
  var health: DatabaseHealth { get }

  /// The machine's clock as leases go by it, in nanoseconds since 1970 UTC.
  var wallTime: Int64 { get }

  /// Writes that wait for the next group; work that can wait longer asks for it, and lets them go first.
  var waitingWrites: Int { get }

  /// Runs a statement that somebody wrote on a connection of its own, which cannot write, for at most five
  /// seconds.
  ///
  /// - Throws: ``ReportRefusal`` when it is not one that reads what it may; ``DatabaseError`` otherwise.
  func report(_ request: ReportRequest) throws -> ReportRows

  /// Copies the whole database as of one moment into a new file, beside running reads and writes.
  ///
  /// - Parameters:
  ///   - path: The new file; one that is there already is refused.
  ///   - progress: Called with pages done and pages in all.
  /// - Throws: ``DatabaseError`` saying why there is no copy.
  func backup(to path: String, progress: @Sendable (Int, Int) throws -> Void) throws

  /// Runs the engine's own check of its structures; the sentences it returns say what is wrong.
  func checkIntegrity() throws -> [String]

  /// What ``checkIntegrity()`` cannot look at here and why, in a sentence; nil when it sees everything.
  var uncheckedIntegrity: String? { get throws }

  /// How many bytes each table and index takes, largest first.
  func spaceByTable() throws -> [(name: String, bytes: Int64)]

  /// The size of a database that is no file of this machine, in bytes; nil for a file.
  var databaseBytes: Int64? { get throws }

  /// Finishes the queued writes, stops the writer and closes the database. Idempotent.
  func close()
}

extension Database {
  public func readWhole<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
    try read(body)
  }

  public var queuesReads: Bool { false }

  public func submit(_ read: PendingRead) {
    do {
      try self.read { try read.run($0) }
      read.finish(nil)
    } catch {
      read.finish(error)
    }
  }

  public func report(_ request: ReportRequest) throws -> ReportRows {
    throw DatabaseError(.notSupported, "reports are made of a store that is open")
  }

  public var uncheckedIntegrity: String? { nil }
  public var databaseBytes: Int64? { nil }
}

/// What a database says about itself.
public struct DatabaseHealth: Sendable {
  /// The engine's name and version.
  public var engine: String
  /// Whether the writer takes writes; when not, ``writerStopReason`` says why.
  public var isWriting: Bool
  public var writerStopReason: String?
  /// Writes that wait for the next group.
  public var queueDepth: Int
  /// Writes that wait for something to happen.
  public var parked: Int
  /// Whether it is a file of this machine; the sizes and checkpoints of another one are 0.
  public var isFile: Bool
  /// The size of the log that is not yet in the file, in bytes.
  public var walBytes: Int64
  /// The size of the file, in bytes.
  public var fileBytes: Int64
  /// The last number of the log that is on disk.
  public var lastSequence: Int64
  /// Groups committed, and writes in them, since the start; what was refused is not counted.
  public var groups: Int64
  public var writes: Int64
  /// Checkpoints since the start.
  public var checkpoints: Int64
  /// Bytes written to the log since the start.
  public var walBytesWritten: Int64
}

/// What a write closure says when it has run.
public enum WriteVerdict<Value: Sendable>: Sendable {
  /// The answer, which counts once the group is on disk.
  case done(Value)
  /// There is nothing to give yet: run again when the wait's key is touched.
  case wait
}

/// How a write may wait for something to give.
public struct WriteWait: Sendable {
  /// What it waits for, as ``WriteTransaction/touch(_:)`` names it.
  public let key: String
  /// Equal tags ask for the same thing: when one of them finds nothing, the others behind it are not
  /// tried in that round.
  ///
  /// As bytes, with the key: texts that look alike are not the same to a database.
  package let tag: [UInt8]
  /// The moment, on the monotonic clock in nanoseconds, at which the wait ends with nothing.
  public let deadline: UInt64
  /// What its caller calls it, to end it; nil for one that ends by itself alone.
  public let name: String?
  /// Whether somebody still waits for the answer; asked before a parked write runs again.
  public let isWanted: @Sendable () -> Bool
  /// Whether the write was done before and has its answer at hand: then it waits behind nobody.
  public let isRepeat: @Sendable (any ReadTransaction) throws -> Bool

  public init(
    key: String, tag: String, deadline: UInt64, name: String? = nil,
    isRepeat: @escaping @Sendable (any ReadTransaction) throws -> Bool = { _ in false },
    isWanted: @escaping @Sendable () -> Bool
  ) {
    self.key = key
    self.tag = Array("\(key)\n\(tag)".utf8)
    self.deadline = deadline
    self.name = name
    self.isRepeat = isRepeat
    self.isWanted = isWanted
  }
}

/// One queued write, without its type: what to run, and whom to tell.
public struct PendingWrite: Sendable {
  /// How a run of the closure ended.
  package enum Ran: Sendable {
    case done
    case wait
  }

  package let run: @Sendable (any WriteTransaction) throws -> Ran
  /// Told exactly once; nil says that it is committed, and the answer is with whoever made this.
  package let finish: @Sendable ((any Error)?) -> Void
  package let wait: WriteWait?

  package init(
    wait: WriteWait?, run: @escaping @Sendable (any WriteTransaction) throws -> Ran,
    finish: @escaping @Sendable ((any Error)?) -> Void
  ) {
    self.wait = wait
    self.run = run
    self.finish = finish
  }
}

/// One queued read, without its type.
public struct PendingRead: Sendable {
  /// May run more than once, so it has no effect but that it keeps its answer.
  package let run: @Sendable (any ReadTransaction) throws -> Void
  /// Told exactly once, perhaps on another thread; nil says that the last run's answer counts.
  package let finish: @Sendable ((any Error)?) -> Void
  /// When it was asked for, on the monotonic clock in nanoseconds.
  package let since = monotonicNanoseconds()

  package init(
    run: @escaping @Sendable (any ReadTransaction) throws -> Void,
    finish: @escaping @Sendable ((any Error)?) -> Void
  ) {
    self.run = run
    self.finish = finish
  }
}

/// The end of a wait without anything to give.
package struct WaitEnded: Error {}
