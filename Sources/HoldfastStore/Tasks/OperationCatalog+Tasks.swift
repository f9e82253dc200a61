extension OperationCatalog {
  /// Operations on tasks and their text.
  static let tasks: [OperationEntry] = [
    .listing(TaskList.self),
    .listing(TaskSearch.self),
    .mutation(TaskCreate.self),
    .query(TaskGet.self),
    .mutation(TaskReplace.self),
    .mutation(TaskPatch.self),
    .mutation(TaskDelete.self),
    .mutation(TaskRestore.self),
    .mutation(TaskRename.self),
    .mutation(TaskSetID.self),
    .mutation(TaskBulkUpdate.self),
    .query(ContentGet.self),
    .mutation(ContentPut.self),
    .listing(SubtaskList.self),
    .mutation(SubtasksReplace.self),
    .mutation(SubtaskSetStatus.self),
    .mutation(GoalSet.self),
    .mutation(PhaseTimeSet.self),
    .mutation(ClickUpSet.self),
    .mutation(ReviewCycleIncrement.self),
  ]
}
