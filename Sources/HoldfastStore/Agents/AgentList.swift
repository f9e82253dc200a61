internal import HoldfastDatabase
public import HoldfastModel

/// Lists the connected agents, newest first.
public struct AgentList: Listing {
  public static let name = "agent_list"
  public static let summary = "Lists the connected agents, newest first; it changes nothing."
  public static let access = Access.read
  public static let listName: StaticString = "agents"

  public let limit: Int64
  /// The key of the last agent of the page before.
  public let cursor: Int64?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    limit = try fields.value("limit", "At most this many.", in: 1...1000, default: 1000)
    let place: String? = try fields.optional("cursor", "Where the page before ended.")
    cursor = try place.map { text throws(HoldfastError) in
      guard let key = Int64(text) else {
        throw FieldPosition("cursor").mustBe("the next_cursor of the page before")
      }
      return key
    }
  }

  private static let agents = SQL(
    """
    SELECT \(Agent.table.columnList), \(Heartbeat.table.columnList)
    FROM agents LEFT JOIN heartbeats ON heartbeats.id = agents.id
    WHERE agents.disconnected_at IS NULL AND agents.id < ?1 ORDER BY agents.id DESC LIMIT ?2
    """)

  public func run(in view: StoreView, _ each: (AgentAnswer) throws -> Void) throws -> ListEnd {
    let agents = try view.reading.all(Self.agents, [.int(cursor ?? .max), .int(limit + 1)]) { row in
      (agent: Agent(row: row), heartbeat: Heartbeat(row: row, from: Agent.table.columns.count + 1))
    }
    let leaseTime = try view.reading.leaseTime
    for (agent, heartbeat) in agents.prefix(Int(limit)) {
      try each(try view.answer(agent, heartbeat, at: leaseTime))
    }
    guard agents.count > limit else { return ListEnd() }
    return ListEnd(nextCursor: "\(agents[Int(limit) - 1].agent.id)")
  }
}
