/// The status of a task: one word of its workflow.
///
/// The static members are the statuses of ``Workflow/standard``. A status is a text and no enum,
/// because a project may keep the vocabulary of another system. Callers' texts go through
/// ``Workflow/status(_:)``, which knows aliases and what is allowed.
public struct TaskStatus: Name {
  /// The word itself.
  public let text: String

  /// Creates a status of any vocabulary: a text of 1 to 128 bytes, kept as given.
  ///
  /// - Throws: ``HoldfastError`` when the text is empty, longer than 128 bytes or has U+0000 in it.
  public init(_ text: String) throws(HoldfastError) {
    try NameRule.check(text, "status", bytes: 1...128)
    self.text = text
  }

  /// Creates a status from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }

  /// Waits for work: for its plan (no phase) or for its implementation (phase `planned`).
  public static let ready = TaskStatus(stored: "ready")
  /// A plan is being written.
  public static let planning = TaskStatus(stored: "planning")
  /// The plan is being carried out.
  public static let implementing = TaskStatus(stored: "implementing")
  /// The work is being reviewed.
  public static let reviewing = TaskStatus(stored: "reviewing")
  /// The reviewed work is being checked for readiness.
  public static let verifying = TaskStatus(stored: "verifying")
  /// Finished.
  public static let done = TaskStatus(stored: "done")
  /// Given up.
  public static let cancelled = TaskStatus(stored: "cancelled")
}
