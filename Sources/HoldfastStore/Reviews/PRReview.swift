public import HoldfastDatabase
public import HoldfastModel

/// One review of a task's pull request, as its host reported it.
public struct PRReview: Record {
  public var id: Int64
  public var task: Int64
  /// The host's number of the review, up to 2^63-1.
  public var reviewID: Int64
  public var state = ""
  public var body = ""
  public var reviewerLogin = ""
  public var reactionPosted = false
  public var fixerDispatched = false
  public var createdAt: Timestamp?
  public var url = ""
  public var submittedAt: Timestamp?

  public init(task: Int64, reviewID: Int64) {
    id = 0
    self.task = task
    self.reviewID = reviewID
  }

  public static let table = Table(
    "pr_reviews",
    [
      ("task", .null), ("review_id", .null), ("review_state", .text("")),
      ("review_body", .text("")), ("reviewer_login", .text("")), ("reaction_posted", .int(0)),
      ("fixer_dispatched", .int(0)), ("created_at", .null), ("url", .text("")),
      ("submitted_at", .null),
    ])

  public init(row: any Row) {
    var columns = RowReader(row)
    id = columns.int()
    task = columns.int()
    reviewID = columns.int()
    state = columns.text()
    body = columns.text()
    reviewerLogin = columns.text()
    reactionPosted = columns.bool()
    fixerDispatched = columns.bool()
    createdAt = columns.time()
    url = columns.text()
    submittedAt = columns.time()
  }

  public var values: [SQLValue] {
    [
      .int(task), .int(reviewID), .text(state), .text(body), .text(reviewerLogin),
      .bool(reactionPosted), .bool(fixerDispatched), .time(createdAt), .text(url),
      .time(submittedAt),
    ]
  }
}
