internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

extension StoreView {
  private static let signalByID = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.id = ?1 AND signals.project = ?2
    """)

  /// The signal, or the refusal that the project has none of that number.
  func signal(_ id: SignalID, in project: ProjectName) throws -> Signal {
    guard let key = try projectKey(project),
      let signal = try reading.first(
        Self.signalByID, [.int(id.number), .int(key)], Signal.init(row:))
    else {
      throw HoldfastError(
        .notFound, "signal not found: \(id.number)",
        details: [("id", .number(JSONNumber(id.number)))])
    }
    return signal
  }

  /// The signal as an answer, with an estimate of when its claim ends.
  func answer(_ signal: Signal, in project: ProjectName) throws -> SignalAnswer {
    guard signal.leaseUntil != nil else { return SignalAnswer(signal, project: project) }
    return SignalAnswer(
      signal, project: project, now: reading.now, leaseTime: try reading.leaseTime)
  }

  private static let taskKeyByName: SQL = """
    SELECT id FROM tasks WHERE project = ?1 AND filename = ?2 AND deleted_at IS NULL
    """
  private static let taskOfKey: SQL = """
    SELECT filename, deleted_at FROM tasks WHERE id = ?1 AND project = ?2
    """

  /// The key of the task of exactly that name; nil when there is none.
  func taskKey(_ filename: TaskFilename, in project: Int64) throws -> Int64? {
    try reading.first(Self.taskKeyByName, [.int(project), .text(filename.text)]) { $0.int(0) }
  }

  /// The task that a signal is about, by its filename or id; without one, the name stands alone.
  ///
  /// - Throws: The refusal when the id is that of a deleted task: it names no other one.
  func subject(_ reference: TaskFilename, in project: Int64) throws -> (key: Int64?, name: String) {
    if let key = try taskKey(reference, in: project) { return (key, reference.text) }
    if let key = facts.ids.row(id: TaskID(stored: reference.text)),
      let task = try reading.first(
        Self.taskOfKey, [.int(key), .int(project)], { (name: $0.text(0), lives: $0.isNull(1)) })
    {
      guard task.lives else {
        throw HoldfastError(
          .conflict, "the task \(task.name) (\(reference)) was deleted: restore the task first")
      }
      return (key, task.name)
    }
    return (nil, reference.text)
  }
}

extension Changes {
  /// Records one change to each of many signals: an event for each task that they are about.
  func recordByTask(
    _ type: EventType, _ signals: [Signal], _ words: String,
    _ body: (Signal, Event) throws -> Void
  ) throws {
    let groups = Dictionary(grouping: signals, by: \.task)
    for (task, group) in groups.sorted(by: { $0.value[0].id < $1.value[0].id }) {
      try record(type, project: group[0].project, task: task) { event in
        for signal in group { try body(signal, event) }
        let numbers = group.prefix(20).map { String($0.id) }.joined(separator: ", ")
        let rest = group.count > 20 ? " and \(group.count - 20) more" : ""
        event.note = EventNote("\(words): \(numbers)\(rest)")
      }
    }
  }

  /// Takes claimed signals away from their workers: they are pending again or, after too many
  /// claims without a result, failed.
  func release(_ signals: [Signal], because words: String) throws {
    let (dead, alive) = signals.reduce(into: ([Signal](), [Signal]())) { parts, signal in
      if isExhausted(signal) { parts.0.append(signal) } else { parts.1.append(signal) }
    }
    try recordByTask(.signalReset, alive, "\(words), pending again") { signal, event in
      try event.update(signal, to: signal.pendingAgain())
    }
    try exhaust(dead)
    if let project = alive.first?.project { try touchSignals(of: project) }
  }

  /// Fails signals that were claimed too often without a result.
  func exhaust(_ signals: [Signal]) throws {
    try recordByTask(.signalExhausted, signals, "signal attempts exhausted") { signal, event in
      try event.update(signal, to: signal.exhausted(at: now))
    }
  }

  /// Whether a signal has been claimed so often without a result that it is handed out no more.
  func isExhausted(_ signal: Signal) -> Bool {
    let limit = facts.settings.signalAttemptsMax
    return limit > 0 && signal.attempts >= limit
  }
}

extension Signal {
  /// The signal without its claim or its end; what it says is yet to be done.
  func pendingAgain() -> Signal {
    var signal = self
    signal.status = .pending
    signal.claimedBy = ""
    signal.claimedAt = nil
    signal.claim = nil
    signal.leaseUntil = nil
    signal.processedAt = nil
    signal.result = ""
    return signal
  }

  /// The signal with its end; it still says who claimed it last, and by which claim.
  func ended(as status: SignalStatus, result: String, at now: Timestamp) -> Signal {
    var signal = self
    signal.status = status
    signal.result = result
    signal.processedAt = now
    signal.leaseUntil = nil
    return signal
  }

  /// The signal as one that no worker ever finished; it still says who tried last.
  func exhausted(at now: Timestamp) -> Signal {
    var signal = ended(as: .failed, result: "attempts exhausted", at: now)
    signal.claim = nil
    return signal
  }
}
