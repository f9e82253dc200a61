internal import HoldfastModel
internal import HoldfastStore

extension Routes {
  /// The task graph, in the native shape: claims, their ends, and what waits for what.
  static let graph: [Route] = [
    native(.post, "claims", .mutation(TaskClaim.self)),
    native(.get, "ready", .listing(TaskReady.self)),
    native(.get, "next", .query(TaskNext.self)),
    native(.get, "orient", .query(AgentOrient.self)),
    native(.get, "tasks/{task}/brief", .query(TaskBrief.self)),
    native(.get, "summary", .query(TaskSummary.self)),
    native(.get, "graph", .query(TaskGraph.self)),
    native(.get, "tasks/{task}/graph", .query(TaskGraph.self)),
    native(.get, "tasks/{task}/neighbours", .query(TaskNeighbours.self)),
    native(.get, "tasks/{task}/tree", .query(TaskTree.self)),
    native(.get, "tasks/{task}/rollup", .query(TaskRollup.self)),
    native(.get, "tasks/{task}/why", .query(TaskWhy.self)),
    native(.post, "trees", .mutation(TreeCreate.self)) { $0.bodyBytesMax = Limits.contentBytesMax },
    native(.post, "links", .mutation(TaskLink.self)),
    native(.delete, "links", .mutation(TaskUnlink.self)),
    native(.post, "bulk-update", .mutation(TaskBulkUpdate.self)),
    native(.post, "tasks/{task}/push", .mutation(TaskPush.self)),
    native(.put, "tasks/{task}/id", .mutation(TaskSetID.self)),
    native(.post, "tasks/{task}/heartbeat", .mutation(TaskHeartbeat.self)),
    native(.post, "tasks/{task}/release", .mutation(TaskRelease.self)),
    native(.post, "tasks/{task}/complete", .mutation(TaskComplete.self)),
    native(.post, "tasks/{task}/fail", .mutation(TaskFail.self)),
    native(.post, "tasks/{task}/cancel", .mutation(TaskCancel.self)),
    native(.post, "tasks/{task}/reopen", .mutation(TaskReopen.self)),
    native(.post, "tasks/{task}/dependencies", .mutation(DependencyAdd.self)),
    native(.get, "tasks/{task}/dependencies", .query(DependencyList.self)),
    native(.delete, "tasks/{task}/dependencies/{blocker}", .mutation(DependencyRemove.self)),
  ]

  /// A native route of a project.
  static func native(
    _ method: Method, _ path: String, _ entry: OperationEntry,
    _ adjust: (inout OperationRoute) -> Void = { _ in }
  ) -> Route {
    route(method, path, entry) {
      $0.shape = .native
      if method != .get { $0.body = .optionalObject }
      adjust(&$0)
    }
  }
}
