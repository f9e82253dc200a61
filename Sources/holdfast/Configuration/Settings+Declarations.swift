import HoldfastModel

extension Settings {
  /// Every setting, in the order that help and manual show them.
  static let declarations: [SettingDeclaration] = {
    var reader = SettingsReader(layers: [], home: nil)
    // Over no places, only the default of the database can fail, and here it has a home.
    let environment = Environment(variables: ["HOME": "/"], directory: nil)
    _ = try? Settings(reading: &reader, environment: environment)
    return reader.declarations
  }()

  /// The options of a command that sets some settings, such as `serve`.
  ///
  ///     options: Settings.options("port", "bind", "log")
  static func options(_ names: String...) -> [Option] {
    names.map { name in
      guard let setting = declarations.first(where: { $0.name == name }) else {
        preconditionFailure("there is no setting \(name)")
      }
      return setting.option
    }
  }

  /// The variables beside those of the settings.
  static let otherVariables = [configurationVariable, agentVariable]

  /// The variable that names the agent for whom commands speak.
  static let agentVariable = SettingDeclaration.variablePrefix + "AGENT"

  /// The variable that names the configuration file.
  static let configurationVariable = SettingDeclaration.variablePrefix + "CONFIG"

  /// The sections of the manual page on variables, keys and files.
  static func manualSections() -> [ManPage.Section] {
    let settings = declarations.map { setting in
      ManPage.Entry(
        term: setting.name,
        text: setting.help + " Default: \(setting.defaultText). Variable: \(setting.variable).")
    }
    let variables = [
      ManPage.Entry(
        term: configurationVariable, text: "The configuration file to read instead of all others."),
      ManPage.Entry(
        term: "XDG_CONFIG_HOME", text: "The folder of configurations. Default: ~/.config."),
      ManPage.Entry(
        term: agentVariable, text: "The agent for whom commands speak: each is a heartbeat of it."),
      ManPage.Entry(
        term: "XDG_STATE_HOME",
        text: "The folder of what is kept for a while. Default: ~/.local/state."),
    ]
    let files = [
      ManPage.Entry(term: ".holdfast/config.toml", text: "The settings of a repository."),
      ManPage.Entry(term: "~/.config/holdfast/config.toml", text: "The settings of a user."),
      ManPage.Entry(term: "~/.config/holdfast/taskstore.db", text: "The store."),
      ManPage.Entry(
        term: "~/.local/state/holdfast/setup",
        text: "What files said before init and skill wrote into them, for undo."),
      ManPage.Entry(
        term: ".kasmos/config.toml, ~/.config/kasmos/config.toml",
        text: "The settings of kasmos: database_url where it names a server, "
          + "and ui.auto_readiness_review."),
    ]
    return [
      .init(title: "SETTINGS", entries: settings), .init(title: "ENVIRONMENT", entries: variables),
      .init(title: "FILES", entries: files),
    ]
  }
}
