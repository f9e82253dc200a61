import HoldfastModel

/// Finds and reads the configuration files that count for a call.
struct ConfigurationLookup {
  /// A file that was looked for.
  struct File: Sendable, Equatable {
    /// Its path.
    let path: String
    /// What came of it.
    let outcome: Outcome
  }

  /// What came of looking for a file.
  enum Outcome: String, Sendable {
    /// It was read.
    case read
    /// There is none.
    case absent
    /// It is there, but the file of the main checkout counts for all worktrees.
    case overridden
  }

  /// The places, first wins.
  private(set) var layers: [SettingsLayer] = []
  /// Every file that was looked for.
  private(set) var files: [File] = []

  /// Reads one file instead of the usual ones.
  init(only path: String) throws(HoldfastError) {
    layers = [.file(try ConfigurationFile(path: path))]
    files = [File(path: path, outcome: .read)]
  }

  /// Reads the usual files.
  init(environment: Environment, repository: Repository.Search) throws(HoldfastError) {
    let roots = Self.roots(of: repository)
    try add(roots.map { Path.join($0, ".holdfast/config.toml") }, as: SettingsLayer.file)
    if let folder = environment.configurationHome {
      try add([Path.join(folder, "holdfast/config.toml")], as: SettingsLayer.file)
    }
    try add(roots.map { Path.join($0, ".kasmos/config.toml") }, as: SettingsLayer.kasmos)
    let folders = Self.kasmosFolders(in: environment)
    try add(folders.map { Path.join($0, "config.toml") }, as: SettingsLayer.kasmos)
  }

  /// The folders of a repository that can hold a configuration.
  ///
  /// The main checkout comes first, so that all worktrees agree on the store.
  private static func roots(of search: Repository.Search) -> [String] {
    switch search {
    case .none: []
    case .broken(let folder, _): [folder]
    case .found(let repository):
      unique([repository.mainCheckout, repository.checkout].compactMap { $0 })
    }
  }

  /// The folders where kasmos may keep its configuration and its database.
  private static func kasmosFolders(in environment: Environment) -> [String] {
    let homes = [environment.configurationHome, environment.home.map { Path.join($0, ".config") }]
    return unique(homes.compactMap { $0 }).map { Path.join($0, "kasmos") }
  }

  /// The database of kasmos, if there is one.
  static func kasmosDatabase(in environment: Environment) -> String? {
    kasmosFolders(in: environment).map { Path.join($0, "taskstore.db") }
      .first { Path.kind(of: $0) == .file }
  }

  private static func unique(_ paths: [String]) -> [String] {
    paths.enumerated().filter { !paths[..<$0.offset].contains($0.element) }.map(\.element)
  }

  /// Reads the first file of some that is there.
  private mutating func add(
    _ paths: [String], as layer: (ConfigurationFile) -> SettingsLayer
  ) throws(HoldfastError) {
    var isFound = false
    for path in paths {
      if isFound {
        files.append(File(path: path, outcome: Path.exists(path) ? .overridden : .absent))
      } else if let file = try ConfigurationFile(optional: path) {
        layers.append(layer(file))
        files.append(File(path: path, outcome: .read))
        isFound = true
      } else {
        files.append(File(path: path, outcome: .absent))
      }
    }
  }
}
