private import Dispatch
internal import HoldfastDatabase
internal import HoldfastModel
private import Synchronization

/// Keeps the index of the search behind the log.
///
/// A task is not indexed in the transaction that writes it: that would take the writer longer than all
/// the rest. Steps of a few tasks follow; each reads what has changed on its own thread, and what the writer
/// does for it is bounded, and ends early when others wait. A step moves the cursor in the same transaction,
/// and only from where it was read, so any number of processes may try, and a crash loses nothing.
///
/// A server tends the index all the time. Where nobody does, a search that finds it far behind brings it
/// nearer.
public final class SearchIndex: Sendable {
  private let database: any Database
  private let state = Mutex(State())
  /// One step at a time; a second one would read the same.
  private let stepping = Mutex(())
  private let thread = DispatchQueue(label: "holdfast-search-index")
  private let stopping = DispatchSemaphore(value: 0)

  private struct State {
    /// Whether somebody does it each second.
    var isTended = false
    var isTending = false
    var isStopped = false
  }

  /// The index is not what it should be, and has to be made again.
  struct Damage: Error {}

  /// How a step takes its place among other writes.
  private struct Pace: Sendable {
    let tasksMax: Int
    /// Tasks after which it makes room for writes that wait.
    let tasksAtLeast: Int
    /// Events of tasks that the index knows; the cursor need not follow each of them.
    let idleEventsMax: Int

    /// Somebody waits for it.
    static let urgent = Pace(tasksMax: 512, tasksAtLeast: 16, idleEventsMax: 0)
    /// Other writes go first.
    static let patient = Pace(tasksMax: 512, tasksAtLeast: 1, idleEventsMax: 100)
    /// Others have just gone first, and more will.
    static let hesitant = Pace(tasksMax: 8, tasksAtLeast: 4, idleEventsMax: 100)
  }

  private enum Outcome: Sendable {
    /// It is nearer; for others some of what was read was left for later.
    case moved(madeRoom: Bool)
    case isCurrent
    /// Another process did the same at the same time.
    case wasOvertaken
  }

  /// Bytes of the words of one step, and events looked at for them.
  private static let bytesMax = 1024 * 1024
  private static let eventsMax = 2_000
  /// How long a step waits behind one that has made room for others, in nanoseconds.
  private static let pauseMin: UInt64 = 5_000_000
  private static let pauseMax: UInt64 = 100_000_000
  /// How long a search may look through what the index does not know, in nanoseconds.
  private static let searchMax: UInt64 = 10_000_000_000
  /// How long it may bring the index nearer, where nobody else does.
  private static let indexingMax: UInt64 = 2_000_000_000

  init(_ database: any Database) { self.database = database }

  // MARK: Beside the work of a server

  /// Starts to index what is behind, on a thread of its own, until nothing is.
  public func tend() {
    let isFree = state.withLock { state in
      state.isTended = true
      guard !state.isTending, !state.isStopped else { return false }
      state.isTending = true
      return true
    }
    guard isFree else { return }
    thread.async { [self] in
      var pace = Pace.patient
      while !state.withLock({ $0.isStopped }) {
        let start = monotonicNanoseconds()
        // A failure is not lost: it comes back with the next search, which tells of it.
        guard case .moved(let madeRoom)? = try? step(pace) else { break }
        pace = madeRoom ? .hesitant : .patient
        // The busier the writer is, the longer a step waits for its turn.
        let pause = min(max(4 * (monotonicNanoseconds() - start), Self.pauseMin), Self.pauseMax)
        if madeRoom { _ = stopping.wait(timeout: .now() + .nanoseconds(Int(pause))) }
      }
      state.withLock { $0.isTending = false }
    }
  }

  /// Waits until the tending has nothing left to do.
  package func waitForTending() { thread.sync {} }

  /// Ends the tending, and waits for that.
  public func stop() {
    state.withLock {
      $0.isStopped = true
      $0.isTended = false
    }
    stopping.signal()
    thread.sync {}
  }

  // MARK: For a search

  /// Brings a search that has looked into the index to its end.
  ///
  /// It goes through what the index does not know, however much that is. When that was much,
  /// and nobody tends the index, it brings that nearer for the next one.
  ///
  /// - Throws: ``HoldfastError/Code/overloaded`` when that takes longer than ten seconds.
  func whole(_ finding: SearchFinding?, over reads: StoreReads) throws -> SearchFinding? {
    guard var finding else { return nil }
    let begin = monotonicNanoseconds()
    while !finding.isCurrent {
      guard monotonicNanoseconds() < begin + Self.searchMax else {
        try comeNearer()
        throw HoldfastError(
          .overloaded,
          "the search index is \(try behind()) events behind the store and being brought up to date: "
            + "try again in a moment")
      }
      try reads.read { try finding.step(in: $0) }
    }
    if finding.wasFar { try comeNearer() }
    return finding
  }

  /// Brings the index nearer for the next search, where nobody else tends it.
  private func comeNearer() throws {
    guard !state.withLock({ $0.isTended }) else { return }
    let end = monotonicNanoseconds() + Self.indexingMax
    try repairing { while monotonicNanoseconds() < end, case .moved = try step(.urgent) {} }
  }

  /// Makes the index again.
  ///
  /// - Parameter progress: Told how many events it has looked at.
  /// - Returns: How many tasks are in it.
  func rebuild(progress: (_ done: Int64, _ total: Int64) throws -> Void) throws -> Int64 {
    try remake()
    try catchUp(progress)
    return try database.read { try $0.first(Self.count) { $0.int(0) } } ?? 0
  }

  /// Indexes all that is behind.
  ///
  /// - Parameter progress: Told how many events it has looked at.
  package func catchUp(_ progress: (_ done: Int64, _ total: Int64) throws -> Void = { _, _ in })
    throws
  {
    try repairing {
      let last = database.health.lastSequence
      while true {
        if case .isCurrent = try step(.urgent) { break }
        try progress(min(last, try database.read { try SearchBacklog.cursor($0) }), last)
      }
    }
  }

  /// Events that the index does not know.
  private func behind() throws -> Int64 {
    try database.read { max(0, database.health.lastSequence - (try SearchBacklog.cursor($0))) }
  }

  private static let count: SQL = "SELECT count(*) FROM search_documents"

  /// Makes the index again when `body` finds it damaged or gone, and runs it once more.
  func repairing<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch  where Self.isDamage(error) {
      try remake()
      return try body()
    }
  }

  static func isDamage(_ error: any Error) -> Bool {
    if error is Damage { return true }
    guard let error = error as? DatabaseError else { return false }
    switch error.kind {
    // A table that is gone.
    case .misuse: return error.detail.contains(SearchTables.prefix)
    // SQLITE_CORRUPT_VTAB: what FTS5 finds in its own tables.
    case .corrupt: return error.detail.hasPrefix("SQLite 267:")
    default: return false
    }
  }

  private func remake() throws {
    try database.write { try SearchTables.make($0) }
  }

  // MARK: A step

  private static let setCursor: SQL = "UPDATE search_state SET seq = ?1 WHERE id = 1"

  /// Brings the next tasks into the index.
  private func step(_ pace: Pace) throws -> Outcome {
    try stepping.withLock { _ in
      let step = try database.read { try Self.read($0, pace) }
      guard let step else { return .isCurrent }
      return try database.write { [database] transaction in
        guard try SearchBacklog.cursor(transaction) == step.cursor else { return .wasOvertaken }
        var through = step.through
        var madeRoom = false
        // Those of its own group wait as well, until it is done.
        let isAlone = transaction.groupSize <= 1
        for (index, update) in step.updates.enumerated() {
          if index >= pace.tasksAtLeast, !isAlone || database.waitingWrites > 0 {
            through = update.sequence - 1
            madeRoom = true
            break
          }
          for (sql, values) in update.statements { try transaction.execute(sql, values) }
        }
        try transaction.execute(Self.setCursor, [.int(through)])
        return .moved(madeRoom: madeRoom)
      }
    }
  }

  private struct Step: Sendable {
    /// Where the index was when this was read.
    let cursor: Int64
    let updates: [SearchUpdate]
    /// Where it is when they are done.
    let through: Int64
  }

  /// Reads what the next tasks bring; nil when the index is current.
  private static func read(_ view: any ReadTransaction, _ pace: Pace) throws -> Step? {
    let backlog = try SearchBacklog(view, eventsMax: eventsMax)
    var updates: [SearchUpdate] = []
    var bytes = 0
    var through = backlog.through
    for task in backlog.tasks {
      if updates.count >= pace.tasksMax || bytes >= bytesMax
        || (!updates.isEmpty && view.stepIsOver)
      {
        through = task.sequence - 1
        break
      }
      guard let update = try SearchUpdate(of: task.id, from: task.sequence, view) else { continue }
      updates.append(update)
      bytes += update.byteCount
    }
    if updates.isEmpty && backlog.eventCount <= pace.idleEventsMax { return nil }
    return Step(cursor: backlog.cursor, updates: updates, through: through)
  }
}
