public import HoldfastDatabase
public import HoldfastModel

/// Ends what has come to its end by itself, such as the leases of agents that fell silent.
///
/// A server runs it when nobody else calls, see ``Store/sweep()``.
public struct Sweep: Mutation {
  public static let name = "sweep"
  public static let summary = """
    Ends what has come to its end by itself, such as the leases of agents that fell silent.
    """
  public static let access = Access.admin

  public init(reading fields: inout Fields) throws(HoldfastError) {}

  init() {}

  /// One kind of thing that ends by itself.
  struct Sweeper: Sendable {
    /// Whether something has come to its end at that lease time; a look at an index.
    let isDue: @Sendable (StoreView, Int64) throws -> Bool
    /// Ends some of it, as much as the limit says at most; gives how much it was.
    let run: @Sendable (Changes, Int64, Int) throws -> Int
  }

  /// All kinds, in the order in which they are swept.
  static let sweepers: [Sweeper] = [
    Sweeper(isDue: { try $0.hasDueTasks(at: $1) }) { changes, _, _ in try changes.sweepTasks() },
    Sweeper(isDue: { try $0.hasEndedAgents(at: $1) }) {
      try $0.endAgents(at: $1, limit: $2)
    },
    Sweeper(isDue: { view, _ in try LockEventPurge.isDue(view) }) { changes, _, limit in
      try LockEventPurge.run(in: changes, limit: limit)
    },
  ]

  /// What one step ends at most, so that it does not hold up other writes for long.
  private static let stepMax = 1000

  /// Whether there is something to sweep.
  static func isDue(_ view: StoreView) throws -> Bool {
    let leaseTime = try view.reading.leaseTime
    return try sweepers.contains { try $0.isDue(view, leaseTime) }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<SweepAnswer> {
    let leaseTime = try changes.transaction.leaseTime
    var left = Self.stepMax
    for sweeper in Self.sweepers where left > 0 {
      left -= try sweeper.run(changes, leaseTime, left)
    }
    return .done(SweepAnswer(count: Self.stepMax - left, hasMore: left <= 0))
  }
}

/// What a step has swept.
public struct SweepAnswer: Output {
  public let count: Int
  public let hasMore: Bool

  public static var placeholder: SweepAnswer { SweepAnswer(count: 0, hasMore: true) }

  public func write(_ out: inout ObjectWriter) {
    out.field("count", Int64(count), "How many things have ended.")
    out.field("more", ifTrue: hasMore, "There may be more: repeat the call.")
  }
}

extension OperationCatalog {
  /// Operations on the store as a whole.
  static let maintenance: [OperationEntry] = [.mutation(Sweep.self)]
}

extension Store {
  /// Who sweeps, as the history says.
  static let sweeper = "holdfast"

  /// Ends what has come to its end by itself; only a look when there is nothing.
  ///
  /// Blocks until that is on disk.
  public func sweep() throws {
    try writeHeard()
    while try view({ try Sweep.isDue($0) }) {
      guard let answer = try run(Sweep(), caller: Caller(actor: Self.sweeper)), answer.hasMore
      else {
        return
      }
    }
  }
}

extension StoreView {
  private static let ended = SQL(
    """
    SELECT \(Agent.table.columnList), \(Heartbeat.table.columnList)
    FROM heartbeats JOIN agents ON agents.id = heartbeats.id
    WHERE heartbeats.leased_at <= ?1 ORDER BY heartbeats.leased_at LIMIT ?2
    """)

  /// Agents whose lease has ended, with what they still hold.
  fileprivate func endedAgents(
    at leaseTime: Int64, limit: Int
  ) throws -> [(agent: Agent, heartbeat: Heartbeat?)] {
    let begun = leaseTime - facts.settings.agentLease
    return try reading.all(Self.ended, [.int(begun), .int(Int64(limit))]) { row in
      (Agent(row: row), Heartbeat(row: row, from: Agent.table.columns.count + 1))
    }
  }

  fileprivate func hasEndedAgents(at leaseTime: Int64) throws -> Bool {
    try !endedAgents(at: leaseTime, limit: 1).isEmpty
  }
}

extension Changes {
  /// Agents that one step ends at most; each costs some questions.
  private static let agentsMax = 100

  /// Frees what agents hold whose lease has ended.
  fileprivate func endAgents(at leaseTime: Int64, limit: Int) throws -> Int {
    var count = 0
    for (agent, heartbeat) in try endedAgents(at: leaseTime, limit: min(limit, Self.agentsMax))
    where count < limit {
      if let age = heard(agent.name), age < facts.settings.agentLease {
        try self.heartbeat(of: agent, heard: age)
        count += 1
        continue
      }
      let locks = try locks(of: agent)
      let some = Array(locks.prefix(limit - count))
      try release(some, because: .expired)
      count += max(some.count, 1)
      guard some.count == locks.count, let heartbeat else { continue }
      var ended = heartbeat
      ended.leasedAt = nil
      try write(apart: ended, over: heartbeat)
    }
    return count
  }
}
