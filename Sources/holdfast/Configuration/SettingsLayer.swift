import HoldfastJSON

/// One of the places that settings come from.
struct SettingsLayer: Sendable {
  private enum Kind: Sendable {
    case flags([String: (spelling: String, text: String)])
    case variables(Environment)
    case file(ConfigurationFile)
    case kasmos(ConfigurationFile)
  }

  private let kind: Kind
  private let folder: String?

  /// Options of the call, by the name of the setting; relative paths start from a folder.
  static func flags(
    _ flags: [String: (spelling: String, text: String)], from folder: String?
  ) -> SettingsLayer {
    SettingsLayer(kind: .flags(flags), folder: folder)
  }

  /// The environment variables.
  static func variables(of environment: Environment) -> SettingsLayer {
    SettingsLayer(kind: .variables(environment), folder: environment.directory)
  }

  /// A configuration file of ours; relative paths in it start from its folder.
  static func file(_ file: ConfigurationFile) -> SettingsLayer {
    SettingsLayer(kind: .file(file), folder: Path.parent(of: file.path))
  }

  /// A configuration file of kasmos.
  static func kasmos(_ file: ConfigurationFile) -> SettingsLayer {
    SettingsLayer(kind: .kasmos(file), folder: Path.parent(of: file.path))
  }

  /// The file that it is, if it is one of ours.
  var ownFile: ConfigurationFile? {
    if case .file(let file) = kind { file } else { nil }
  }

  /// The file that it is, if it is one of kasmos.
  var kasmosFile: ConfigurationFile? {
    if case .kasmos(let file) = kind { file } else { nil }
  }

  /// The value that this place has for a setting.
  func value(of setting: SettingDeclaration) -> SettingValue? {
    switch kind {
    case .flags(let flags):
      guard let (spelling, text) = flags[setting.name] else { return nil }
      return SettingValue(
        form: .text(text), source: .flag(spelling), folder: folder, place: { spelling })
    case .variables(let environment):
      guard let text = environment[setting.variable] else { return nil }
      let name = setting.variable
      return SettingValue(
        form: .text(text), source: .variable(name), folder: folder, place: { name })
    case .file(let file):
      if let own = file.values[setting.name] {
        return value(setting.name, own, in: file, [setting.name])
      }
      return kasmosValue(of: setting, in: file)
    case .kasmos(let file): return kasmosValue(of: setting, in: file)
    }
  }

  /// What a file says about a setting in the words of kasmos.
  private func kasmosValue(
    of setting: SettingDeclaration, in file: ConfigurationFile
  ) -> SettingValue? {
    guard let key = setting.kasmosKey else { return nil }
    let path = key.split(separator: ".").map { String($0) }
    var found: JSON? = .object(file.values)
    for part in path { found = found?[part] }
    guard let found, KasmosConfiguration.isUsed(found, for: setting) else { return nil }
    return value(key, found, in: file, path)
  }

  private func value(
    _ key: String, _ json: JSON, in file: ConfigurationFile, _ path: [String]
  ) -> SettingValue {
    SettingValue(
      form: .toml(json), source: .file(file.path), folder: folder,
      place: { "\(key) (\(file.place(of: path)))" })
  }
}
