public import HoldfastDatabase
public import HoldfastModel

/// Gives the oldest pending signal that fits to a worker, under a lease.
///
/// Signals whose lease has ended are pending again first. The order is that of creation.
public struct SignalClaim: Mutation {
  public static let name = "signal_claim"
  public static let summary = """
    Gives the oldest pending signal that fits to one worker; nothing when there is none.
    """
  public static let access = Access.write

  public let project: ProjectName
  public let worker: WorkerName
  /// In seconds; 0 for what the server is set to.
  public let leaseSeconds: Int64
  /// Only signals of these types; empty for all.
  public let types: [SignalType]
  /// Only signals of this task.
  public let planFile: TaskFilename?
  public let waitMilliseconds: Int64

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    worker = try fields.value("claimed_by", "Who claims.", default: WorkerName(stored: ""))
    leaseSeconds = try fields.value(
      "lease_seconds", "Length of the lease in seconds; 0 takes the server's.", in: 0...86_400,
      default: 0)
    let types = try fields.value("types", "Only signals of these types.", default: [SignalType]())
    self.types = Set(types).sorted { $0.rawValue < $1.rawValue }
    planFile = try TaskFilename(
      unlessEmpty: try fields.value("plan_file", "Only signals of this task.", default: ""))
    waitMilliseconds = try fields.value(
      "wait_ms", "How long to wait for a signal that fits, in milliseconds.", in: 0...30_000,
      default: 0)
  }

  /// A claim of the oldest signal, whatever it says.
  init(project: ProjectName, worker: WorkerName, waitMilliseconds: Int64) {
    self.project = project
    self.worker = worker
    self.waitMilliseconds = waitMilliseconds
    leaseSeconds = 0
    types = []
    planFile = nil
  }

  public var waiting: Waiting? {
    guard waitMilliseconds > 0 else { return nil }
    let tag = types.map(\.rawValue).joined(separator: ",") + "\n" + (planFile?.text ?? "")
    return Waiting(
      key: Signal.waitKey + project.text, tag: tag, milliseconds: waitMilliseconds)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SignalAnswer> {
    guard let key = try changes.projectKey(project) else { return .wait }
    let leaseTime = try changes.transaction.leaseTime
    let plan = try planFile.map { try changes.subject($0, in: key).name }
    var ended: [Signal] = []
    try changes.together(
      { ended = try changes.ended(in: key, at: leaseTime) },
      { _ = try changes.oldestPending(types: types, plan: plan, in: key) })
    if !ended.isEmpty { try changes.release(ended, because: "lease of signals ended") }
    for _ in 0..<Self.exhaustedMax {
      guard let signal = try changes.oldestPending(types: types, plan: plan, in: key) else {
        return .wait
      }
      guard !changes.isExhausted(signal) else {
        try changes.exhaust([signal])
        continue
      }
      let claimed = try claim(signal, leaseTime, in: changes)
      return .done(
        SignalAnswer(
          claimed, project: project, now: changes.now.nanoseconds, leaseTime: leaseTime))
    }
    return .wait
  }

  /// Signals that one claim fails on its way, at most.
  ///
  /// There are that many only when the limit of attempts was just lowered; the next claim goes on.
  private static let exhaustedMax = 1000

  private func claim(_ signal: Signal, _ leaseTime: Int64, in changes: Changes) throws -> Signal {
    let seconds = leaseSeconds == 0 ? changes.facts.settings.signalLeaseSeconds : leaseSeconds
    return try changes.record(.signalClaimed, project: signal.project, task: signal.task) { event in
      var claimed = signal
      claimed.status = .processing
      claimed.claimedBy = worker.text
      claimed.claimedAt = changes.now
      claimed.attempts += 1
      claimed.claim = event.sequence
      claimed.leaseUntil = leaseTime + seconds * 1_000_000_000
      event.note = EventNote("signal \(signal.id) \(signal.type) claimed by \(worker)")
      try event.update(signal, to: claimed)
      return claimed
    }
  }
}

extension Changes {
  private static let ended = SQL(
    """
    SELECT \(Signal.table.columnList) FROM signals
    WHERE signals.project = ?1 AND signals.status = 'processing' AND signals.lease_until <= ?2
    ORDER BY signals.lease_until, signals.id LIMIT 1000
    """)

  /// Signals whose lease has ended.
  ///
  /// Each ended lease costs one claim once; a thousand at most, and the next claim goes on.
  fileprivate func ended(in project: Int64, at leaseTime: Int64) throws -> [Signal] {
    // No claim of this group has a lease that ends so soon.
    let fact = RowMemory.Fact.noLeaseEnded(project: project, by: leaseTime)
    guard !memory.facts.contains(fact) else { return [] }
    var ended: [Signal] = []
    // Up to the next whole second, so that one group after the other asks the same.
    let soon = (leaseTime / 1_000_000_000 + 1) * 1_000_000_000
    try transaction.ask(Self.ended, [.int(project), .int(soon)]) { row in
      let signal = Signal(row: row)
      if let end = signal.leaseUntil, end <= leaseTime { ended.append(signal) }
    }
    if ended.isEmpty { memory.facts.insert(fact) }
    return ended
  }
}

extension StoreView {
  private static let pending = Lookup<Signal>.Condition.isOneOf(
    "status", [SignalStatus.pending.rawValue])
  private static let order = ["created_at", "id"]

  private static let oldestOfType = Lookup<Signal>(
    by: ["project", "type"], where: [pending], order: order)
  private static let oldestOfPlanAndType = Lookup<Signal>(
    by: ["project", "plan_file", "type"], where: [pending], order: order)
  private static let oldest = Lookup<Signal>(by: ["project"], where: [pending], order: order) {
    oldestOfEachType($0, types: "status = 'pending'", of: "project = ?1", limit: "?2")
  }
  private static let oldestOfPlan = Lookup<Signal>(
    by: ["project", "plan_file"], where: [pending], order: order
  ) {
    let plan = "plan_file = ?2 AND project = ?1"
    return oldestOfEachType($0, types: "\(plan) AND status = 'pending'", of: plan, limit: "?3")
  }

  /// One seek in the index for each type that is there, whatever else is.
  ///
  /// - Parameters:
  ///   - types: Finds signals of all types in question.
  ///   - which: Those to be given, of a type.
  private static func oldestOfEachType(
    _ dialect: Dialect, types: String, of which: String, limit: String
  ) -> String {
    let ofType = """
      type = types.type AND \(which) AND status = 'pending'
      ORDER BY created_at, id LIMIT \(limit)
      """
    return """
      WITH RECURSIVE types(type) AS (
        SELECT min(type) FROM signals WHERE \(types)
        UNION ALL
        SELECT (SELECT min(type) FROM signals WHERE \(types) AND type > types.type) FROM types
        WHERE types.type IS NOT NULL)
      SELECT \(Signal.table.columnList)
      FROM types \(dialect.join("signals", firstWhere: ofType))
      ORDER BY signals.created_at, signals.id LIMIT \(limit)
      """
  }

  /// The pending signal that was created first among those that fit.
  func oldestPending(types: [SignalType], plan: String?, in project: Int64) throws -> Signal? {
    var key: [SQLValue] = [.int(project)]
    if let plan { key.append(.text(plan)) }
    guard !types.isEmpty else {
      return try first(plan == nil ? Self.oldest : Self.oldestOfPlan, key)
    }
    let lookup = plan == nil ? Self.oldestOfType : Self.oldestOfPlanAndType
    return
      try types
      .compactMap { try first(lookup, key + [.text($0.rawValue)]) }
      .min { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
  }
}
