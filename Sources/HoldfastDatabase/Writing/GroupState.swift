/// The numbers, the time and the wake-ups of the group that runs, on either engine.
struct GroupState {
  /// The last number given out.
  private(set) var lastSequence: Int64 = 0
  /// The last number that is on disk.
  private(set) var committedSequence: Int64 = 0
  /// The time of the group, which never falls from one to the next.
  private(set) var time: Int64 = 0
  private var lastTime: Int64 = 0
  private var touchedKeys: [String] = []
  /// Bytes bound by the statements of the group.
  private(set) var bytes = 0
  /// What the writes of the group keep for each other.
  var shared: AnyObject?
  /// How many writes the group has, at most.
  private(set) var size = 0
  /// Statements that change the database, since the start.
  private var changingStatements = 0

  // The lease clock as of the last look at it.
  private(set) var lease = LeaseClock(time: 0, wall: 0)
  private var leaseIsDirty = false
  /// As it is on disk.
  private(set) var writtenLease = LeaseClock(time: 0, wall: 0)
  private var leaseIsInGroup = false

  /// Lease time that a crash may forget, in nanoseconds: each write of its row costs a page of log.
  private static let leaseStep: Int64 = 1_000_000_000

  /// Takes over where the log and the lease clock stand in the database.
  mutating func load(sequence: Int64, time: Int64, lease: LeaseClock?) {
    lastSequence = sequence
    committedSequence = sequence
    lastTime = time
    guard let lease else { return }
    self.lease = lease
    writtenLease = lease
  }

  /// Starts a group; what an earlier, failed try left behind is forgotten.
  mutating func begin(wall: Int64) {
    lastSequence = committedSequence
    shared = nil
    touchedKeys.removeAll(keepingCapacity: true)
    leaseIsDirty = false
    leaseIsInGroup = false
    bytes = 0
    time = max(wall, lastTime)
  }

  /// Says how many writes the group has, at most.
  mutating func expect(_ writes: Int) { size = writes }

  /// Counts what a statement binds.
  mutating func count(_ values: [SQLValue]) {
    for value in values { bytes += value.byteCount }
  }

  /// Counts a statement that changes the database.
  mutating func countChange() { changingStatements += 1 }

  mutating func nextSequence() -> Int64 {
    lastSequence += 1
    return lastSequence
  }

  mutating func touch(_ key: String) {
    if !touchedKeys.contains(key) { touchedKeys.append(key) }
  }

  // MARK: Leases

  /// The lease time of the group, which moves the clock on.
  mutating func leaseTime(wall: @autoclosure () -> Int64) -> Int64 {
    if !leaseIsDirty {
      lease = lease.advanced(to: wall())
      leaseIsDirty = true
    }
    return lease.time
  }

  /// Whether the lease clock was looked at and has moved on, so that its row is to be written before
  /// the commit.
  mutating func takeMovedLease() -> LeaseClock? {
    let moved = lease.time - writtenLease.time
    guard leaseIsDirty, moved >= Self.leaseStep || writtenLease.wall == 0 else { return nil }
    leaseIsInGroup = true
    return lease
  }

  // MARK: Closures

  /// What a failed closure must not leave behind.
  struct Mark {
    fileprivate let sequence: Int64
    fileprivate let touched: Int
    fileprivate let changingStatements: Int
  }

  var mark: Mark {
    Mark(
      sequence: lastSequence, touched: touchedKeys.count, changingStatements: changingStatements)
  }

  /// Whether a statement has run since then that may have changed something.
  func hasChanged(since mark: Mark) -> Bool { changingStatements != mark.changingStatements }

  mutating func reset(to mark: Mark) {
    if hasChanged(since: mark) { shared = nil }
    lastSequence = mark.sequence
    touchedKeys.removeSubrange(mark.touched...)
  }

  // MARK: The end

  /// Whether the group has written to the log.
  var hasNewSequence: Bool { lastSequence != committedSequence }

  /// After the commit: the keys the group touched.
  mutating func takeTouched() -> [String] {
    shared = nil
    committedSequence = lastSequence
    lastTime = time
    if leaseIsInGroup { writtenLease = lease }
    defer { touchedKeys.removeAll(keepingCapacity: true) }
    return touchedKeys
  }
}

/// The transaction of a group, on the connection of either engine.
protocol GroupTransaction: WriteTransaction {
  var group: GroupState { get set }
}

extension GroupTransaction {
  func nextSequence() -> Int64 { group.nextSequence() }

  func touch(_ key: String) { group.touch(key) }

  var shared: AnyObject? {
    get { group.shared }
    set { group.shared = newValue }
  }

  var groupSize: Int { group.size }

  func ask(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    try query(sql, values, body)
  }
}
