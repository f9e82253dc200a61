internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel
private import Synchronization

/// The agents that calls have named, and when, until that is written down.
///
/// Each call by an agent is a heartbeat, reads and refused calls, too. A read must not become a write, so
/// what is heard stays here for a moment: ``Store/sweep()`` writes down what makes a difference, and
/// whatever is about to end a lease looks here first.
final class HeardAgents: Sendable {
  /// An agent, and the machine's time of its last call.
  typealias Call = (agent: AgentID, time: Int64)

  private struct Calls {
    /// Those that are not written down.
    var open: [AgentID: Int64] = [:]
    /// The last ones of agents that there are.
    var last: [AgentID: Int64] = [:]
  }

  private let calls = Mutex(Calls())
  /// Names that are held at most: anybody may say any name.
  private static let countMax = 100_000

  func note(_ agent: AgentID, at time: Int64) {
    calls.withLock { calls in
      guard calls.open.count < Self.countMax || calls.open[agent] != nil else { return }
      calls.open[agent] = time
    }
  }

  /// When the agent was heard of; nil when that is written down, or it was not.
  func time(of agent: AgentID) -> Int64? { calls.withLock { $0.open[agent] } }

  /// When the agent was heard of last, written down or not; nil when this process does not know.
  func lastTime(of agent: AgentID) -> Int64? { calls.withLock { $0.open[agent] ?? $0.last[agent] } }

  var all: [Call] { calls.withLock { $0.open.map { ($0.key, $0.value) } } }

  /// Forgets calls that are written down, or make no difference; not those that came since.
  ///
  /// - Parameter known: The names of agents that there are, whose last call is kept to be shown.
  func forget(_ settled: some Sequence<Call>, known: Set<AgentID>) {
    calls.withLock { calls in
      for call in settled where calls.open[call.agent] == call.time {
        calls.open[call.agent] = nil
        calls.last[call.agent] = known.contains(call.agent) ? call.time : nil
      }
    }
  }
}

extension Store {
  /// Notes that a call names an agent as the one who makes it.
  public func hear(_ agent: AgentID) { facts.heard.note(agent, at: database.wallTime) }

  /// Agents that are looked at in one read.
  private static let agentsPerStep = 1000
  /// Agents that are renewed in one write, which others wait behind.
  private static let agentsPerWrite = 50

  /// Writes down which agents were heard of, as far as it makes their leases longer by a tenth.
  public func writeHeard() throws {
    var calls = facts.heard.all[...]
    while !calls.isEmpty {
      let step = calls.prefix(Self.agentsPerStep)
      let (known, late) = try view { try $0.due(step) }
      var due = late[...]
      while !due.isEmpty {
        let calls = Array(due.prefix(Self.agentsPerWrite))
        _ = try run(HeartbeatBatch(calls: calls), caller: Caller(actor: Self.sweeper))
        due = due.dropFirst(calls.count)
      }
      facts.heard.forget(step, known: known)
      calls = calls.dropFirst(step.count)
    }
  }
}

/// Writes down that agents were heard of.
private struct HeartbeatBatch: Mutation {
  static let name = "heartbeat_batch"
  static let summary = "Writes down that agents were heard of."
  static let access = Access.write

  let calls: [HeardAgents.Call]

  init(calls: [HeardAgents.Call]) { self.calls = calls }

  init(reading fields: inout Fields) throws(HoldfastError) {
    throw HoldfastError(.internalError, "what was heard of agents is not read from a request")
  }

  func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<Done> {
    for call in calls {
      guard let agent = try changes.findAgent(call.agent) else { continue }
      try changes.heartbeat(of: agent, heard: changes.age(of: call.time))
    }
    return .done(Done())
  }
}

extension StoreView {
  private static let leases = DialectSQL { sql in
    """
    SELECT agents.name, heartbeats.leased_at, CASE WHEN EXISTS (
      SELECT 1 FROM tasks WHERE tasks.owner = agents.name AND tasks.owner <> ''
        AND \(GraphColumns.leaseIsOld) < ?2) THEN 1 ELSE 0 END
    FROM \(sql.texts(of: "?1", as: "named")) JOIN agents
      ON agents.name = named.value AND agents.disconnected_at IS NULL
    LEFT JOIN heartbeats ON heartbeats.id = agents.id
    """
  }

  /// The agents that there are among those that call, and the calls that make a lease longer by a tenth.
  fileprivate func due(_ calls: some Collection<HeardAgents.Call>) throws
    -> (known: Set<AgentID>, due: [HeardAgents.Call])
  {
    let leaseTime = try reading.leaseTime
    let names = JSON.array(calls.map { .string($0.agent.text) }).renderedText()
    var isOld: [AgentID: Bool] = [:]
    try reading.query(Self.leases[reading.dialect], [.text(names), .int(leaseTime)]) { row in
      let isAgentsOld = row.optionalInt(1).map { leaseTime - $0 >= facts.settings.agentLease / 10 }
      isOld[AgentID(stored: row.text(0))] = isAgentsOld ?? true || row.int(2) == 1
    }
    return (Set(isOld.keys), calls.filter { isOld[$0.agent] ?? false })
  }

  /// How long ago that was by the machine's clock, in nanoseconds.
  func age(of time: Int64) -> Int64 { max(0, reading.now - time) }

  /// How long ago a call named the agent, when that is not written down; nil for none.
  func heard(_ agent: AgentID) -> Int64? { facts.heard.time(of: agent).map(age) }

  /// Whether the holder of a task has it still at that lease time.
  func isLive(_ task: TaskEntry, at leaseTime: Int64) -> Bool {
    guard let until = task.graph.leaseUntil else { return !task.graph.owner.isEmpty }
    if until > leaseTime { return true }
    let age = heard(AgentID(stored: task.graph.owner))
    return age.map { $0 < task.graph.leaseSeconds * 1_000_000_000 } ?? false
  }
}
