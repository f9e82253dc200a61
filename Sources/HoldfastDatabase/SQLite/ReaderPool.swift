internal import CSQLite
private import Glibc
private import Synchronization

/// The read connections: as many as there are threads that read at the same moment.
///
/// Idle ones lie in slots that are emptied and filled by one atomic exchange. Each thread looks first
/// where it left one, so it mostly meets the same reader, whose cache is warm.
final class ReaderPool: Sendable {
  private let configuration: SQLiteConfiguration
  private let slots: [Slot]
  private let isClosed = Atomic(false)

  private final class Slot: Sendable {
    /// An idle reader, which the slot keeps alive.
    let reader = Atomic<Unmanaged<Reader>?>(nil)

    /// Takes the reader that lies here.
    func take() -> Reader? {
      reader.exchange(nil, ordering: .acquiringAndReleasing)?.takeRetainedValue()
    }

    /// Leaves a reader here; false when another one lies here.
    func keep(_ kept: Unmanaged<Reader>) -> Bool {
      reader.compareExchange(expected: nil, desired: kept, ordering: .acquiringAndReleasing)
        .exchanged
    }
  }

  /// Connections that are kept when nobody reads.
  private static let idleMax = 16

  init(configuration: SQLiteConfiguration) {
    self.configuration = configuration
    slots = (0..<Self.idleMax).map { _ in Slot() }
  }

  /// Lends a reader, which is kept afterwards or closed before this returns.
  func use<T>(_ body: (Reader) throws -> T) throws -> T {
    let first = Self.firstSlot
    let reader = try take(from: first)
    defer { giveBack(reader, to: first) }
    return try body(reader)
  }

  /// The slot at which the calling thread begins to look.
  ///
  /// Descriptors of threads lie whole stacks apart, so their high bits tell them apart.
  private static var firstSlot: Int {
    let bits = UInt64(pthread_self()) &* 0x9e37_79b9_7f4a_7c15
    return Int(bits >> 32) % idleMax
  }

  /// Takes an idle reader, or opens one.
  private func take(from first: Int) throws -> Reader {
    guard !isClosed.load(ordering: .sequentiallyConsistent) else {
      throw DatabaseError(.stopped, "the store is closing")
    }
    for offset in 0..<slots.count {
      if let reader = slots[(first + offset) % slots.count].take() { return reader }
    }
    return try Reader(configuration: configuration)
  }

  private func giveBack(_ reader: Reader, to first: Int) {
    let kept = Unmanaged.passRetained(reader)
    for offset in 0..<slots.count {
      if slots[(first + offset) % slots.count].keep(kept) {
        // Closed meanwhile: nobody else would close what lies there.
        if isClosed.load(ordering: .sequentiallyConsistent) { closeIdle() }
        return
      }
    }
    kept.release()
  }

  /// Refuses everybody from now on; readers that are in use are closed when they come back.
  func close() {
    isClosed.store(true, ordering: .sequentiallyConsistent)
    closeIdle()
  }

  private func closeIdle() {
    for slot in slots { _ = slot.take() }
  }
}

/// One read connection.
///
/// `@unchecked Sendable`: SQLite allows a connection to move between threads as long as one uses it
/// at a time, which the pool's hand-over guarantees.
final class Reader: SQLiteConnection, @unchecked Sendable {
  /// The limit of the current read, if it has one.
  private var limit: ReadLimit?
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

  /// Runs `body` over one snapshot, and interrupts it after `limit` nanoseconds of work.
  func snapshot<T>(limit: UInt64?, _ body: (any ReadTransaction) throws -> T) throws -> T {
    let start = monotonicNanoseconds()
    self.limit = limit.map { ReadLimit(workMax: $0, now: start) }
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

  fileprivate func isOverdue() -> Bool {
    limit?.isOver(now: monotonicNanoseconds(), worked: threadNanoseconds()) ?? false
  }
}

/// SQLite calls this every few thousand steps of a read; anything but 0 stops it.
private func readerIsOverdue(_ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue().isOverdue() ? 1 : 0
}
