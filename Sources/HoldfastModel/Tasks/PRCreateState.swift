/// How the creation of a pull request ended.
public enum PRCreateState: String, CaseIterable, Hashable, Sendable {
  /// A pull request was made.
  case created
  /// One was there already and is used.
  case adopted
  /// None is wanted.
  case skipped
  /// It did not work; it may be tried again.
  case failed
  /// It cannot work until somebody acts.
  case blocked

  /// Returns the state of this name, or `nil` for the empty text, which is no state.
  ///
  /// - Throws: ``HoldfastError`` for any other text, naming the states.
  public static func parse(_ text: String) throws(HoldfastError) -> PRCreateState? {
    if text.isEmpty { return nil }
    guard let state = PRCreateState(rawValue: text) else {
      let list = allCases.map(\.rawValue).joined(separator: ", ")
      throw HoldfastError(
        .invalidField, "invalid pr create state: \(text.quoted); must be one of \(list)")
    }
    return state
  }
}
