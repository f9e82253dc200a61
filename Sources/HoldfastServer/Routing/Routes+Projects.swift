internal import HoldfastModel
internal import HoldfastStore

extension Routes {
  /// Projects, topics, configuration and the audit trail.
  static let projects: [Route] = [
    store(.get, "projects", .listing(ProjectList.self), shape: .contract),
    store(.get, "projects/{project}", .query(ProjectGet.self)),
    store(.delete, "projects/{project}", .mutation(ProjectDelete.self)) {
      $0.body = .optionalObject
      $0.reply = OperationRoute.ReplyStyle(status: 204, content: .empty)
    },
    route(.post, "rename", .mutation(ProjectRename.self)) { $0.asNative() },
    route(.post, "aliases", .mutation(ProjectAlias.self)) { $0.asNative() },
    route(.put, "identity", .mutation(ProjectIdentify.self)) { $0.asNative() },
    route(.put, "vocabulary", .mutation(ProjectSetVocabulary.self)) { $0.asNative() },
    route(.get, "config", .query(ProjectConfigGet.self)) { $0.reply.content = .raw(.toml) },
    route(.put, "config", .mutation(ProjectConfigPut.self)) {
      $0.body = .raw("config")
      $0.reply = OperationRoute.ReplyStyle(status: 204, content: .empty)
      $0.bodyBytesMax = ProjectConfigPut.bytesMax
    },
    route(.get, "audit-events", .listing(AuditList.self)),
    store(.get, "events", .listing(EventList.self)),
  ]
}
