public import HoldfastDatabase
internal import HoldfastJSON
public import HoldfastModel

/// Makes an agent known to the store; with `force`, once more.
public struct AgentConnect: Mutation {
  public static let name = "agent_connect"
  public static let summary = """
    Makes an agent known to the store. Without an id it gets one; with force a known one reconnects.
    """
  public static let access = Access.write

  /// nil for one that the store makes.
  public let agent: AgentID?
  public let title: String?
  public let tags: TagList?
  public let maxClaims: Int64?
  public let isForced: Bool

  private static let textBytesMax = 255
  private static let maxClaimsMax: Int64 = 10_000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    agent = try fields.optional("agent", "Its id; left out, it gets one.")
    title = try fields.optional("name", "What people call it.")
    tags = try fields.optional("tags", "What it can do, for tasks that ask for it.")
    maxClaims = try fields.optional("max_claims", "How many tasks it may hold at once; else 5.")
    isForced = try fields.value(
      "force", "Whether an agent that is connected connects again, with what is given here.",
      default: false)
  }

  public func check() throws(HoldfastError) {
    func refusal(_ field: String, _ words: String) -> HoldfastError {
      FieldPosition(field).mustBe(words)
    }
    if let title, title.utf8.count > Self.textBytesMax {
      throw refusal("name", "at most \(Self.textBytesMax) bytes long, not \(title.utf8.count)")
    }
    if let maxClaims, !(1...Self.maxClaimsMax).contains(maxClaims) {
      throw refusal("max_claims", "a whole number from 1 to \(Self.maxClaimsMax), not \(maxClaims)")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<AgentAnswer> {
    let connected =
      if let agent, let known = try changes.findAgent(agent) {
        try reconnect(known, in: changes)
      } else {
        try connect(in: changes)
      }
    try changes.heartbeat(of: connected)
    return .done(try changes.answer(connected))
  }

  private func connect(in changes: Changes) throws -> Agent {
    let key = try changes.memory.nextKey(of: Agent.table, in: changes.transaction)
    let name = try agent ?? freeID(key, in: changes)
    return try changes.record(.agentConnected, project: nil, by: agent) { event in
      var agent = set(Agent(name: name, registeredAt: changes.now, joined: event.sequence))
      event.note = EventNote("agent \(name) connected")
      agent.id = key
      try event.insert(agent)
      return agent
    }
  }

  /// An id that looks random and is nobody's, unless somebody has chosen it.
  private func freeID(_ key: Int64, in changes: Changes) throws -> AgentID {
    let made = changes.facts.ids.id(row: key).text
    var free = AgentID(stored: made)
    var number = 2
    while try changes.findAgent(free) != nil {
      free = AgentID(stored: "\(made)-\(number)")
      number += 1
    }
    return free
  }

  private func reconnect(_ known: Agent, in changes: Changes) throws -> Agent {
    guard isForced else {
      throw HoldfastError(
        .alreadyExists,
        "Agent ID '\(known.name)' already registered. Use force=true to reconnect.",
        details: [("agent", .string(known.name.text))])
    }
    let agent = set(known)
    guard agent.values != known.values else { return known }
    // A claim of the agent's own that waits may get a task now, in whatever project it waits.
    if agent.tags != known.tags { changes.touch(Readiness.waitKey) }
    return try changes.record(.agentChanged, project: nil, by: known.name) { event in
      event.note = EventNote("agent \(known.name) reconnected")
      try event.update(known, to: agent)
      return agent
    }
  }

  /// The agent with what the request says about it.
  private func set(_ agent: Agent) -> Agent {
    var agent = agent
    if let title { agent.title = title }
    if let tags { agent.tags = tags }
    if let maxClaims { agent.maxClaims = maxClaims }
    return agent
  }
}
