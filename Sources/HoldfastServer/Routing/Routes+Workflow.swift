internal import HoldfastStore

extension Routes {
  /// Workflows, moves through them, and what stands beside it: execution, blocks, links.
  static let workflow: [Route] = [
    native(.get, "workflows", .listing(WorkflowList.self)),
    native(.get, "workflows/{workflow}", .query(WorkflowGet.self)),
    native(.put, "workflows/{workflow}", .mutation(WorkflowDefine.self)),
    native(.delete, "workflows/{workflow}", .mutation(WorkflowDelete.self)) {
      $0.reply = OperationRoute.ReplyStyle(status: 204, content: .empty)
    },
    route(.post, "tasks/{task}/transition", .mutation(TaskTransition.self)) { $0.body = .object },
    route(.put, "tasks/{task}/status", .mutation(TaskStatusSet.self)) { $0.body = .object },
    route(.get, "tasks/{task}/available-actions", .query(TaskActions.self)),
    setter(.put, "tasks/{task}/execution-state", .mutation(ExecutionStateSet.self)),
    setter(.put, "tasks/{task}/blocked", .mutation(BlockSet.self)),
    setter(.delete, "tasks/{task}/blocked", .mutation(BlockClear.self), body: .none),
    setter(.put, "tasks/{task}/linear-link", .mutation(LinearLinkSet.self)),
    setter(.delete, "tasks/{task}/linear-link", .mutation(LinearLinkClear.self), body: .none),
    setter(.put, "tasks/{task}/linear-link/claim", .mutation(LinearLinkClaim.self)) {
      $0.conflictIsBare = true
    },
    route(.get, "tasks/{task}/linear-link/lookup", .query(LinearLinkLookup.self)),
  ]

  /// A route that changes something and answers that it is done, with nothing else.
  static func setter(
    _ method: Method, _ path: String, _ entry: OperationEntry,
    body: OperationRoute.BodyStyle = .object, _ adjust: (inout OperationRoute) -> Void = { _ in }
  ) -> Route {
    route(method, path, entry) {
      $0.body = body
      $0.reply.content = .empty
      adjust(&$0)
    }
  }
}
