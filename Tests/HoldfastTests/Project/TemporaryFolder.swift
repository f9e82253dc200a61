import FoundationEssentials
import Glibc

/// A folder of one test's own, deleted with it.
final class TemporaryFolder {
  /// Its path, without symbolic links.
  let path: String

  init() throws {
    var template = Array("/tmp/holdfast-test-XXXXXX".utf8CString)
    try template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, mkdtemp(start) != nil else {
        throw POSIXFailure(errno)
      }
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something in it.
  func path(_ name: String) -> String { path + "/" + name }

  /// Makes a folder in it, and those above.
  @discardableResult
  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  /// Writes a file in it, and makes the folders above.
  @discardableResult
  func file(_ name: String, _ content: String = "") throws -> String {
    try FileManager.default.createDirectory(
      atPath: String(path(name).prefix(upTo: path(name).lastIndex(of: "/") ?? path.endIndex)),
      withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(filePath: path(name)))
    return path(name)
  }
}

/// An `errno` as an error.
struct POSIXFailure: Error {
  let number: Int32

  init(_ number: Int32) { self.number = number }
}
