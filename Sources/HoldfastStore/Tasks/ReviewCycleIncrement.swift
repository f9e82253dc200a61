public import HoldfastDatabase
public import HoldfastModel

/// Raises a task's count of review cycles by one.
public struct ReviewCycleIncrement: Mutation {
  public static let name = "review_cycle_increment"
  public static let summary = "Raises a task's count of review cycles by one."
  public static let access = Access.write

  public let target: TaskTarget

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(writing: &fields)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<ReviewCycle> {
    let task = try changes.taskForWriting(target)
    let next = try task.nextReviewCycle()
    let note = EventNote("review cycle of \(task.filename): \(next)")
    let changed = try changes.change(task, as: .taskChanged, note: note) { entry, _ in
      entry.reviewCycle = next
    }
    return .done(ReviewCycle(count: changed.reviewCycle, revision: changed.revision))
  }
}

extension TaskEntry {
  /// The count of review cycles after one more.
  func nextReviewCycle() throws(HoldfastError) -> Int64 {
    let (next, hasOverflown) = reviewCycle.addingReportingOverflow(1)
    guard !hasOverflown else {
      throw HoldfastError(
        .conflict, "the review cycle of \(filename) is at its largest: set it lower first")
    }
    return next
  }
}

/// How often changes were requested.
public struct ReviewCycle: Output {
  public let count: Int64
  public let revision: Int64?

  public static var placeholder: ReviewCycle { ReviewCycle(count: 1, revision: nil) }

  public func write(_ out: inout ObjectWriter) {
    out.field("review_cycle", count, "How often changes were requested.")
  }
}
