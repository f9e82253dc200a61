internal import HoldfastJSON
internal import HoldfastStore

extension Routes {
  /// Pull requests, reviews and verification.
  static let pullRequests: [Route] = [
    setter(.put, "tasks/{task}/pr-url", .mutation(PRURLSet.self)),
    setter(.put, "tasks/{task}/pr-state", .mutation(PRStateSet.self)),
    setter(.put, "tasks/{task}/pr-create-outcome", .mutation(PRCreateOutcomeSet.self)),
    setter(
      .delete, "tasks/{task}/pr-create-outcome", .mutation(PRCreateOutcomeClear.self),
      body: .none),
    setter(.post, "tasks/{task}/pr-reviews", .mutation(PRReviewRecord.self)) {
      $0.reply.status = 201
      $0.notFound = .plan
    },
    route(.get, "tasks/{task}/pr-reviews", .listing(PRReviewList.self)) {
      $0.fixed = [("pending", false)]
    },
    route(.get, "tasks/{task}/pr-reviews/pending", .listing(PRReviewList.self)) {
      $0.fixed = [("pending", true)]
    },
    route(.put, "tasks/{task}/pr-reviews/{review_id}", .mutation(PRReviewUpdate.self)) {
      $0.body = .object
    },
    route(.get, "tasks/{task}/pr-reviews/{review_id}/processed", .query(PRReviewProcessed.self)),
    setter(
      .post, "tasks/{task}/pr-reviews/{review_id}/reacted", .mutation(PRReviewReacted.self),
      body: .none),
    setter(
      .post, "tasks/{task}/pr-reviews/{review_id}/fixer-dispatched",
      .mutation(PRReviewFixerDispatched.self), body: .none),
    setter(.put, "tasks/{task}/verification", .mutation(VerificationSet.self)),
    setter(.delete, "tasks/{task}/verification", .mutation(VerificationClear.self)),
  ]
}
