public import HoldfastModel

/// An agent as it is answered.
public struct AgentAnswer: Output {
  public let agent: Agent
  /// How many tasks it holds.
  public let claimCount: Int64
  /// What it said last on one of these; empty for nothing.
  public let thought: String
  public let lastHeartbeat: Timestamp?
  /// When its lease ends by the wall clock, as far as that can be said; nil once it has ended.
  public let leaseUntil: Timestamp?

  public static var placeholder: AgentAnswer {
    AgentAnswer(
      agent: Agent(
        name: AgentID(stored: "agent"), registeredAt: Timestamp(nanoseconds: 0), joined: 1),
      claimCount: 0, thought: "", lastHeartbeat: nil, leaseUntil: nil)
  }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Agent" }

  public func write(_ out: inout ObjectWriter) {
    out.field("id", agent.name.text, "Its identity, unique in the store.")
    out.field("name", unlessEmpty: agent.title, "What people call it.")
    out.list("tags", agent.tags.tags, "What it can do.")
    out.field("max_claims", agent.maxClaims, "How many tasks it may hold at once.")
    out.field("claim_count", claimCount, "How many tasks it holds.")
    out.field("current_thought", unlessEmpty: thought, "What it said last on one of them.")
    out.time("registered_at", agent.registeredAt, "When it connected.")
    out.time(
      "last_heartbeat", lastHeartbeat,
      "When it was heard of: by this server, or by another process to a tenth of its lease.")
    out.time(
      "lease_expires_at", leaseUntil, "About when what it holds is free unless it is heard of.")
  }
}

/// What an agent gave back when it left.
public struct AgentRelease: Output {
  public let tasks: Int
  public let files: Int
  public var isUnknown = false

  public static var placeholder: AgentRelease { AgentRelease(tasks: 0, files: 0) }

  public func write(_ out: inout ObjectWriter) {
    out.field("tasks_released", Int64(tasks), "How many tasks it held.")
    out.field("files_released", Int64(files), "How many files it had locked.")
    out.field("unknown", ifTrue: isUnknown, "Whether no agent of that id was connected.")
  }
}
