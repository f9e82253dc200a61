/// What a failed or cancelled task does to those that wait for it.
public enum FailurePolicy: String, CaseIterable, Sendable, Choice {
  /// They go on waiting.
  case block
  /// They wait for it no longer.
  case release
  /// They fail, too.
  case fail
}
