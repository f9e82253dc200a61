import HoldfastJSON
import HoldfastModel

/// `debug` and `config`: what the settings are and where they come from.
enum DebugCommand {
  static let debug = Command(
    "debug", summary: "Prints the configuration, each value with its source, and the store's path."
  ) { invocation in
    let settings = try Settings.load(for: invocation)
    let file = settings.files.first { $0.outcome == .read }?.path
    invocation.output.show(settings.json) {
      invocation.output.line("Config: \(file ?? "none")")
      invocation.output.text(values(settings).renderedText(pretty: true) + "\n")
      invocation.output.line("Database: \(settings.databaseURL.redactedText)")
      invocation.output.line("Engine: \(settings.databaseURL.engine)")
      invocation.output.line()
      var table = TextTable([.init("setting"), .init("value", isFlexible: true), .init("source")])
      for entry in settings.entries {
        table.add([entry.name, entry.valueText, entry.source.description])
      }
      invocation.output.table(table)
      if let kasmos = settings.kasmosDatabase {
        invocation.output.note(
          "There is a database of kasmos; 'holdfast import \(kasmos)' copies what is in it.")
      }
    }
    return 0
  }

  private static func values(_ settings: Settings) -> JSON {
    .object(JSONObject(settings.entries.map { ($0.name, $0.value) }))
  }

  static let config = Command(
    "config", summary: "Prints the value of one setting.",
    arguments: [
      .required("name", "The setting.", hint: .words(Settings.declarations.map(\.name)))
    ]
  ) { invocation in
    let settings = try Settings.load(for: invocation)
    let name = invocation.argument("name")
    guard let entry = settings.entries.first(where: { $0.name == name }) else {
      throw HoldfastError(
        .notFound,
        "there is no setting \"\(name)\""
          + EditDistance.hint(name, among: settings.entries.map(\.name))
          + "; 'holdfast debug' prints all")
    }
    invocation.output.show(entry.value) { invocation.output.line(entry.valueText) }
    return 0
  }
}
