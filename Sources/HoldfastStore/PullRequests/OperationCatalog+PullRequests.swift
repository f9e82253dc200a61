extension OperationCatalog {
  /// Operations on pull requests, their reviews and verification.
  static let pullRequests: [OperationEntry] = [
    .mutation(PRURLSet.self),
    .mutation(PRStateSet.self),
    .mutation(PRCreateOutcomeSet.self),
    .mutation(PRCreateOutcomeClear.self),
    .mutation(PRReviewRecord.self),
    .listing(PRReviewList.self),
    .query(PRReviewProcessed.self),
    .mutation(PRReviewReacted.self),
    .mutation(PRReviewFixerDispatched.self),
    .mutation(PRReviewUpdate.self),
    .mutation(VerificationSet.self),
    .mutation(VerificationClear.self),
  ]
}
