/// How a child follows the sibling before it.
public enum JoinMode: String, CaseIterable, Sendable, Choice {
  /// It opens a new group, which waits for the group before.
  case then
  /// It joins the group of the sibling before it: they run side by side.
  case also
}
