extension OperationCatalog {
  /// Tasks as rows of task-graph-mcp, for those who know its columns.
  static let taskRows: [OperationEntry] = [
    .query(TaskRowGet.self),
    .query(TaskRowList.self),
    .mutation(TaskRowPatch.self),
  ]
}
