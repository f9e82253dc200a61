internal import HoldfastStore

extension Routes {
  /// Topics.
  static let topics: [Route] = [
    route(.get, "topics", .listing(TopicList.self)),
    route(.post, "topics", .mutation(TopicCreate.self)) {
      $0.body = .object
      $0.reply.status = 201
    },
    route(.put, "tasks/{task}/topic", .mutation(TopicAssign.self)) { $0.body = .object },
  ]
}
