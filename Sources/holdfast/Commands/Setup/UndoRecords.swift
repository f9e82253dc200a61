private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// What files said before something of ours came into them, so that it can be taken out to the byte.
///
/// A file for each in `$XDG_STATE_HOME/holdfast/setup`. A record counts while the file still says what was
/// written outside of our part; one that cannot be kept costs only the last byte of an undo.
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

  /// Notes what a file said before something of ours came into it.
  ///
  /// Of a file that has something of ours already the note that is there stays where it still fits; else
  /// none is kept, and the layout of the file says what is ours.
  func note(_ file: SetupFile, after: [UInt8], _ part: OwnPart) {
    guard let path = path(of: file) else { return }
    var before = file.bytes
    if let bytes = file.bytes, record(of: file)?.after == bytes || part.isIn(bytes) {
      guard let first = try? fitting(file, bytes, part) else { return forget(file) }
      before = first.before
    }
    guard let text = String(validating: after, as: UTF8.self),
      let old = String(validating: before ?? [], as: UTF8.self)
    else { return forget(file) }
    let record: JSON = [
      "path": .string(file.target), "before": before == nil ? .null : .string(old),
      "after": .string(text),
    ]
    guard let kept = try? SetupFile(path, isPrivate: true) else { return }
    try? kept.write(record.rendered())
  }

  /// Forgets a file.
  func forget(_ file: SetupFile) {
    if let path = path(of: file) { unlink(path) }
  }

  /// A file without what is ours in it: as it was before, where that is known, else as its layout says.
  ///
  /// - Returns: nil when nothing else is left.
  /// - Throws: ``HoldfastError`` for a file from which it cannot be taken.
  func without(_ part: OwnPart, _ file: SetupFile) throws(HoldfastError) -> [UInt8]? {
    guard let bytes = file.bytes else { return nil }
    if let record = try fitting(file, bytes, part) { return record.before }
    return try part.takenOut(of: bytes, in: file.path)
  }

  /// Whether a file still says what was written into it.
  func isAsWritten(_ file: SetupFile) -> Bool {
    file.bytes != nil && record(of: file)?.after == file.bytes
  }

  /// What is known of a file.
  private struct Record {
    /// What it said before; nil for nothing.
    let before: [UInt8]?
    /// What was written.
    let after: [UInt8]
  }

  /// The record of a file in which nothing but our own was changed since, and that had nothing of ours before.
  private func fitting(
    _ file: SetupFile, _ bytes: [UInt8], _ part: OwnPart
  ) throws(HoldfastError) -> Record? {
    guard let record = record(of: file), record.before.map(part.isIn) != true else { return nil }
    if record.after == bytes { return record }
    let rest = try part.takenOut(of: bytes, in: file.path)
    guard rest != bytes, rest == (try part.takenOut(of: record.after, in: file.path)) else {
      return nil
    }
    return record
  }

  private func path(of file: SetupFile) -> String? {
    folder.map { Path.join($0, PathHash.text(file.target)) }
  }

  private func record(of file: SetupFile) -> Record? {
    guard let path = path(of: file),
      let bytes = try? FileBytes.bytes(of: path, upTo: Self.bytesMax),
      let json = try? JSONReader.read(bytes), json["path"] == .string(file.target),
      let after = json["after"]?.stringValue
    else { return nil }
    return Record(
      before: (json["before"]?.stringValue).map { Array($0.utf8) }, after: Array(after.utf8))
  }
}
