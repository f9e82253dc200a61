internal import Glibc
internal import HoldfastJSON
package import HoldfastModel

/// The folder of a project on this machine, and the files in it.
///
/// Each part of a path is opened in the one before it and is no symbolic link, so nothing leads out,
/// whatever changes meanwhile.
package struct ProjectFolder: Sendable {
  let path: String
  /// Whether files whose names begin with a dot may be read: who reaches a server over the network gets none
  /// of them, because programs keep keys and passwords there.
  private let showsHidden: Bool

  package init(path: String) {
    self.path = path
    showsHidden = true
  }

  /// The folder that a door knows.
  ///
  /// - Throws: ``HoldfastError`` where it knows none.
  init(_ known: KnownFolder?, of project: ProjectName) throws(HoldfastError) {
    guard let known else {
      throw HoldfastError(
        .notAvailable,
        "the folder of project \(project) is not known here: run the command in it, or start the "
          + "server with --repo")
    }
    path = known.path
    showsHidden = known.isOwners
  }

  private static let mediaFolder = [".task-graph", "media"]

  /// Whether a file is one of the media folder, where alone files are ours to delete.
  package static func holdsMedia(_ file: LockPath) -> Bool {
    file.text.utf8.starts(with: "\(mediaFolder.joined(separator: "/"))/".utf8)
  }

  /// The files of the media folder that have been there for a minute, so that nobody is about to attach them.
  package var media: [String] {
    guard let folder = opendir("\(path)/\(Self.mediaFolder.joined(separator: "/"))") else {
      return []
    }
    defer { closedir(folder) }
    var files: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      var status = stat()
      guard fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG, time(nil) - status.st_mtim.tv_sec >= 60
      else { continue }
      files.append((Self.mediaFolder + [name]).joined(separator: "/"))
    }
    return files.sorted()
  }

  // MARK: Reading

  /// The length of a file.
  ///
  /// - Throws: ``HoldfastError`` when it is none, or longer than an attachment may be.
  func length(of file: LockPath) throws(HoldfastError) -> Int { try open(file).length }

  /// The bytes of a file.
  ///
  /// - Throws: As ``length(of:)``, and when it cannot be read.
  package func read(_ file: LockPath) throws(HoldfastError) -> [UInt8] {
    let descriptor = try open(file)
    let length = descriptor.length
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length)
    while true {
      var failure: Int32 = 0
      let room = min(max(length - bytes.count, 0) + 1, 1 << 20)
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        let count = Glibc.read(descriptor.number, buffer.baseAddress, room)
        if count < 0 { failure = errno }
        initialized = max(0, count)
      }
      if failure == EINTR { continue }
      guard failure == 0 else { throw Self.refusal(file, failure) }
      if chunk.isEmpty { return bytes }
      bytes += chunk
      guard bytes.count <= Attachment.bytesMax else { throw Self.tooLarge(file) }
    }
  }

  private func open(_ file: LockPath) throws(HoldfastError) -> Descriptor {
    var parts = file.text.split(separator: "/").map(String.init)
    try checkMayBeRead(file, parts)
    let name = parts.removeLast()
    let folder = try openFolder(parts, of: file)
    // A pipe without a writer would block, a terminal would become ours.
    var descriptor = Descriptor(
      openat(folder.number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC))
    guard descriptor.number >= 0 else {
      let failure = errno
      throw Self.isLink(name, in: folder) ? Self.linked(file) : Self.refusal(file, failure)
    }
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw Self.refusal(file, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Self.invalid(file, "must name a file, not a folder or a device")
    }
    guard status.st_size <= Attachment.bytesMax else { throw Self.tooLarge(file) }
    descriptor.length = Int(status.st_size)
    return descriptor
  }

  private func checkMayBeRead(_ file: LockPath, _ parts: [String]) throws(HoldfastError) {
    guard !parts.contains(where: { $0.lowercased() == ".git" }) else {
      throw Self.invalid(
        file, "must not lead into .git: the repository's own files are not for tasks")
    }
    let shown = Self.holdsMedia(file) ? parts.dropFirst(Self.mediaFolder.count) : parts[...]
    guard showsHidden || !shown.contains(where: { $0.hasPrefix(".") }) else {
      throw Self.invalid(
        file, "must not have a part that begins with a dot: a server does not show hidden files")
    }
  }

  /// Opens a folder inside this one.
  private func openFolder(
    _ parts: [String], of file: LockPath, creating: Bool = false
  ) throws(HoldfastError) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    var folder = Descriptor(Glibc.open(path, flags))
    guard folder.number >= 0 else { throw Self.refusal(file, errno) }
    for part in parts {
      // A stored path may not be as paths are made today.
      guard part != ".." else { throw Self.invalid(file, "must not lead out of the project") }
      var next = openat(folder.number, part, flags | O_NOFOLLOW)
      if next < 0, errno == ENOENT, creating {
        guard mkdirat(folder.number, part, 0o700) == 0 || errno == EEXIST,
          fsync(folder.number) == 0
        else { throw Self.refusal(file, errno) }
        next = openat(folder.number, part, flags | O_NOFOLLOW)
      }
      guard next >= 0 else {
        let failure = errno
        throw Self.isLink(part, in: folder) ? Self.linked(file) : Self.refusal(file, failure)
      }
      folder = Descriptor(next)
    }
    return folder
  }

  // MARK: The media folder

  /// Writes content into a new file of the media folder; when this returns, it is on disk.
  ///
  /// - Parameter name: The file's name for a number that makes it a new one.
  /// - Returns: Its path in the project.
  func writeMedia(_ content: [UInt8], _ name: (Int64) -> String) throws(HoldfastError) -> LockPath {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var number = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    while true {
      let file = LockPath(stored: (Self.mediaFolder + [name(number)]).joined(separator: "/"))
      let folder = try openFolder(Self.mediaFolder, of: file, creating: true)
      // Until it is whole it has another name, which also keeps others from taking this one.
      let draft = ".\(name(number)).part"
      let descriptor = Descriptor(
        openat(folder.number, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
      guard descriptor.number >= 0 else {
        guard errno == EEXIST else { throw Self.refusal(file, errno) }
        number += 1
        continue
      }
      var status = stat()
      if fstatat(folder.number, name(number), &status, AT_SYMLINK_NOFOLLOW) == 0 {
        unlinkat(folder.number, draft, 0)
        number += 1
        continue
      }
      guard Self.write(content, to: descriptor), fsync(descriptor.number) == 0,
        renameat(folder.number, draft, folder.number, name(number)) == 0
      else {
        let failure = errno
        unlinkat(folder.number, draft, 0)
        throw Self.refusal(file, failure)
      }
      guard fsync(folder.number) == 0 else {
        let failure = errno
        unlinkat(folder.number, name(number), 0)
        throw Self.refusal(file, failure)
      }
      return file
    }
  }

  /// Deletes a file; one that is gone already is fine.
  func remove(_ file: LockPath) throws(HoldfastError) {
    var parts = file.text.split(separator: "/").map(String.init)
    let name = parts.removeLast()
    do throws(HoldfastError) {
      let folder = try openFolder(parts, of: file)
      guard unlinkat(folder.number, name, 0) == 0 || errno == ENOENT else {
        throw Self.refusal(file, errno)
      }
    } catch {
      guard error.code == .fileNotFound else { throw error }
    }
  }

  /// Deletes the files of attachments that are gone already, all that can be.
  func removeLeft(_ files: [LockPath]) throws(HoldfastError) {
    var refusals: [HoldfastError] = []
    for file in files {
      do throws(HoldfastError) {
        try remove(file)
      } catch {
        refusals.append(error)
      }
    }
    guard var refusal = refusals.first else { return }
    let more = refusals.count > 1 ? ", and \(refusals.count - 1) more" : ""
    refusal.message = "it is done, but a file of it stays: \(refusal.message)\(more)"
    throw refusal
  }

  private static func write(_ content: [UInt8], to descriptor: borrowing Descriptor) -> Bool {
    var done = 0
    while done < content.count {
      let count = content[done...].withUnsafeBytes {
        Glibc.write(descriptor.number, $0.baseAddress, $0.count)
      }
      if count < 0, errno != EINTR { return false }
      done += max(0, count)
    }
    return true
  }

  // MARK: Refusals

  private static func isLink(_ name: String, in folder: borrowing Descriptor) -> Bool {
    var status = stat()
    return fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func linked(_ file: LockPath) -> HoldfastError {
    invalid(file, "must not go through a symbolic link")
  }

  private static func invalid(_ file: LockPath, _ words: String) -> HoldfastError {
    HoldfastError(
      .invalidPath, "the path \(file.text.quoted) \(words)",
      details: [("path", .string(file.text.legible))])
  }

  private static func tooLarge(_ file: LockPath) -> HoldfastError {
    HoldfastError(
      .tooLarge,
      "the file \(file.text.quoted) is longer than \(Attachment.bytesMax) bytes",
      details: [("limit", .number(.init(Int64(Attachment.bytesMax))))])
  }

  private static func refusal(_ file: LockPath, _ number: Int32) -> HoldfastError {
    let path = [("path", JSON.string(file.text.legible))]
    return switch number {
    case ENOENT, ENOTDIR, ENAMETOOLONG:
      HoldfastError(.fileNotFound, "File not found: \(file.text.legible)", details: path)
    case EACCES, EPERM:
      HoldfastError(
        .notAllowed, "the file \(file.text.quoted) may not be used by this process", details: path)
    case ENOSPC, EDQUOT:
      HoldfastError(.storageFull, "the disk of the project's folder is full", details: path)
    default:
      HoldfastError(
        .unavailable, "the file \(file.text.quoted) cannot be used: system error \(number)",
        details: path)
    }
  }
}

/// An open file, closed with its last use.
private struct Descriptor: ~Copyable {
  let number: Int32
  /// The length of a file, once somebody looked.
  var length = 0
  init(_ number: Int32) { self.number = number }
  deinit { if number >= 0 { close(number) } }
}
