import HoldfastJSON
import HoldfastModel

extension Settings {
  /// Every value with its source, in the order of the declarations; secrets are masked.
  func describe() -> [SettingEntry] { entries }

  /// The settings, files and finds as JSON, for `debug --json`.
  var json: JSON {
    let settings = JSONObject(
      entries.map { entry in
        (entry.name, ["value": entry.value, "source": .string(entry.source.description)])
      })
    let files = self.files.map { file -> JSON in
      ["path": .string(file.path), "outcome": .string(file.outcome.rawValue)]
    }
    var object = JSONObject([
      ("settings", .object(settings)), ("files", .array(files)),
      ("engine", .string(databaseURL.engine)),
    ])
    if !unusedKasmosValues.isEmpty {
      let values = unusedKasmosValues.map { unused -> JSON in
        ["file": .string(unused.file), "key": .string(unused.key), "value": unused.value]
      }
      object.set("unused_kasmos_values", .array(values))
    }
    if let kasmosDatabase { object.set("kasmos_database", .string(kasmosDatabase)) }
    return .object(object)
  }

  /// Finds the project of the current folder.
  /// - Throws: ``HoldfastError`` when the folder gives no name and nobody gave one.
  func projectIdentity(in environment: Environment) throws(HoldfastError) -> ProjectIdentity {
    guard let directory = environment.directory else {
      guard let project else {
        throw HoldfastError(
          .usage, "the current folder no longer exists; name the project with --project")
      }
      return try ProjectIdentity.resolve(.none, from: "/", named: project)
    }
    return try ProjectIdentity.resolve(repository, from: directory, named: project)
  }
}
