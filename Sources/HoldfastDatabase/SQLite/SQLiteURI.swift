/// Paths as SQLite reads them in a URI (https://www.sqlite.org/uri.html).
public enum SQLiteURI {
  /// The URI of a file.
  ///
  /// - Parameter isImmutable: Whether nobody writes the file: then there are no locks, no log, and
  ///   nothing is made beside it.
  public static func text(path: String, isImmutable: Bool) -> String {
    // The empty authority keeps a path with two slashes at its start from naming one.
    var uri = path.hasPrefix("/") ? "file://" : "file:"
    for scalar in path.unicodeScalars {
      switch scalar {
      case "%": uri += "%25"
      case "?": uri += "%3F"
      case "#": uri += "%23"
      default: uri.unicodeScalars.append(scalar)
      }
    }
    return uri + (isImmutable ? "?immutable=1" : "")
  }
}
