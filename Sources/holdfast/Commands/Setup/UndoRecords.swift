private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// What files said before something of ours came into them, so that it can be taken out to the byte.
///
/// A file for each in `$XDG_STATE_HOME/holdfast/setup`. A record counts while the file still says what was
/// written; one that cannot be kept costs only the last byte of an undo.
struct UndoRecords {
  /// The folder of the records; nil where no home is known.
  private let folder: String?

  private static let bytesMax = 128 << 20

  init(_ environment: Environment) {
    let base =
      if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { state } else {
        environment.home.map { Path.join($0, ".local/state") } ?? ""
      }
    folder = base.isEmpty ? nil : Path.join(base, "holdfast/setup")
  }

  /// Notes what a file said before it was changed; of several changes, before the first.
  func note(_ file: SetupFile, after: [UInt8]) {
    guard let path = path(of: file), let text = String(validating: after, as: UTF8.self),
      let old = String(validating: file.bytes ?? [], as: UTF8.self)
    else { return }
    var before: JSON = file.bytes == nil ? .null : .string(old)
    if let first = read(path), first["after"] == .string(old) { before = first["before"] ?? .null }
    let record: JSON = ["path": .string(file.target), "before": before, "after": .string(text)]
    guard let kept = try? SetupFile(path, isPrivate: true) else { return }
    try? kept.write(record.rendered())
  }

  /// Forgets a file.
  func forget(_ file: SetupFile) {
    if let path = path(of: file) { unlink(path) }
  }

  /// What a file said before, when it still says what was written into it.
  ///
  /// - Returns: nil where nothing is known; a value of nil for a file that was not there.
  func before(_ file: SetupFile) -> [UInt8]?? {
    guard let bytes = file.bytes, let path = path(of: file), let record = read(path),
      record["path"] == .string(file.target), let after = record["after"]?.stringValue,
      Array(after.utf8) == bytes
    else { return nil }
    return .some((record["before"]?.stringValue).map { Array($0.utf8) })
  }

  private func path(of file: SetupFile) -> String? {
    folder.map { Path.join($0, PathHash.text(file.target)) }
  }

  private func read(_ path: String) -> JSON? {
    guard let bytes = try? FileBytes.bytes(of: path, upTo: Self.bytesMax) else { return nil }
    return try? JSONReader.read(bytes)
  }
}
