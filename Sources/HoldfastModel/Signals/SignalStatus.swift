/// Where a signal stands: pending, claimed, or processed one way or the other.
public enum SignalStatus: String, CaseIterable, Hashable, Sendable {
  /// It waits to be claimed.
  case pending
  /// A worker has claimed it.
  case processing
  /// It was processed.
  case done
  /// It could not be processed.
  case failed

  /// Whether the signal has a result and is claimed no more.
  public var isFinal: Bool { self == .done || self == .failed }
}
