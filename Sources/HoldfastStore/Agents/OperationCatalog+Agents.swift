extension OperationCatalog {
  /// Operations on agents.
  static let agents: [OperationEntry] = [
    .mutation(AgentConnect.self),
    .mutation(AgentDisconnect.self),
    .listing(AgentList.self),
    .mutation(AgentHeartbeat.self),
    .query(AgentOrient.self),
  ]
}
