extension OperationCatalog {
  /// Operations on what is attached to tasks.
  static let attachments: [OperationEntry] = [
    .mutation(TaskAttach.self),
    .listing(AttachmentList.self),
    .query(AttachmentGet.self),
    .mutation(TaskDetach.self),
  ]
}
