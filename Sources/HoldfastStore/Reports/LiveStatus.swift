internal import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Tells what goes on in a project right now: how many tasks stand where, who is at work, and what waits for
/// a person.
public struct LiveStatus: Query {
  public static let name = "live_status"
  public static let summary =
    "Tells what goes on in a project: tasks by status, who is at work, and what waits for a person."
  public static let access = Access.read

  public let project: ProjectName
  /// At most so many of each list.
  public let cap: Int

  private static let capMax: Int64 = 100
  private static let capDefault: Int64 = 20

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    let cap = try fields.value(
      "cap", "At most this many of each list; at most 100.", in: Int64.min...Int64.max,
      default: Self.capDefault)
    // To clients a cap that is none is the usual one, and a large one the largest.
    self.cap = Int(cap <= 0 ? Self.capDefault : min(cap, Self.capMax))
  }

  private static let held: SQL = """
    SELECT filename, active_agent_type, active_wave, owner, lease_until FROM tasks
    WHERE owner <> '' AND project = ?1
    """
  private static let running: SQL = """
    SELECT filename, active_agent_type, active_wave, owner, lease_until FROM tasks
    WHERE status = ?2 AND project = ?1 AND deleted_at IS NULL AND active_agent_type <> '' AND owner = ''
    """
  private static let waiting: SQL = """
    SELECT filename, execution_phase, blocked_reason, latest_review_feedback FROM tasks
    WHERE status = ?2 AND project = ?1 AND deleted_at IS NULL
      AND (execution_phase = 'wave_waiting' OR blocked_reason <> '' OR latest_review_feedback <> '')
    """
  private static let decisions: SQL = """
    SELECT plan_file, payload FROM signals
    WHERE type = ?2 AND project = ?1 AND status = 'pending' AND plan_file <> ''
    ORDER BY created_at, id
    """
  private static let isHeard: SQL = """
    SELECT 1 FROM heartbeats JOIN agents ON agents.id = heartbeats.id
    WHERE agents.disconnected_at IS NULL AND heartbeats.seen_at > ?1 LIMIT 1
    """
  private static let isProcessing: SQL = """
    SELECT 1 FROM signals
    WHERE project = ?1 AND status = 'processing' AND lease_until > ?2 LIMIT 1
    """

  public func run(in view: StoreView) throws -> LiveStatusAnswer {
    var answer = LiveStatusAnswer(project: project, at: Timestamp(nanoseconds: view.reading.now))
    guard let key = try view.projectKey(project) else { return answer }
    let leaseTime = try view.reading.leaseTime
    answer.isAttended =
      try view.reading.exists(
        Self.isHeard, [.int(view.reading.now - view.facts.settings.agentLease)])
      || view.reading.exists(Self.isProcessing, [.int(key), .int(leaseTime)])
    for status in LiveStatusAnswer.Lifecycle.statuses {
      answer.lifecycle.counts.append(
        try view.reading.first(TaskSummary.ofStatus, [.int(key), .text(status.text)]) {
          $0.int(0)
        } ?? 0)
    }
    var agents = try view.reading.all(Self.held, [.int(key)]) { Agent($0, at: leaseTime) }
    for status in LiveStatusAnswer.Lifecycle.statuses where status != .ready {
      agents += try view.reading.all(Self.running, [.int(key), .text(status.text)]) {
        Agent($0, at: leaseTime)
      }
    }
    agents.sort { $0.place < $1.place }
    answer.set(
      agents: agents.map(\.line), attention: try attention(key, agents, view), cap: cap)
    return answer
  }

  /// Who works on a task.
  private struct Agent {
    let line: LiveStatusAnswer.ActiveAgent
    /// The holder when its lease has ended.
    let lost: String?

    init(_ row: any Row, at leaseTime: Int64) {
      let type = row.text(1)
      let owner = row.text(3)
      line = LiveStatusAnswer.ActiveAgent(
        task: row.text(0), role: type.isEmpty ? owner : type, wave: row.int(2))
      lost = (row.optionalInt(4) ?? .max) <= leaseTime && !owner.isEmpty ? owner : nil
    }

    /// By task, role and wave, in the order of bytes.
    var place: Place { Place(task: line.task, role: line.role, wave: line.wave) }

    struct Place: Comparable {
      let task: String
      let role: String
      let wave: Int64

      static func < (a: Place, b: Place) -> Bool {
        if !UTF8Order.areSame(a.task, b.task) { return UTF8Order.precedes(a.task, b.task) }
        if !UTF8Order.areSame(a.role, b.role) { return UTF8Order.precedes(a.role, b.role) }
        return a.wave < b.wave
      }
    }
  }

  /// What waits for a person: decisions and reviews by task, then agents that are gone.
  private func attention(
    _ key: Int64, _ agents: [Agent], _ view: StoreView
  ) throws -> [LiveStatusAnswer.Attention] {
    var tasks: [(name: String, decision: String?, hasFeedback: Bool)] = []
    for status in LiveStatusAnswer.Lifecycle.statuses + [.pending, .inProgress] {
      tasks += try view.reading.all(Self.waiting, [.int(key), .text(status.text)]) { row in
        let reason = row.text(2)
        let waits = !reason.isEmpty || row.text(1) == "wave_waiting"
        return (row.text(0), waits ? reason : nil, !row.text(3).trimmed.isEmpty)
      }
    }
    let type = SignalType.needsDecision.rawValue
    try view.reading.query(Self.decisions, [.int(key), .text(type)]) { row in
      let (name, reason) = (row.text(0), Self.reason(in: row.text(1)))
      let known = tasks.firstIndex { UTF8Order.areSame($0.name, name) }
      guard let known else { return tasks.append((name, reason, false)) }
      if tasks[known].decision?.isEmpty ?? true { tasks[known].decision = reason }
    }
    tasks.sort { UTF8Order.precedes($0.name, $1.name) }
    var items: [LiveStatusAnswer.Attention] = []
    for task in tasks {
      if let decision = task.decision {
        items.append(.init(task: task.name, kind: .needsDecision, detail: decision))
      }
      if task.hasFeedback {
        items.append(.init(task: task.name, kind: .reviewFeedback, detail: ""))
      }
    }
    return items
      + agents.compactMap { agent in
        agent.lost.map {
          .init(task: agent.line.task, kind: .staleInstance, detail: "the lease of \($0) has ended")
        }
      }
  }

  private static func reason(in payload: String) -> String {
    (try? JSONReader.read(Array(payload.utf8)))?["reason"]?.stringValue ?? ""
  }
}
