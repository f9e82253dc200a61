internal import HoldfastModel
internal import HoldfastStore

extension Routes {
  /// Agents, which belong to the store and to no project.
  static let agents: [Route] = [
    store(.get, "agents", .listing(AgentList.self)),
    store(.post, "agents", .mutation(AgentConnect.self)) {
      $0.body = .optionalObject
      $0.reply.status = 201
    },
    store(.delete, "agents/{agent}", .mutation(AgentDisconnect.self)),
    store(.post, "agents/{agent}/heartbeat", .mutation(AgentHeartbeat.self)) {
      $0.body = .optionalObject
    },
  ]

  /// Locks of files, and what happened to them.
  static let locks: [Route] = [
    route(.get, "locks", .listing(LockList.self)) { $0.shape = .native },
    route(.post, "locks", .mutation(LockTake.self)) { $0.asNative() },
    route(.delete, "locks", .mutation(LockRelease.self)) { $0.asNative() },
    route(.get, "lock-events", .listing(LockEventList.self)) { $0.shape = .native },
    route(.post, "lock-updates", .mutation(LockUpdates.self)) { $0.asNative() },
  ]
}
