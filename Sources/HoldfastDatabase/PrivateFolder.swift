internal import Glibc

/// Folders that are readable by their owner alone.
public enum PrivateFolder {
  /// Makes the folder of a file, with all that is missing above it; what is there stays as it is.
  ///
  /// - Throws: ``DatabaseError`` that names the folder that cannot be made.
  public static func make(holding path: String) throws(DatabaseError) {
    let folder = folder(of: path)
    guard folder != path, access(folder, F_OK) != 0 else { return }
    try make(holding: folder)
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      let code = errno
      throw DatabaseError(
        [EACCES, EPERM, EROFS].contains(code) ? .readOnly : .cannotOpen,
        "the folder \(folder) cannot be made: \(String(cString: strerror(code)))")
    }
  }
}
