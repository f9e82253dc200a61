extension OperationCatalog {
  /// Operations on what goes on in tasks, what is said about them, and what they cost.
  static let live: [OperationEntry] = [
    .mutation(TaskThink.self),
    .mutation(TaskProgress.self),
    .mutation(TaskLogCost.self),
    .mutation(TaskLogTime.self),
    .query(ProjectStats.self),
    .query(TaskHistory.self),
    .mutation(CommentAdd.self),
    .mutation(CommentEdit.self),
    .mutation(CommentDelete.self),
    .listing(CommentList.self),
    .mutation(OutputAppend.self),
    .listing(OutputList.self),
    .mutation(TaskOffer.self),
    .mutation(TaskAccept.self),
    .mutation(TaskDecline.self),
    .mutation(TaskLabel.self),
  ]
}
