import HoldfastJSON
import HoldfastModel

extension Settings {
  /// An option of the call that sets a setting.
  struct Flag: Sendable {
    /// The name of the setting.
    let name: String
    /// The option as the caller wrote it.
    let spelling: String
    /// The value.
    let text: String
  }

  /// Resolves the settings of a call.
  ///
  /// Beside the global options, an option of the command counts when it bears the name of a setting
  /// with dashes (`--queue-depth`); `--db` is the database.
  static func load(for invocation: Invocation) throws(HoldfastError) -> Settings {
    try load(for: invocation.values, invocation.environment)
  }

  /// Resolves the settings of a call by its options and what surrounds it.
  static func load(
    for values: ParsedValues, _ environment: Environment
  ) throws(HoldfastError) -> Settings {
    let known = declarations.map { (name: $0.name, option: $0.optionName) }
    let aliases = [
      (name: "database_url", option: "store"), (name: "database_url", option: "db"),
    ]
    let flags = (known + aliases).compactMap { name, option -> Flag? in
      values.last(option).map { Flag(name: name, spelling: "--\(option)", text: $0) }
    }
    return try load(
      flags: flags, configurationFile: GlobalOptions(values).configurationFile,
      environment: environment)
  }

  /// Resolves the settings of a call.
  /// - Parameters:
  ///   - flags: The options of the call that set a setting; the first for a setting counts.
  ///   - file: The configuration file that replaces all others.
  ///   - environment: The variables and the current folder.
  /// - Returns: The settings.
  /// - Throws: ``HoldfastError`` that names the place of what is wrong.
  static func load(
    flags: [Flag] = [], configurationFile file: String? = nil, environment: Environment
  ) throws(HoldfastError) -> Settings {
    let search = environment.directory.map { Repository.search(from: $0) } ?? .none
    let lookup =
      if let path = try configurationPath(file, environment) {
        try ConfigurationLookup(only: path)
      } else {
        try ConfigurationLookup(environment: environment, repository: search)
      }
    let given = Dictionary(flags.map { ($0.name, ($0.spelling, $0.text)) }) { first, _ in first }
    var reader = SettingsReader(
      layers: [
        .flags(given, from: environment.directory), .variables(of: environment),
      ] + lookup.layers, home: environment.home)
    var settings = try Settings(reading: &reader, environment: environment)
    try refuseUnknown(
      environment: environment, layers: lookup.layers, declarations: reader.declarations)
    settings.files = lookup.files
    settings.repository = search
    settings.kasmosDatabase = ConfigurationLookup.kasmosDatabase(in: environment)
    settings.unusedKasmosValues = lookup.layers.flatMap { layer in
      (layer.ownFile ?? layer.kasmosFile).map {
        KasmosConfiguration.unused(
          in: $0, isOurs: layer.ownFile != nil, by: reader.declarations)
      } ?? []
    }
    return settings
  }

  /// The absolute path of the file that replaces all others, if the call names one.
  private static func configurationPath(
    _ flag: String?, _ environment: Environment
  ) throws(HoldfastError) -> String? {
    guard let path = flag ?? environment[configurationVariable] else { return nil }
    do {
      return try StoreLocation.absolute(
        path, from: environment.directory, home: environment.home)
    } catch {
      let spelling = flag == nil ? configurationVariable : "--config"
      throw HoldfastError(.invalidRequest, "\(spelling) \(error.text)")
    }
  }

  /// Refuses variables and keys of ours that no setting has: they are misspelled, and ignoring
  /// them would run with another setting than the user believes.
  private static func refuseUnknown(
    environment: Environment, layers: [SettingsLayer], declarations: [SettingDeclaration]
  ) throws(HoldfastError) {
    let variables = declarations.map(\.variable) + otherVariables
    let prefix = SettingDeclaration.variablePrefix
    for name in environment.variables.keys.sorted() where name.hasPrefix(prefix) {
      guard !variables.contains(name) else { continue }
      let known = variables.map { String($0.dropFirst(prefix.count)) }
      let nearest = EditDistance.nearest(String(name.dropFirst(prefix.count)), among: known)
      throw unknown("unknown variable \(name)", suggesting: nearest.map { prefix + $0 })
    }
    let names = declarations.map(\.name)
    for file in layers.compactMap(\.ownFile) {
      for member in file.values.members
      where !names.contains(member.key) && !KasmosConfiguration.keys.contains(member.key) {
        throw unknown(
          "\(file.place(of: [member.key])): unknown key \"\(member.key)\"",
          suggesting: EditDistance.nearest(member.key, among: names))
      }
    }
  }

  private static func unknown(_ sentence: String, suggesting word: String?) -> HoldfastError {
    guard let word else { return HoldfastError(.invalidRequest, sentence) }
    return HoldfastError(
      .invalidRequest, "\(sentence); did you mean \"\(word)\"?",
      details: [("did_you_mean", .string(word))])
  }
}
