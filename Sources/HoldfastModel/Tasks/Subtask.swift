/// One numbered step of a task.
public struct Subtask: Hashable, Sendable {
  /// How many a task may have, so that replacing them stays one short write.
  public static let countMax = 10_000

  /// The number, unique in the task.
  public var number: Int64
  /// What is to be done.
  public var title: String
  /// Usually one of ``SubtaskStatus/known``; other words are kept as given.
  public var status: String

  /// Creates a subtask.
  public init(number: Int64, title: String, status: String = SubtaskStatus.pending) {
    self.number = number
    self.title = title
    self.status = status
  }

  /// Whether two subtasks are the same to the byte.
  public static func == (a: Subtask, b: Subtask) -> Bool {
    a.number == b.number && UTF8Order.areSame(a.title, b.title)
      && UTF8Order.areSame(a.status, b.status)
  }

  /// Feeds number, title and status into a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    UTF8Order.hash(title, into: &hasher)
    UTF8Order.hash(status, into: &hasher)
  }
}
