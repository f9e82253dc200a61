import HoldfastModel

/// Where a store is.
enum StoreLocation: Sendable, Equatable {
  /// In an SQLite database, at this absolute path.
  case sqlite(path: String)
  /// In a PostgreSQL database, by a URL that libpq reads.
  case postgresql(url: String)
  /// Behind another server, by its URL without a slash at the end.
  case remote(url: String)
  /// In a JSON snapshot, at this absolute path.
  case json(path: String)

  /// The location as one text, as it can stand in a configuration.
  var text: String {
    switch self {
    case .sqlite(let path): path
    case .json(let path): "json:\(path)"
    case .postgresql(let url), .remote(let url): url
    }
  }

  /// What keeps the store there.
  var engine: String {
    switch self {
    case .sqlite: "SQLite"
    case .postgresql: "PostgreSQL"
    case .remote: "another server"
    case .json: "JSON"
    }
  }

  /// The location with a password in it replaced, for people and logs.
  var redactedText: String { StoreURL.redacted(text) }
}
