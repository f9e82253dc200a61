private import Glibc
import HoldfastModel

/// A folder for one run, removed with the files in it.
struct ScratchFolder {
  let path: String

  init() throws {
    let base = Environment.current()["TMPDIR"] ?? "/tmp"
    var template = Array("\(base)/holdfast-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw HoldfastError(.readOnly, "no temporary folder can be made in \(base)")
    }
    path = made
  }

  /// Removes the files in the folder and the folder itself.
  func remove() {
    guard let stream = opendir(path) else { return }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(stream)
    rmdir(path)
  }
}
