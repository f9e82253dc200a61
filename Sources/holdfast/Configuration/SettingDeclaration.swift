/// What there is to know about a setting before it has a value.
struct SettingDeclaration: Sendable {
  /// What values it takes.
  enum Kind: Sendable, Equatable {
    /// Any text.
    case text
    /// The path of a file.
    case path
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// `true` or `false`.
    case boolean
    /// One of these words.
    case choice([String])
  }

  /// The key in a configuration file.
  let name: String
  /// What values it takes.
  let kind: Kind
  /// The value when nothing says otherwise, in words; empty for none.
  let defaultText: String
  /// One sentence.
  let help: String
  /// The key in a configuration of kasmos that means the same.
  let kasmosKey: String?

  /// The environment variable: `HOLDFAST_` and the key in capitals.
  var variable: String { Self.variable(for: name) }

  /// The option of a command that sets it: the key with dashes, without `--`.
  var optionName: String { ShellText.replacing(name, ["_": "-"]) }

  /// What the names of all our variables begin with.
  static let variablePrefix = "HOLDFAST_"

  /// The environment variable of a key.
  static func variable(for name: String) -> String { variablePrefix + name.uppercased() }

  /// The option for commands that let a caller set it.
  var option: Option {
    let placeholder = String(name.split(separator: "_").last ?? "value")
    let note = defaultText.isEmpty ? nil : defaultText
    switch kind {
    case .text:
      return .text(optionName, placeholder, help, defaultNote: note)
    case .path:
      return .text(optionName, placeholder, help, defaultNote: note, hint: .file)
    case .integer(let range):
      return .integer(optionName, placeholder, help, in: range, defaultNote: note)
    case .boolean:
      return .choice(optionName, placeholder, ["true", "false"], help, defaultNote: note)
    case .choice(let words):
      return .choice(optionName, placeholder, words, help, defaultNote: note)
    }
  }
}
