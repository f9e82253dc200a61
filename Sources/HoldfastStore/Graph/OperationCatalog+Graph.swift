extension OperationCatalog {
  /// Operations on the task graph.
  static let graph: [OperationEntry] = [
    .mutation(TaskClaim.self),
    .listing(TaskReady.self),
    .query(TaskNext.self),
    .query(TaskBrief.self),
    .query(TaskSummary.self),
    .query(TaskWhy.self),
    .query(TaskTree.self),
    .query(TaskRollup.self),
    .query(TaskGraph.self),
    .query(TaskNeighbours.self),
    .mutation(TreeCreate.self),
    .mutation(TaskLink.self),
    .mutation(TaskUnlink.self),
    .mutation(TaskPush.self),
    .mutation(TaskHeartbeat.self),
    .mutation(TaskRelease.self),
    .mutation(TaskComplete.self),
    .mutation(TaskFail.self),
    .mutation(TaskCancel.self),
    .mutation(TaskReopen.self),
    .mutation(DependencyAdd.self),
    .mutation(DependencyRemove.self),
    .query(DependencyList.self),
  ]
}
