/// What a call said: the raw texts of its options and its words, already checked.
struct ParsedValues: Sendable, Equatable {
  /// The values of each option that was given, by long name, in the order of the call.
  ///
  /// A flag's value is `true` or `false`.
  var options: [String: [String]] = [:]
  /// The words that are no options.
  var words: [String] = []

  /// Whether an option was given.
  func isGiven(_ name: String) -> Bool { options[name] != nil }

  /// Whether a flag was given, and not as `=false`.
  func isSet(_ name: String) -> Bool { last(name) == "true" }

  /// The value of an option.
  func last(_ name: String) -> String? { options[name]?.last }
}
