public import HoldfastDatabase
public import HoldfastModel

/// Records a review of a task's pull request; of several records of one review the first wins.
public struct PRReviewRecord: Mutation {
  public static let name = "pr_review_record"
  public static let summary =
    "Records a review of a task's pull request, unless it is recorded already."
  public static let access = Access.write

  public let target: TaskTarget
  public let reviewID: Int64
  public let state: String
  public let body: String
  public let reviewerLogin: String
  public let url: String
  public let submittedAt: Timestamp?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
    reviewID = try fields.required("review_id", "The host's number of the review.")
    state = try fields.value("review_state", "What it decided.", default: "")
    body = try fields.value("review_body", "What it says.", default: "")
    reviewerLogin = try fields.value("reviewer_login", "Who wrote it.", default: "")
    url = try fields.value("url", "Its page.", default: "")
    submittedAt = try fields.time("submitted_at", "When its author submitted it.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<PRReview> {
    let task = try changes.taskForWriting(target)
    if let first = try changes.findReview(reviewID, of: task.id) { return .done(first) }
    var review = PRReview(task: task.id, reviewID: reviewID)
    review.state = state
    review.body = body
    review.reviewerLogin = reviewerLogin
    review.createdAt = changes.now
    review.url = url
    review.submittedAt = submittedAt
    try changes.record(.reviewRecorded, project: task.project, task: task.id) { event in
      event.note = EventNote("\(task.filename): review \(reviewID) recorded")
      review.id = try event.insert(review)
    }
    return .done(review)
  }
}
