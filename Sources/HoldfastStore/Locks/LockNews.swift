internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Something that happened to a file, as those who watch it are told.
public struct LockEventAnswer: Output {
  let event: LockEvent
  let agent: AgentID

  /// - Parameter row: Its columns are ``columns``.
  init(row: any Row) {
    event = LockEvent(row: row)
    agent = AgentID(stored: row.text(LockEvent.table.columns.count + 1))
  }

  private init(event: LockEvent, agent: AgentID) {
    self.event = event
    self.agent = agent
  }

  static let columns = "\(LockEvent.table.columnList), agents.name"

  public static var placeholder: LockEventAnswer {
    let lock = LockAnswer.placeholder
    return LockEventAnswer(
      event: LockEvent(lock.lock, .taken, reason: "", sequence: 1, at: lock.lock.lockedAt),
      agent: lock.holder)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "LockEvent" }

  public func write(_ out: inout ObjectWriter) {
    out.field("seq", event.sequence, "The number of the event; the files of one call share it.")
    out.field("event", event.cause == .taken ? "claimed" : "released", "claimed or released.")
    out.field("path", event.path.text, "The file.")
    out.field("agent", agent.text, "Who took it, or who held it.")
    out.field(
      "cause", event.cause.rawValue,
      "taken, release, task_end, disconnect, expired or admin.")
    out.field("reason", unlessEmpty: event.reason, "Why, in the words of who did it.")
    out.time("at", event.happenedAt, "When.")
  }
}

/// What happened to files behind a place in the sequence.
struct LockNews {
  let events: [LockEventAnswer]
  /// The place behind them, which may be behind events of other files, too.
  let through: Int64
  /// Whether there is more behind that.
  let hasMore: Bool
  /// The store's epoch.
  let epoch: Int64

  /// The place behind the events, as a cursor.
  var cursor: EventCursor { EventCursor(epoch: epoch, number: through) }
}

extension StoreView {
  private static let ends: SQL = """
    SELECT (SELECT max(seq) FROM lock_events WHERE project = ?1),
      (SELECT through FROM lock_cut WHERE id = 1), (SELECT epoch FROM store WHERE id = 1)
    """
  private static func page(_ condition: String, _ sql: Dialect) -> String {
    """
    SELECT \(LockEventAnswer.columns) FROM lock_events JOIN agents ON agents.id = lock_events.agent
    WHERE lock_events.project = ?1 AND lock_events.seq > ?2\(condition)
    ORDER BY lock_events.seq, lock_events.id
    """
  }
  private static let all = DialectSQL { page("", $0) }
  private static let ofFiles = DialectSQL { sql in
    let files = "SELECT wanted.value FROM \(sql.texts(of: "?3", as: "wanted"))"
    return page(" AND lock_events.path IN (\(files))", sql)
  }
  private static let table = SQL(
    """
    SELECT \(HeldLock.columns) FROM locks \(HeldLock.joins)
    WHERE locks.project = ?1 LIMIT \(LockPaths.countMax)
    """)

  /// What happened to files behind a place; all that one call did is in it, or nothing of that.
  ///
  /// - Parameters:
  ///   - cursor: The place of the last event that is known.
  ///   - isGiven: Whether the place is a caller's, which may be any number.
  ///   - files: nil for all.
  ///   - limit: About how many events there may be.
  /// - Throws: ``HoldfastError/Code/reset`` with the present locks where the place is older than what is
  ///   kept.
  func lockNews(
    of project: Int64, behind cursor: EventCursor, isGiven: Bool, files: LockPaths?, limit: Int
  ) throws -> LockNews {
    let (last, cut, epoch) =
      try reading.first(Self.ends, [.int(project)]) {
        ($0.optionalInt(0) ?? 0, $0.int(1), $0.int(2))
      } ?? (0, 0, 1)
    let place = cursor.number
    if place < cut || cursor.epoch ?? epoch != epoch { throw try reset(project) }
    guard place < last else {
      if isGiven, place > last, try place > lastSequence() { throw try reset(project) }
      return LockNews(events: [], through: place, hasMore: false, epoch: epoch)
    }
    var values: [SQLValue] = [.int(project), .int(place)]
    if let files { values.append(files.json) }
    let sql = (files == nil ? Self.all : Self.ofFiles)[reading.dialect]
    var events: [LockEventAnswer] = []
    let isWhole = try reading.query(sql, values) { row in
      let event = LockEventAnswer(row: row)
      guard events.count < limit || events.last?.event.sequence == event.event.sequence else {
        return false
      }
      events.append(event)
      return true
    }
    return LockNews(
      events: events, through: isWhole ? last : events.last?.event.sequence ?? place,
      hasMore: !isWhole, epoch: epoch)
  }

  /// What happened in a project that is not there yet: nothing.
  func noLockNews(behind cursor: EventCursor?) throws -> LockNews {
    LockNews(events: [], through: cursor?.number ?? 0, hasMore: false, epoch: try epoch())
  }

  /// The refusal of a place that is older than what is kept, with all that a reader needs to start over.
  func reset(_ project: Int64) throws -> HoldfastError {
    let leaseTime = try reading.leaseTime
    var out = ObjectWriter(shape: .native)
    out.beginArray()
    try reading.query(Self.table, [.int(project)]) { row in
      out.value(try answer(HeldLock(row: row), at: leaseTime))
    }
    out.endArray()
    let sequence = try lastSequence()
    return HoldfastError(
      .reset,
      "what happened since then is no longer known: take the locks as they are now, and go on "
        + "with since \(sequence)",
      details: [
        ("sequence", .number(JSONNumber(sequence))), ("locks", try JSONReader.read(out.bytes)),
      ])
  }

  private static let position = Lookup<LockPosition>(by: ["agent", "project", "filter"])
  private static let positions = Lookup<LockPosition>(by: ["agent"])

  /// How far the agent has read what happened to these files.
  func lockPosition(of agent: Agent, in project: Int64, _ filter: String) throws -> LockPosition? {
    try first(Self.position, [.int(agent.id), .int(project), .text(filter)])
  }

  fileprivate func lockPositions(of agent: Agent) throws -> [LockPosition] {
    try rows(Self.positions, [.int(agent.id)])
  }
}

extension Changes {
  /// The sets of files of which an agent's place is kept, at most.
  private static let positionsMax = 1000

  /// Notes how far the agent has read.
  func setLockPosition(
    of agent: Agent, in project: Int64, _ filter: String, from old: LockPosition?, to place: Int64
  ) throws {
    if let old {
      var moved = old
      moved.position = place
      return try write(apart: moved, over: old)
    }
    guard try lockPositions(of: agent).count < Self.positionsMax else {
      throw HoldfastError(
        .conflict,
        "the agent follows \(Self.positionsMax) sets of files already: use one of them, or keep "
          + "the place yourself and follow with since alone")
    }
    var position = LockPosition(
      agent: agent.id, project: project, filter: filter, position: place)
    position.id = try memory.nextKey(of: LockPosition.table, in: transaction)
    try write(apart: position, over: nil)
  }

  /// Forgets how far an agent that leaves has read.
  func forgetLockPositions(of agent: Agent) throws {
    try delete(allApart: lockPositions(of: agent))
  }
}
