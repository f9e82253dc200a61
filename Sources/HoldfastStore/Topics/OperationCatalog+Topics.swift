extension OperationCatalog {
  /// Operations on topics.
  static let topics: [OperationEntry] = [
    .listing(TopicList.self),
    .mutation(TopicCreate.self),
    .mutation(TopicAssign.self),
  ]
}
