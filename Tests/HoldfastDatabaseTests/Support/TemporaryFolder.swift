import Glibc

/// A folder of its own for one test, removed with everything in it at the end.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/holdfast-database-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no temporary folder can be made") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { removeTree(path) }

  /// The path of something in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The names of what is in the folder, sorted.
  var names: [String] { namesInFolder(path).sorted() }
}

private func namesInFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

private func removeTree(_ path: String) {
  if unlink(path) == 0 { return }
  for name in namesInFolder(path) { removeTree("\(path)/\(name)") }
  rmdir(path)
}
