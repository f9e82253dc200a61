/// Where a value comes from.
enum SettingSource: Sendable, Equatable, CustomStringConvertible {
  /// An option of the call, such as `--port`.
  case flag(String)
  /// An environment variable.
  case variable(String)
  /// A configuration file.
  case file(String)
  /// Nowhere: it is the default.
  case standard

  /// The source in words: `--port`, `HOLDFAST_PORT`, the path of the file, or `default`.
  var description: String {
    switch self {
    case .flag(let spelling): spelling
    case .variable(let name): name
    case .file(let path): path
    case .standard: "default"
    }
  }
}
