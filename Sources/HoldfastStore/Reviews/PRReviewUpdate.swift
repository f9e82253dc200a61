public import HoldfastDatabase
public import HoldfastModel

/// Changes a recorded review: what is left out stays, null empties.
public struct PRReviewUpdate: Mutation {
  public static let name = "pr_review_update"
  public static let summary = "Changes a recorded review; what is left out stays, null empties."
  public static let access = Access.write

  public let review: PRReviewTarget
  public let state: Change<String>
  public let body: Change<String>
  public let reviewerLogin: Change<String>
  public let reactionPosted: Change<Bool>
  public let fixerDispatched: Change<Bool>
  public let url: Change<String>
  public let submittedAt: Change<OptionalTime>

  public init(reading fields: inout Fields) throws(HoldfastError) {
    review = try PRReviewTarget(reading: &fields)
    state = try fields.change("review_state", "What it decided.")
    body = try fields.change("review_body", "What it says.")
    reviewerLogin = try fields.change("reviewer_login", "Who wrote it.")
    reactionPosted = try fields.change("reaction_posted", "Whether a reaction was posted to it.")
    fixerDispatched = try fields.change(
      "fixer_dispatched", "Whether a fixer was sent; false makes it pending again.")
    url = try fields.change("url", "Its page.")
    submittedAt = try fields.change("submitted_at", "When its author submitted it.")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<PRReview> {
    try changes.changeReview(review, "changed") { review in
      review.state = state.applied(to: review.state, empty: "")
      review.body = body.applied(to: review.body, empty: "")
      review.reviewerLogin = reviewerLogin.applied(to: review.reviewerLogin, empty: "")
      review.reactionPosted = reactionPosted.applied(to: review.reactionPosted, empty: false)
      review.fixerDispatched = fixerDispatched.applied(to: review.fixerDispatched, empty: false)
      review.url = url.applied(to: review.url, empty: "")
      let time = OptionalTime(timestamp: review.submittedAt)
      review.submittedAt = submittedAt.applied(to: time, empty: .unset).timestamp
    }
  }
}
