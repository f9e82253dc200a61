private import CSystem
private import Glibc
import HoldfastModel

/// A folder for one run, removed with all that is in it.
struct ScratchFolder: Sendable {
  /// Its real path.
  let path: String

  /// Makes it in `$TMPDIR`, else in `/tmp`.
  /// - Throws: ``HoldfastError`` when it cannot be made.
  init() throws(HoldfastError) {
    try self.init(in: Environment.current()["TMPDIR"] ?? "/tmp", hint: "set TMPDIR to another one")
  }

  /// Makes it.
  /// - Parameters:
  ///   - directory: The folder that holds it.
  ///   - hint: What to do when it cannot be made there.
  /// - Throws: ``HoldfastError`` when it cannot be made.
  init(in directory: String, hint: String) throws(HoldfastError) {
    var template = Array(Path.join(directory, "holdfast.XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw HoldfastError(
        .usage,
        "no folder can be made in \(directory) (\(SystemFailure.sentence(errno))): \(hint)")
    }
    let made = template.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
    path = Path.real(made) ?? made
  }

  /// The path of something in it.
  func file(_ name: String) -> String { Path.join(path, name) }

  /// Makes a folder in it.
  func makeFolder(_ name: String) -> String {
    let folder = file(name)
    mkdir(folder, 0o700)
    return folder
  }

  /// Writes a file in it.
  func write(_ text: String, to name: String) throws(HoldfastError) -> String {
    let path = file(name)
    let descriptor = holdfast_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    let failure =
      descriptor >= 0 ? DescriptorSink(descriptor: descriptor).write(Array(text.utf8)) : errno
    if descriptor >= 0 { close(descriptor) }
    guard failure == 0 else {
      throw HoldfastError(
        .internalError, "cannot write \(path): \(SystemFailure.sentence(failure))")
    }
    return path
  }

  /// The last line of a file in it, such as a program's last words.
  func lastLine(of name: String) -> String {
    guard let bytes = try? FileBytes.bytes(of: file(name), upTo: 1 << 20) else { return "" }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return lines.last.map { String($0) } ?? ""
  }

  /// Removes it with all that is in it.
  func remove() { Self.remove(path) }

  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for name in Path.names(in: path) ?? [] { remove(Path.join(path, name)) }
    rmdir(path)
  }
}
