/// The options that every command takes, before or after its words.
struct GlobalOptions: Sendable, Equatable {
  /// Whether results and errors are JSON.
  var isJSON = false
  /// Whether only results and errors are printed.
  var isQuiet = false
  /// The store that was asked for.
  var store: String?
  /// The project that was asked for.
  var project: String?
  /// The configuration file that replaces all others.
  var configurationFile: String?

  /// The declarations, in the order that help shows.
  static let all: [Option] = [
    .text(
      "store", "location",
      "The store: a path, or a sqlite:, postgresql: or http(s): URL.",
      defaultNote: "from the configuration", hint: .file),
    .text(
      "project", "name", "The project.", defaultNote: "that of the repository",
      hint: CompleteCommand.projects),
    .text(
      "config", "file", "Reads this configuration file instead of the usual ones.", hint: .file),
    .flag("json", "Prints results and errors as JSON."),
    .flag("quiet", short: "q", "Prints only results and errors."),
    .flag("help", short: "h", "Shows what a command does and takes."),
    .flag("version", "Shows the version."),
  ]

  /// No global option.
  init() {}

  /// The global options among the values of a call.
  init(_ values: ParsedValues) {
    isJSON = values.isSet("json")
    isQuiet = values.isSet("quiet")
    store = values.last("store")
    project = values.last("project")
    configurationFile = values.last("config")
  }
}
