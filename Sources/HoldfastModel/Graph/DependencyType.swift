/// What an edge between two tasks says.
public enum DependencyType: String, CaseIterable, Sendable, Choice {
  /// The second can start when the first is done.
  case blocks
  /// As ``blocks``, in the words of those who put one thing behind another.
  case follows
  /// The first is the same as the second.
  case duplicate
  /// The first points to the second.
  case seeAlso = "see-also"
  /// The two have to do with each other.
  case relatesTo = "relates-to"

  /// Whether the second waits for the first.
  public var isBlocking: Bool { self == .blocks || self == .follows }

  /// Those that block.
  public static let blocking: [DependencyType] = [.blocks, .follows]
}
