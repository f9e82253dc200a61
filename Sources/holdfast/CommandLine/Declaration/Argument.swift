/// A word that follows a command, known by its place.
struct Argument: Sendable {
  /// How many words it takes.
  enum Count: Sendable, Equatable {
    /// Exactly one.
    case required
    /// One or none.
    case optional
    /// At least this many; only for the last argument.
    case repeating(atLeast: Int)
  }

  /// The name that help shows and `Invocation` looks up.
  let name: String
  /// How many words it takes.
  let count: Count
  /// One sentence.
  let help: String
  /// How a shell can complete it.
  let hint: ValueHint

  /// An argument that must be given.
  static func required(_ name: String, _ help: String, hint: ValueHint = .none) -> Argument {
    Argument(name: name, count: .required, help: help, hint: hint)
  }

  /// An argument that may be left out.
  static func optional(_ name: String, _ help: String, hint: ValueHint = .none) -> Argument {
    Argument(name: name, count: .optional, help: help, hint: hint)
  }

  /// An argument that takes all the words that are left.
  static func repeating(
    _ name: String, _ help: String, atLeast minimum: Int = 1, hint: ValueHint = .none
  ) -> Argument {
    Argument(name: name, count: .repeating(atLeast: minimum), help: help, hint: hint)
  }

  /// The argument as a usage line shows it, such as `<file>` or `[<file>...]`.
  var usage: String {
    switch count {
    case .required: "<\(name)>"
    case .optional: "[<\(name)>]"
    case .repeating(atLeast: 0): "[<\(name)>...]"
    case .repeating: "<\(name)>..."
    }
  }
}
