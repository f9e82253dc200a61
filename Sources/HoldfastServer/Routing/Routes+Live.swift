internal import HoldfastModel
internal import HoldfastStore

extension Routes {
  /// What goes on in tasks, what is said about them, and what they cost; in the native shape.
  static let live: [Route] = [
    native(.put, "thought", .mutation(TaskThink.self)),
    native(.put, "tasks/{task}/thought", .mutation(TaskThink.self)),
    native(.put, "tasks/{task}/progress", .mutation(TaskProgress.self)),
    native(.post, "tasks/{task}/costs", .mutation(TaskLogCost.self)),
    native(.post, "tasks/{task}/time", .mutation(TaskLogTime.self)),
    native(.get, "stats", .query(ProjectStats.self)),
    native(.get, "tasks/{task}/history", .query(TaskHistory.self)),
    native(.post, "tasks/{task}/comments", .mutation(CommentAdd.self)) { $0.reply.status = 201 },
    native(.get, "tasks/{task}/comments", .listing(CommentList.self)),
    native(.patch, "tasks/{task}/comments/{id}", .mutation(CommentEdit.self)),
    native(.delete, "tasks/{task}/comments/{id}", .mutation(CommentDelete.self)),
    native(.post, "tasks/{task}/output", .mutation(OutputAppend.self)) { $0.reply.status = 201 },
    native(.get, "tasks/{task}/output", .listing(OutputList.self)),
    native(.post, "tasks/{task}/attachments", .mutation(TaskAttach.self)) {
      $0.reply.status = 201
      $0.bodyBytesMax = Limits.attachmentBytesMax
    },
    native(.post, "tasks/{task}/attachments/content", .mutation(TaskAttach.self)) {
      $0.body = .raw("content")
      $0.reply.status = 201
      $0.bodyBytesMax = Limits.contentBytesMax
    },
    native(.get, "tasks/{task}/attachments", .listing(AttachmentList.self)),
    native(.get, "tasks/{task}/attachments/{index}", .query(AttachmentGet.self)),
    native(.get, "tasks/{task}/attachments/{index}/content", .query(AttachmentGet.self)) {
      $0.reply.content = .raw(.attachment)
    },
    native(.delete, "tasks/{task}/attachments/{index}", .mutation(TaskDetach.self)),
    native(.post, "tasks/{task}/offer", .mutation(TaskOffer.self)),
    native(.post, "tasks/{task}/accept", .mutation(TaskAccept.self)),
    native(.post, "tasks/{task}/decline", .mutation(TaskDecline.self)),
    native(.post, "tasks/{task}/labels", .mutation(TaskLabel.self)),
  ]
}
