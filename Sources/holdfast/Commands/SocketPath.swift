private import Glibc
import HoldfastModel
import HoldfastServer

/// Where a server's unix socket is: in `$XDG_RUNTIME_DIR`, else beside the store, else in a folder of
/// this user below `/tmp`; the first whose path is not too long.
enum SocketPath {
  /// - Parameter shared: The folder of all users in which this one's own is made.
  static func choose(
    for store: String, _ settings: Settings, _ environment: Environment, shared: String = "/tmp"
  ) throws -> String {
    if let socket = settings.socket { return socket }
    let beside = store + ".sock"
    if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/"), access(folder, W_OK) == 0
    {
      let path = Path.join(folder, "holdfast-\(PathHash.text(store)).sock")
      if path.utf8.count <= ListeningSocket.pathBytesMax { return path }
    }
    guard beside.utf8.count > ListeningSocket.pathBytesMax else { return beside }
    let folder = Path.join(shared, "holdfast-\(getuid())")
    guard mkdir(folder, 0o700) == 0 || isPrivate(folder) else {
      throw HoldfastError(
        .usage, "the path \(beside) is too long for a socket: choose one with --socket")
    }
    return Path.join(folder, "\(PathHash.text(store)).sock")
  }

  private static func isPrivate(_ folder: String) -> Bool {
    var status = stat()
    return lstat(folder, &status) == 0 && status.st_uid == getuid()
      && status.st_mode & S_IFMT == S_IFDIR && status.st_mode & 0o077 == 0
  }
}
