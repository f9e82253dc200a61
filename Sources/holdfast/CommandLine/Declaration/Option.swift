/// Something that a caller may say about a command: `--name`, `--name value` or `-n value`.
struct Option: Sendable {
  /// What it takes.
  enum Kind: Sendable, Equatable {
    /// Nothing: it is there or not.
    case flag
    /// Nothing, or `true` or `false`; `--name`, `--name=false` and `--name false` are all fine.
    case toggle
    /// Any text.
    case text
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// One of these words.
    case choice([String])
  }

  /// The long name, without the dashes.
  let name: String
  /// The letter, without the dash.
  let short: Character?
  /// What it takes.
  let kind: Kind
  /// What help writes for the value, such as `branch`.
  let placeholder: String
  /// One sentence.
  let help: String
  /// The value when it is not given.
  let defaultValue: String?
  /// What happens when it is not given, in words, where that is not one value.
  let defaultNote: String?
  /// Whether it may be given more than once.
  let isRepeatable: Bool
  /// Whether it must be given.
  let isRequired: Bool
  /// The long names of the options that cannot be used with it.
  let excludes: [String]
  /// How a shell can complete its value.
  let hint: ValueHint
  /// Whether help and completions leave it out.
  let isHidden: Bool

  /// Whether it is followed by a value.
  var takesValue: Bool {
    switch kind {
    case .flag, .toggle: false
    case .text, .integer, .choice: true
    }
  }

  /// The long form with the value, as messages and help show it: `--limit <n>`.
  var usage: String {
    switch kind {
    case .flag: "--\(name)"
    case .toggle: "--\(name)[=true|false]"
    case .text, .integer, .choice: "--\(name) <\(placeholder)>"
    }
  }

  /// What help says about the option's default: nil when there is none.
  var defaultText: String? { defaultNote ?? defaultValue }
}
