import HoldfastJSON

/// A value as it was found, before it is known what it should be.
struct SettingValue: Sendable {
  /// How a value was written.
  enum Form: Sendable {
    /// As text, on the command line or in a variable.
    case text(String)
    /// As a value of TOML.
    case toml(JSON)
  }

  /// How it was written.
  let form: Form
  /// Where it comes from.
  let source: SettingSource
  /// What a relative path in it starts from.
  let folder: String?
  /// The setting as a message names it, such as `HOLDFAST_PORT` or `port (config.toml:3:1)`.
  let place: @Sendable () -> String

  /// The text, when it is one.
  var text: String? {
    switch form {
    case .text(let text): text
    case .toml(let value): value.stringValue
    }
  }

  /// The number, when it is a whole one.
  var integer: Int? {
    switch form {
    case .text(let text): Int(text)
    case .toml(let value): value.int64Value.map { Int($0) }
    }
  }

  /// The truth value, when it is one.
  var boolean: Bool? {
    switch form {
    case .text("true"), .text("1"): true
    case .text("false"), .text("0"): false
    case .text: nil
    case .toml(let value): value.boolValue
    }
  }

  /// The value as a message shows it.
  var shown: String {
    let text =
      switch form {
      case .text(let text): JSON.string(text).renderedText()
      case .toml(let value): value.renderedText()
      }
    return text.count > 80 ? text.prefix(80) + "…" : text
  }
}
