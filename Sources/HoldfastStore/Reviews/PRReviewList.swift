internal import HoldfastDatabase
public import HoldfastModel

/// Lists the recorded reviews of a task's pull request by number.
public struct PRReviewList: Listing {
  public typealias Element = PRReview
  public static let name = "pr_review_list"
  public static let summary =
    "Lists the recorded reviews of a task's pull request by number; an unknown task has none."
  public static let access = Access.read
  public static let listName: StaticString = "reviews"

  public let target: TaskTarget
  public let isPending: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    isPending = try fields.value(
      "pending", "Only those for which no fixer was dispatched.", default: false)
  }

  private static let all = SQL(
    """
    SELECT \(PRReview.table.columnList) FROM pr_reviews
    WHERE pr_reviews.task = ?1 ORDER BY pr_reviews.review_id
    """)
  private static let pending = SQL(
    """
    SELECT \(PRReview.table.columnList) FROM pr_reviews
    WHERE pr_reviews.task = ?1 AND pr_reviews.fixer_dispatched = 0 ORDER BY pr_reviews.review_id
    """)

  public func run(in view: StoreView, _ each: (PRReview) throws -> Void) throws -> ListEnd {
    if let task = try view.find(target) {
      try view.reading.query(isPending ? Self.pending : Self.all, [.int(task.id)]) {
        try each(PRReview(row: $0))
      }
    }
    return ListEnd()
  }
}
