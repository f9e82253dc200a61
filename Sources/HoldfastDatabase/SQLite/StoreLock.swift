internal import CSystem
internal import Glibc
private import Synchronization

/// The lock beside a store's file: one process writes at a time, and others learn who it is.
///
/// The file is `<real path>.lock`, held by `flock` for as long as the process writes and released by
/// the kernel when it dies. It is never deleted. What it says:
///
///     seq 00000000000000000042
///     state running
///     kind serve
///     pid 4711
///     socket /run/user/1000/holdfast-1a2b.sock
///     mcp http://127.0.0.1:7433/mcp
public final class StoreLock: Sendable {
  /// How much of the store the holder wants.
  public enum Mode: Sendable {
    /// To read: together with other readers, while nobody writes.
    case shared
    /// To write.
    case exclusive
  }

  /// Who holds a lock, as the file says.
  public struct Holder: Sendable, Equatable {
    /// `serve`, `mcp` or `command`.
    public var kind: String
    public var pid: Int32
    /// The unix socket on which the holder answers; nil for a command, which is soon done.
    public var socket: String?
    /// The URL that a server has for MCP clients; nil where it has none.
    public var mcp: String?
  }

  /// The file the lock protects, with all links resolved.
  public let storePath: String
  private let descriptor: Int32
  private let kind: String
  private let mode: Mode
  /// The number that the file says.
  private let written = Mutex<Int64>(0)

  private enum State: String {
    /// In use; what a process that died leaves behind.
    case running
    /// Closed in order.
    case clean
  }

  /// The last number of the log that the previous holder committed.
  let previousSequence: Int64
  /// Whether the previous holder closed the store in order.
  private let previousWasClean: Bool
  /// The last number that was acknowledged before an unclean stop; nil after an orderly one.
  var uncleanSequence: Int64? { previousWasClean ? nil : previousSequence }

  private init(storePath: String, descriptor: Int32, kind: String, mode: Mode) {
    self.storePath = storePath
    self.descriptor = descriptor
    self.kind = kind
    self.mode = mode
    let content = StoreLock.content(of: descriptor)
    previousSequence = content["seq"].flatMap { Int64($0) } ?? 0
    previousWasClean = content["state"] != State.running.rawValue
    // At once, so that nobody takes this process for the one before; the rest stays as it was until
    // the store is open.
    if mode == .exclusive {
      write(state: previousWasClean ? .clean : .running) { $0 = previousSequence }
    }
  }

  deinit { Glibc.close(descriptor) }

  /// Takes the lock if nobody holds it.
  ///
  /// - Parameters:
  ///   - path: The store's file, which need not exist yet.
  ///   - mode: What for.
  ///   - kind: What the caller is, for those who find the lock taken.
  /// - Returns: nil when somebody else holds it.
  /// - Throws: ``DatabaseError`` when the lock file or its folder cannot be made.
  public static func acquire(path: String, mode: Mode, kind: String) throws -> StoreLock? {
    // A folder has its real path once it is there.
    if mode == .exclusive { try PrivateFolder.make(holding: realPath(of: path)) }
    let real = realPath(of: path)
    let descriptor = holdfast_open(real + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DatabaseError(
        [EACCES, EPERM, EROFS].contains(errno) ? .readOnly : .cannotOpen,
        "the lock file beside the store cannot be opened: check the folder's permissions",
        detail: String(cString: strerror(errno)))
    }
    let operation = mode == .shared ? HOLDFAST_LOCK_SHARED : HOLDFAST_LOCK_EXCLUSIVE
    guard holdfast_flock(descriptor, operation | HOLDFAST_LOCK_NONBLOCKING) == 0 else {
      Glibc.close(descriptor)
      return nil
    }
    return StoreLock(storePath: real, descriptor: descriptor, kind: kind, mode: mode)
  }

  /// Reads who holds the store's lock; what it says may be out of date a moment later.
  public static func holder(path: String) -> Holder? {
    let descriptor = holdfast_open(realPath(of: path) + ".lock", O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    let content = content(of: descriptor)
    guard let kind = content["kind"], let pid = content["pid"].flatMap({ Int32($0) }) else {
      return nil
    }
    let socket = content["socket"].flatMap { $0.isEmpty ? nil : $0 }
    let mcp = content["mcp"].flatMap { $0.isEmpty ? nil : $0 }
    return Holder(kind: kind, pid: pid, socket: socket, mcp: mcp)
  }

  /// Says that the store is in use from here on.
  func begin(sequence: Int64) {
    guard mode == .exclusive else { return }
    write(state: .running) { $0 = sequence }
  }

  /// Says on which socket the holder answers, and at which URL MCP clients.
  public func announce(socket: String, mcp: String? = nil, sequence: Int64) {
    // The writer may have committed more since the caller looked.
    write(state: .running, socket: socket, mcp: mcp) { $0 = max($0, sequence) }
  }

  /// Notes the last committed number when it is a new one, unsynced: it only needs to survive the
  /// process.
  func record(sequence: Int64) {
    // A failure here costs only the check after the next crash.
    written.withLock { written in
      guard written != sequence else { return }
      written = sequence
      let line = Array("seq \(Self.padded(sequence))\n".utf8)
      _ = pwrite(descriptor, line, line.count, 0)
    }
  }

  /// Says that the store was closed in order, with this as its last number, and that nobody is there.
  func end(sequence: Int64) {
    guard mode == .exclusive else { return }
    write(state: .clean, isThere: false) { $0 = sequence }
  }

  private func write(
    state: State, isThere: Bool = true, socket: String? = nil, mcp: String? = nil,
    _ setSequence: (inout Int64) -> Void
  ) {
    written.withLock { written in
      setSequence(&written)
      var text = "seq \(Self.padded(written))\nstate \(state.rawValue)\n"
      if isThere { text += "kind \(kind)\npid \(getpid())\nsocket \(socket ?? "")\n" }
      if let mcp { text += "mcp \(mcp)\n" }
      let bytes = Array(text.utf8)
      _ = pwrite(descriptor, bytes, bytes.count, 0)
      _ = ftruncate(descriptor, bytes.count)
    }
  }

  private static func padded(_ sequence: Int64) -> String {
    let digits = String(sequence)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
  }

  private static func content(of descriptor: Int32) -> [String: String] {
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return [:] }
    var content: [String: String] = [:]
    for line in buffer[..<count].split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard let key = parts.first else { continue }
      content[String(decoding: key, as: UTF8.self)] =
        parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
    }
    return content
  }
}

/// The path with all links resolved; for a file that does not exist yet, its folder's.
public func realPath(of path: String) -> String {
  if let resolved = realpath(path, nil) {
    defer { free(resolved) }
    return String(cString: resolved)
  }
  // A link to a file that does not exist yet names that file: opening it through the link makes it.
  if errno == ENOENT, let target = linkTarget(of: path) { return realPath(of: target) }
  let parts = path.split(separator: "/", omittingEmptySubsequences: false)
  guard let name = parts.last, let resolved = realpath(folder(of: path), nil) else { return path }
  defer { free(resolved) }
  let base = String(cString: resolved)
  return base == "/" ? "/\(name)" : "\(base)/\(name)"
}

/// The folder that a path names its last part in.
func folder(of path: String) -> String {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/")
  return folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
}

private func linkTarget(of path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(path, &buffer, buffer.count)
  guard count > 0 else { return nil }
  let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  return target.hasPrefix("/") ? target : "\(folder(of: path))/\(target)"
}
