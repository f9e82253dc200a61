import HoldfastJSON

/// The value of a setting and where it comes from, as `debug` shows it.
struct SettingEntry: Sendable, Equatable {
  /// The key.
  let name: String
  /// The value, secrets masked; null when there is none.
  let value: JSON
  /// Where it comes from.
  let source: SettingSource

  /// The value for people.
  var valueText: String {
    switch value {
    case .null: "-"
    case .string(let text): text
    default: value.renderedText()
    }
  }
}
