internal import Glibc

/// A folder of its own for one test, removed with everything in it at the end.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    var template = Array("/tmp/holdfast-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no temporary folder can be made") }
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  deinit { removeTree(path) }

  /// The path of something in the folder.
  public func file(_ name: String) -> String { "\(path)/\(name)" }
}

private func removeTree(_ path: String) {
  guard let folder = opendir(path) else {
    unlink(path)
    return
  }
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name == "." || name == ".." { continue }
    if entry.pointee.d_type == UInt8(DT_DIR) {
      removeTree("\(path)/\(name)")
    } else {
      unlink("\(path)/\(name)")
    }
  }
  closedir(folder)
  rmdir(path)
}
