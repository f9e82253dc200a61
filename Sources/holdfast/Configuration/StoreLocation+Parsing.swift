import HoldfastModel

extension StoreLocation {
  /// What a text says that is no location, to follow "database_url".
  struct Flaw: Error, Equatable {
    /// The rest of the sentence.
    let text: String

    init(_ text: String) { self.text = text }
  }

  /// Reads a location: a path, or a `sqlite:`, `postgresql:`, `http:`, `https:` or `json:` URL.
  ///
  /// Only the syntax is checked: nothing is opened and nobody is called.
  /// - Parameters:
  ///   - text: The location.
  ///   - folder: What a relative path starts from; nil when there is no such folder.
  ///   - home: What `~` stands for.
  /// - Throws: ``Flaw`` with what is wrong.
  init(parsing text: String, from folder: String?, home: String?) throws(Flaw) {
    guard !text.isEmpty else { throw Flaw("must not be empty") }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw Flaw("must not contain control characters")
    }
    guard let scheme = StoreURL.scheme(of: text) else {
      self = .sqlite(path: try Self.absolute(text, from: folder, home: home))
      return
    }
    let rest = text.dropFirst(scheme.count + 1)
    switch scheme.lowercased() {
    case "sqlite":
      let path = try StoreURL.path(rest, scheme: "sqlite")
      self = .sqlite(path: try Self.absolute(path, from: folder, home: home))
    case "json":
      let path = try StoreURL.path(rest, scheme: "json")
      self = .json(path: try Self.absolute(path, from: folder, home: home))
    case "postgresql", "postgres":
      self = .postgresql(url: try StoreURL.postgresql(rest))
    case "http", "https":
      self = .remote(url: try StoreURL.web(rest, scheme: scheme.lowercased()))
    default:
      let known = ["sqlite", "postgresql", "http", "https"]
      let hint =
        EditDistance.nearest(scheme.lowercased(), among: known).map { "did you mean \($0):?" }
        ?? "a path with a colon in it begins with ./ or /"
      throw Flaw(
        "must be a path or a sqlite:, postgresql:, http: or https: URL, not \(scheme):; \(hint)")
    }
  }

  /// A path that begins at the root.
  static func absolute(_ path: String, from folder: String?, home: String?) throws(Flaw) -> String {
    guard !path.isEmpty else { throw Flaw("must not be an empty path") }
    if path.hasPrefix("/") { return path }
    if path == "~" || path.hasPrefix("~/") {
      guard let home else { throw Flaw("begins with ~, and no home folder is known") }
      return Path.join(home, String(path.dropFirst(2)))
    }
    guard let folder else {
      throw Flaw("is a relative path, and the current folder no longer exists")
    }
    return Path.join(folder, path)
  }
}
