import HoldfastClient
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// The repositories that a server was started for, each with the project that commands in it work on.
struct RegisteredRepositories {
  private let projects: [ProjectIdentity]

  /// - Parameter folders: The folders of the call; nil when it named none.
  /// - Returns: nil without folders: the server is for every project.
  /// - Throws: ``HoldfastError`` for a folder that is none, and for two with one name.
  init?(_ folders: [String], _ environment: Environment) throws(HoldfastError) {
    guard !folders.isEmpty else { return nil }
    var projects: [ProjectIdentity] = []
    for folder in folders {
      let project = try Self.project(of: folder, environment)
      if let other = projects.first(where: { $0.name == project.name }) {
        throw HoldfastError(
          .usage,
          other.path == project.path
            ? "--repo \(folder): this repository is registered already"
            : "--repo \(folder): project \(project.name) is registered already, for \(other.path); "
              + "set \"project\" in the configuration of one of them to a name of its own")
      }
      projects.append(project)
    }
    self.projects = projects
  }

  /// The project that a command in the folder works on; what is said to the server alone, by its
  /// variables, does not count.
  private static func project(
    of folder: String, _ environment: Environment
  ) throws(HoldfastError) -> ProjectIdentity {
    let path = environment.directory.map { Path.join($0, folder) } ?? folder
    guard Path.kind(of: path) == .folder else {
      throw HoldfastError(.usage, "--repo \(folder): there is no such folder")
    }
    var there = environment
    there.directory = Path.real(path)
    there.variables = environment.variables.filter {
      !$0.key.hasPrefix(SettingDeclaration.variablePrefix)
    }
    return try Settings.load(environment: there).projectIdentity(in: there)
  }

  /// Records in the store which repositories the projects belong to; refuses a name that another one
  /// has.
  ///
  /// - Returns: The names of the projects in the store, in the order of the call, with their folders.
  func record(
    in store: Store, _ environment: Environment
  ) throws -> [(name: ProjectName, folder: String?)] {
    let runner = EmbeddedRunner(store: store)
    let run = { (operation: String, fields: [(String, JSON)]) throws -> JSON in
      try runner.run(OperationCall(operation, fields)) ?? .null
    }
    return try projects.map { project in
      let found = try project.find(IdentityCache(environment), run)
      guard let fields = found.unrecorded else { return (found.name, project.folder) }
      return (FoundProject(try run("project_identify", fields)).name, project.folder)
    }
  }
}
