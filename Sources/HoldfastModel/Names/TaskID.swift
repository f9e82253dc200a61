/// The short id of a task, unique in the store: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`.
public struct TaskID: Name {
  /// The id itself.
  public let text: String

  /// Creates an id from a text that was checked before it was stored; checks nothing.
  public init(stored text: String) { self.text = text }
}
