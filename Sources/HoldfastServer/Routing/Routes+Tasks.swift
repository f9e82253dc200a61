internal import HoldfastModel
internal import HoldfastStore

extension Routes {
  /// Tasks, their text and their subtasks.
  static let tasks: [Route] = [
    route(.get, "tasks", .listing(TaskList.self)),
    route(.get, "search", .listing(TaskSearch.self)) { $0.shape = .native },
    route(.post, "tasks", .mutation(TaskCreate.self)) {
      $0.body = .object
      $0.reply.status = 201
      $0.bodyBytesMax = Limits.contentBytesMax
    },
    route(.get, "tasks/{task}", .query(TaskGet.self)),
    route(.put, "tasks/{task}", .mutation(TaskReplace.self)) {
      $0.body = .object
      // Clients send back what they read, the text included.
      $0.bodyBytesMax = Limits.contentBytesMax
    },
    route(.patch, "tasks/{task}", .mutation(TaskPatch.self)) {
      $0.body = .object
      $0.isStrict = true
      $0.bodyBytesMax = Limits.contentBytesMax
    },
    route(.delete, "tasks/{task}", .mutation(TaskDelete.self)) {
      $0.reply = OperationRoute.ReplyStyle(status: 204, content: .empty)
    },
    route(.post, "tasks/{task}/restore", .mutation(TaskRestore.self)),
    route(.post, "tasks/{task}/rename", .mutation(TaskRename.self)) { $0.body = .object },
    route(.get, "tasks/{task}/content", .query(ContentGet.self)) {
      $0.reply.content = .raw(.markdown)
    },
    route(.put, "tasks/{task}/content", .mutation(ContentPut.self)) {
      $0.body = .raw("content")
      $0.bodyBytesMax = Limits.contentBytesMax
    },
    route(.get, "tasks/{task}/subtasks", .listing(SubtaskList.self)) {
      $0.notFound = .planAlone
    },
    route(.put, "tasks/{task}/subtasks", .mutation(SubtasksReplace.self)) {
      $0.body = .field("subtasks")
      $0.reply.content = .empty
      $0.notFound = .planAlone
      $0.precondition = .query(TaskGet.self)
    },
    route(
      .put, "tasks/{task}/subtasks/{task_number}/status", .mutation(SubtaskSetStatus.self)
    ) {
      $0.body = .object
      $0.reply.content = .empty
    },
    route(.put, "tasks/{task}/phase-timestamp", .mutation(PhaseTimeSet.self)) {
      $0.body = .object
      $0.reply.content = .empty
      $0.notFound = .plan
    },
    route(.put, "tasks/{task}/goal", .mutation(GoalSet.self)) {
      $0.body = .object
      $0.notFound = .plan
    },
    route(.put, "tasks/{task}/clickup-task-id", .mutation(ClickUpSet.self)) {
      $0.body = .object
      $0.reply.content = .empty
    },
    route(
      .post, "tasks/{task}/increment-review-cycle", .mutation(ReviewCycleIncrement.self)),
  ]
}
