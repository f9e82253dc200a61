internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

extension StoreView {
  private static let signalByID = Lookup<Signal>(by: ["id", "project"])

  /// The signal, or the refusal that the project has none of that number.
  func signal(_ id: SignalID, in project: ProjectName) throws -> Signal {
    guard let key = try projectKey(project),
      let signal = try first(Self.signalByID, [.int(id.number), .int(key)])
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

  /// The task that a signal is about, by its filename or id; without one, the name stands alone.
  ///
  /// - Throws: The refusal when the id is that of a deleted task: it names no other one.
  func subject(_ reference: TaskFilename, in project: Int64) throws -> (key: Int64?, name: String) {
    if let task = try findTask(named: reference, in: project) { return (task.id, reference.text) }
    guard let task = try findTask(id: reference, in: project) else { return (nil, reference.text) }
    guard task.deletedAt == nil else {
      throw HoldfastError(
        .conflict,
        "the task \(task.filename) (\(reference)) was deleted: restore the task first")
    }
    return (task.id, task.filename.text)
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
