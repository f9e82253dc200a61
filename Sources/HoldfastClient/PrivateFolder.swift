internal import Glibc
public import HoldfastModel

/// Folders that hold a store: readable by their owner alone.
public enum PrivateFolder {
  /// Makes the folder of a file, with all that is missing above it.
  public static func make(holding path: String) throws(HoldfastError) {
    let parts = path.split(separator: "/").dropLast()
    var folder = path.hasPrefix("/") ? "" : "."
    for part in parts {
      folder += "/\(part)"
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
        // A folder that cannot be made but is there (a read-only parent) is fine.
        if access(folder, F_OK) == 0 { continue }
        throw HoldfastError(
          .readOnly, "the folder \(folder) cannot be made: \(String(cString: strerror(errno)))")
      }
    }
  }
}
