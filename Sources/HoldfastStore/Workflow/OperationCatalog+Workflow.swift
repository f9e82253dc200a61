extension OperationCatalog {
  /// Operations that move tasks through their workflow.
  static let workflow: [OperationEntry] = [
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
