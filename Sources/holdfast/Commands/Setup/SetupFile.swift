private import CSystem
private import Glibc
import HoldfastDatabase
import HoldfastModel

/// A small file of somebody else's in which something of ours is to stand, as it was when it was read.
///
/// It is written as a whole or not at all, and not when somebody else has changed it since. A symbolic link
/// stays one: what it leads to is written.
struct SetupFile {
  /// The file as it was named.
  let path: String
  /// What it says; nil where there is none.
  let bytes: [UInt8]?
  /// The file that the links lead to.
  let target: String
  private let mark: Mark?
  private let newMode: mode_t

  /// What tells a file from what it is after a change.
  private struct Mark: Equatable {
    let device: UInt
    let number: UInt
    let size: Int
    let changed: [Int]
    let mode: mode_t
    let owner: uid_t
    let group: gid_t

    /// - Returns: nil where there is nothing.
    /// - Throws: The `errno` when it cannot be looked at.
    init?(of path: String) throws(SystemError) {
      var status = stat()
      guard stat(path, &status) == 0 else {
        if errno == ENOENT { return nil }
        throw SystemError(number: errno)
      }
      device = UInt(status.st_dev)
      number = UInt(status.st_ino)
      size = Int(status.st_size)
      changed = [Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
      mode = status.st_mode
      owner = status.st_uid
      group = status.st_gid
    }
  }

  private struct SystemError: Error { let number: Int32 }

  /// The largest file that is changed, in bytes.
  private static let bytesMax = 64 << 20

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file, which need not be there.
  ///   - root: The folder that its links may not lead out of; nil for no such folder.
  ///   - isPrivate: Whether a new file and its folders are for their owner alone.
  /// - Throws: ``HoldfastError`` for what is no file, cannot be read, or is elsewhere.
  init(_ path: String, within root: String? = nil, isPrivate: Bool) throws(HoldfastError) {
    self.path = path
    newMode = isPrivate ? 0o600 : 0o644
    target = Self.resolved(path)
    if let root, !target.hasPrefix(realPath(of: root) + "/") {
      // The folder of a file that is not there may be a link, too.
      throw HoldfastError(
        .notAllowed,
        "\(path) leads to \(target), outside of \(root): change that file yourself, or take the "
          + "link away")
    }
    switch Path.kind(of: target) {
    case .folder:
      throw HoldfastError(.usage, "\(path) is a folder, and a file is to be written there")
    case .other:
      throw HoldfastError(.usage, "\(path) is no regular file, and is left alone")
    case .file, .missing: break
    }
    do {
      mark = try Mark(of: target)
    } catch {
      throw Self.failure("look at", path, error.number)
    }
    do {
      bytes = mark == nil ? nil : try FileBytes.bytes(of: target, upTo: Self.bytesMax)
    } catch {
      throw error.asHoldfastError(path)
    }
  }

  /// The path without links, also where its folders are still to be made.
  private static func resolved(_ path: String) -> String {
    let folder = Path.parent(of: path)
    guard !Path.exists(path), Path.kind(of: folder) != .folder, folder != "/" else {
      return realPath(of: path)
    }
    return Path.join(resolved(folder), Path.name(of: path))
  }

  /// What it says, as text.
  ///
  /// - Throws: ``HoldfastError`` for bytes that are no UTF-8: they are not ours to guess.
  func text() throws(HoldfastError) -> String {
    guard let text = String(validating: bytes ?? [], as: UTF8.self) else {
      throw HoldfastError(.usage, "\(path) is not UTF-8, and is left alone")
    }
    return text
  }

  // MARK: Writing

  /// Writes the file, and makes its folders where they are not there.
  ///
  /// - Throws: ``HoldfastError`` when it cannot be written, or is not what it was.
  func write(_ after: [UInt8]) throws(HoldfastError) {
    try makeFolder(of: target)
    let draft = try draft(of: after)
    defer { unlink(draft) }
    guard mark != nil else {
      let failure = Self.place(draft, at: target)
      guard failure == 0 else {
        throw failure == EEXIST ? changed : Self.failure("write", path, failure)
      }
      return
    }
    try checkUnchanged()
    guard rename(draft, target) == 0 else { throw Self.failure("write", path, errno) }
  }

  /// Takes the file away, and its folder where nothing else is in it.
  func remove(withFolders count: Int = 0) throws(HoldfastError) {
    try checkUnchanged()
    guard unlink(target) == 0 else { throw Self.failure("delete", path, errno) }
    var folder = target
    for _ in 0..<count {
      folder = Path.parent(of: folder)
      // One that has something in it stays.
      guard rmdir(folder) == 0 else { return }
    }
  }

  /// Keeps what it says in a file of its own beside it, under a name that nothing has.
  ///
  /// - Returns: The file; one that says the same already is taken for it. nil where there is nothing.
  func keepCopy() throws(HoldfastError) -> String? {
    guard let bytes, !bytes.isEmpty else { return nil }
    let draft = try draft(of: bytes)
    defer { unlink(draft) }
    for number in 1...Self.copiesMax {
      let copy = target + ".holdfast-backup" + (number == 1 ? "" : "-\(number)")
      let failure = Self.place(draft, at: copy)
      if failure == 0 { return copy }
      guard failure == EEXIST else { throw Self.failure("write", copy, failure) }
      if let kept = try? FileBytes.bytes(of: copy, upTo: Self.bytesMax), kept == bytes {
        return copy
      }
    }
    throw HoldfastError(
      .conflict, "\(target) has \(Self.copiesMax) backups: delete those that you do not need")
  }

  private static let copiesMax = 100

  /// Gives a file its name where nothing has it.
  ///
  /// - Returns: 0, or the `errno` that says why not.
  private static func place(_ draft: String, at path: String) -> Int32 {
    if link(draft, path) == 0 { return 0 }
    // Some file systems have no links.
    guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno) else { return errno }
    if Path.exists(path) { return EEXIST }
    return rename(draft, path) == 0 ? 0 : errno
  }

  private func checkUnchanged() throws(HoldfastError) {
    guard let mark, (try? Mark(of: target)) == mark else { throw changed }
  }

  private var changed: HoldfastError {
    HoldfastError(
      .conflict, "\(path) was changed while this command looked at it, and is left alone: try again"
    )
  }

  /// A file beside the target with other bytes, its owner and its rights.
  private func draft(of bytes: [UInt8]) throws(HoldfastError) -> String {
    var draft = ""
    var descriptor: Int32 = -1
    // What a process with this number has left behind is not touched.
    for number in 1...9 where descriptor < 0 {
      draft = "\(target).holdfast-\(getpid())-\(number)"
      descriptor = holdfast_open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      guard descriptor >= 0 || errno == EEXIST else { break }
    }
    guard descriptor >= 0 else { throw Self.failure("write", path, errno) }
    var failure = DescriptorSink(descriptor: descriptor).write(bytes)
    // Root writes for somebody else; others cannot give a file away, and need not.
    if let mark, geteuid() == 0 { _ = fchown(descriptor, mark.owner, mark.group) }
    let mode = mark.map { $0.mode & 0o777 } ?? newMode
    if failure == 0, fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0 { failure = errno }
    close(descriptor)
    guard failure == 0 else {
      unlink(draft)
      throw Self.failure("write", path, failure)
    }
    return draft
  }

  private func makeFolder(of file: String) throws(HoldfastError) {
    var folder = ""
    for part in Path.parent(of: file).split(separator: "/") {
      folder += "/" + part
      guard Path.kind(of: folder) != .folder else { continue }
      guard mkdir(folder, newMode == 0o600 ? 0o700 : 0o755) == 0 else {
        throw Self.failure("make the folder", folder, errno)
      }
    }
  }

  private static func failure(_ verb: String, _ file: String, _ number: Int32) -> HoldfastError {
    HoldfastError(.notAllowed, "cannot \(verb) \(file): \(SystemFailure.sentence(number))")
  }
}
