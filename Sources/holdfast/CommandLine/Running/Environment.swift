private import CSystem
private import Glibc

/// What surrounds a call: the environment variables and the current folder.
struct Environment: Sendable {
  /// The environment variables whose name and value are UTF-8.
  var variables: [String: String]
  /// The current folder; nil when it was deleted, or when its path is not UTF-8.
  var directory: String?

  /// Variables and a folder.
  init(variables: [String: String] = [:], directory: String?) {
    self.variables = variables
    self.directory = directory
  }

  /// What surrounds this process.
  static func current() -> Environment {
    Environment(variables: currentVariables(), directory: currentDirectory())
  }

  /// The value of a variable; nil also when it is empty, as is the custom.
  subscript(_ name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  /// The home folder: `HOME`, else what the user database says.
  var home: String? {
    if let home = self["HOME"], home.hasPrefix("/") { return home }
    guard let found = holdfast_home_folder() else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }

  /// The folder of the configuration of all programs: `$XDG_CONFIG_HOME`, else `~/.config`.
  ///
  /// A relative `XDG_CONFIG_HOME` does not count, as its specification demands.
  var configurationHome: String? {
    if let folder = self["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder }
    return home.map { Path.join($0, ".config") }
  }

  private static func currentVariables() -> [String: String] {
    var variables: [String: String] = [:]
    guard var entry = holdfast_environment() else { return variables }
    while let text = entry.pointee {
      entry += 1
      guard let pair = String(validatingCString: text), let equals = pair.firstIndex(of: "=") else {
        continue
      }
      variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    return variables
  }

  private static func currentDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(validatingCString: path)
  }
}
