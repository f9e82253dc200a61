private import Synchronization
internal import CSQLite

/// The read connections: as many as there are threads that read at the same moment.
final class ReaderPool: Sendable {
  private let configuration: SQLiteConfiguration
  private let idle: Mutex<Idle>

  private struct Idle {
    var readers: [Reader] = []
    var isClosed = false
  }

  /// Connections that are kept when nobody reads.
  private static let idleMax = 16

  init(configuration: SQLiteConfiguration) {
    self.configuration = configuration
    self.idle = Mutex(Idle())
  }

  /// Lends a reader, which is kept afterwards or closed before this returns.
  func use<T>(_ body: (Reader) throws -> T) throws -> T {
    let reader = try take()
    defer { giveBack(reader) }
    return try body(reader)
  }

  /// Takes an idle reader, or opens one.
  private func take() throws -> Reader {
    let reader = try idle.withLock { idle throws -> Reader? in
      if idle.isClosed { throw DatabaseError(.stopped, "The store is closing.") }
      return idle.readers.popLast()
    }
    return try reader ?? Reader(configuration: configuration)
  }

  private func giveBack(_ reader: Reader) {
    idle.withLock { idle in
      if !idle.isClosed && idle.readers.count < Self.idleMax { idle.readers.append(reader) }
    }
  }

  /// Refuses everybody from now on; readers that are in use are closed when they come back.
  func close() {
    let readers = idle.withLock { idle in
      idle.isClosed = true
      defer { idle.readers = [] }
      return idle.readers
    }
    _ = readers
  }
}

/// One read connection.
///
/// `@unchecked Sendable`: SQLite allows a connection to move between threads as long as one uses it
/// at a time, which the pool's hand-over guarantees.
final class Reader: SQLiteConnection, @unchecked Sendable {
  /// The end of the current read on the monotonic clock.
  private var deadline: UInt64 = .max
  /// The moment at which a step of the current read should end.
  private var stepEnd: UInt64 = .max
  private let stepMax: UInt64

  private static let begin: SQL = "BEGIN"
  private static let end: SQL = "COMMIT"

  init(configuration: SQLiteConfiguration, role: Role = .reader) throws {
    stepMax = configuration.stepMax
    try super.init(
      path: configuration.path, role: role, creating: false, configuration: configuration)
  }

  /// Runs `body` over one snapshot, and interrupts it after `limit` nanoseconds.
  func snapshot<T>(limit: UInt64?, _ body: (any ReadTransaction) throws -> T) throws -> T {
    let start = monotonicNanoseconds()
    deadline = limit.map { start + $0 } ?? .max
    stepEnd = limit == nil ? .max : start + stepMax
    if limit != nil {
      // https://www.sqlite.org/c3ref/progress_handler.html: the callback may stop the statement.
      sqlite3_progress_handler(
        handle, 20_000, readerIsOverdue, Unmanaged.passUnretained(self).toOpaque())
    } else {
      sqlite3_progress_handler(handle, 0, nil, nil)
    }
    try query(Self.begin, []) { _ in }
    do {
      let result = try body(self)
      try query(Self.end, []) { _ in }
      return result
    } catch {
      // The first error is the one that counts.
      if isInTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  override var stepIsOver: Bool { monotonicNanoseconds() >= stepEnd }

  fileprivate var isOverdue: Bool { monotonicNanoseconds() > deadline }
}

/// SQLite calls this every few thousand steps of a read; anything but 0 stops it.
private func readerIsOverdue(_ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue().isOverdue ? 1 : 0
}
