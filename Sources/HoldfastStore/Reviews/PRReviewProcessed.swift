public import HoldfastModel

/// Tells whether a review is recorded.
public struct PRReviewProcessed: Query {
  public static let name = "pr_review_processed"
  public static let summary = "Tells whether a review of a task's pull request is recorded."
  public static let access = Access.read

  public let review: PRReviewTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    review = try PRReviewTarget(reading: &fields)
  }

  /// The answer.
  public struct Answer: Output {
    public let isProcessed: Bool

    public static var placeholder: Answer { Answer(isProcessed: false) }

    public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "ReviewProcessed" }

    public func write(_ out: inout ObjectWriter) {
      out.field("processed", isProcessed, "Whether the review is recorded.")
    }
  }

  public func run(in view: StoreView) throws -> Answer {
    guard let task = try view.find(review.target) else { return Answer(isProcessed: false) }
    return Answer(isProcessed: try view.findReview(review.reviewID, of: task.id) != nil)
  }
}
