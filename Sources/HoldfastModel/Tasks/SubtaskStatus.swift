/// The known statuses of a subtask.
///
/// The list is not enforced: other words are kept as given.
public enum SubtaskStatus {
  /// Nobody has begun; what an omitted status becomes.
  public static let pending = "pending"
  /// An agent is at it.
  public static let running = "running"
  /// The agent says that it is complete.
  public static let complete = "complete"
  /// It failed.
  public static let failed = "failed"
  /// Closed without a verdict.
  public static let closed = "closed"
  /// Finished.
  public static let done = "done"
  /// It waits for something.
  public static let blocked = "blocked"
  /// It is being reviewed.
  public static let inReview = "in_review"

  /// All known statuses.
  public static let known = [
    pending, running, complete, failed, closed, done, blocked, inReview,
  ]
}
