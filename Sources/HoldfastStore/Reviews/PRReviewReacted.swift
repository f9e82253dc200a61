public import HoldfastDatabase
public import HoldfastModel

/// Notes that a reaction was posted to a review; the review stays pending.
public struct PRReviewReacted: Mutation {
  public static let name = "pr_review_reacted"
  public static let summary = "Notes that a reaction was posted to a review; it stays pending."
  public static let access = Access.write

  public let review: PRReviewTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    review = try PRReviewTarget(reading: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<PRReview> {
    try changes.changeReview(review, "has a reaction") { $0.reactionPosted = true }
  }
}
