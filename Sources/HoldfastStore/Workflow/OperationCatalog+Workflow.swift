extension OperationCatalog {
  /// Operations on workflows, and those that move tasks through theirs.
  static let workflow: [OperationEntry] = [
    .listing(WorkflowList.self),
    .query(WorkflowGet.self),
    .mutation(WorkflowDefine.self),
    .mutation(WorkflowDelete.self),
    .mutation(TaskTransition.self),
    .mutation(TaskStatusSet.self),
    .query(TaskActions.self),
    .mutation(ExecutionStateSet.self),
    .mutation(BlockSet.self),
    .mutation(BlockClear.self),
    .mutation(LinearLinkSet.self),
    .mutation(LinearLinkClear.self),
    .mutation(LinearLinkClaim.self),
    .query(LinearLinkLookup.self),
  ]
}
