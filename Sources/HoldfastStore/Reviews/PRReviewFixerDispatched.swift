public import HoldfastDatabase
public import HoldfastModel

/// Notes that a fixer was sent to work on a review, which is no longer pending.
public struct PRReviewFixerDispatched: Mutation {
  public static let name = "pr_review_fixer_dispatched"
  public static let summary = "Notes that a fixer works on a review, which is no longer pending."
  public static let access = Access.write

  public let review: PRReviewTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    review = try PRReviewTarget(reading: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<PRReview> {
    try changes.changeReview(review, "has a fixer") { $0.fixerDispatched = true }
  }
}
