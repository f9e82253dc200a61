internal import HoldfastDatabase
public import HoldfastModel

extension StoreView {
  private static let reviewByNumber = SQL(
    """
    SELECT \(PRReview.table.columnList) FROM pr_reviews
    WHERE pr_reviews.task = ?1 AND pr_reviews.review_id = ?2
    """)

  /// The review of that number, or nil when none is recorded.
  func findReview(_ reviewID: Int64, of task: Int64) throws -> PRReview? {
    try reading.first(Self.reviewByNumber, [.int(task), .int(reviewID)], PRReview.init(row:))
  }
}

extension Changes {
  /// Changes a recorded review; nothing is recorded where nothing differs.
  ///
  /// - Parameters:
  ///   - review: Which one.
  ///   - message: What the history says, after the review's number.
  ///   - body: Changes the row.
  /// - Returns: The review after the change.
  /// - Throws: `pr review not found: P/F#id`, also for a task that is not there.
  func changeReview(
    _ review: PRReviewTarget, _ message: String, _ body: (inout PRReview) -> Void
  ) throws -> WriteVerdict<PRReview> {
    guard let task = try find(review.target) else { throw review.notFound }
    try checkRevision(of: task)
    guard let old = try findReview(review.reviewID, of: task.id) else { throw review.notFound }
    var new = old
    body(&new)
    guard new.values != old.values else { return .done(old) }
    try record(.reviewChanged, project: task.project, task: task.id) { event in
      event.note = EventNote("\(task.filename): review \(old.reviewID) \(message)")
      try event.update(old, to: new)
    }
    return .done(new)
  }
}

extension PRReview: Output {
  public static var placeholder: PRReview { PRReview(task: 1, reviewID: 1) }

  public func write(_ out: inout ObjectWriter) {
    out.field("review_id", reviewID, "The host's number of the review.")
    out.field("review_state", state, "What it decided.")
    out.field("review_body", body, "What it says.")
    out.field("reviewer_login", reviewerLogin, "Who wrote it.")
    out.field("reaction_posted", reactionPosted, "Whether a reaction was posted to it.")
    out.field("fixer_dispatched", fixerDispatched, "Whether a fixer was sent; no longer pending.")
    out.time("created_at", createdAt, "When it was recorded.")
    out.field("url", unlessEmpty: url, "Its page.")
    out.time("submitted_at", unlessUnset: submittedAt, "When its author submitted it.")
  }
}
