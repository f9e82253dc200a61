import CSystem
import Glibc
import HoldfastTesting
import Testing

/// A small file system over a user's home, in a mount namespace that goes away with its holder.
final class SmallDisk: Sendable {
  /// The user whose home it is; its commands and servers run in the namespace.
  let home: TestHome
  private let holder: TestProcess
  /// While it is open, the holder stays.
  private let leash: Int32

  /// - Throws: a cancellation of the test where the system lets nobody mount anything.
  init(megabytes: Int) throws {
    let folder = HoldfastTesting.TemporaryFolder()
    var ends: [Int32] = [0, 0]
    guard holdfast_pipe(&ends) == 0 else { throw TestFailure("no pipe: \(errno)") }
    leash = ends[1]
    defer { close(ends[0]) }
    let isRoot = geteuid() == 0
    let script = """
      mount -t tmpfs -o size=\(megabytes)m,mode=700 none "$1" && echo mounted && exec cat
      """
    holder = try TestProcess(
      "/usr/bin/unshare", [isRoot ? "-m" : "-rm", "sh", "-c", script, "sh", folder.path],
      environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"], input: ends[0])
    let enter = ["/usr/bin/nsenter", "-t", "\(holder.pid)", "-m"]
    home = TestHome(
      in: folder,
      startedBy: isRoot ? enter + ["--"] : enter + ["-U", "--preserve-credentials", "--"]
    )
    if holder.line() != "mounted" { try Self.cancel() }
  }

  private static func cancel() throws {
    try Test.cancel("this system lets nobody mount a file system, not even in a namespace")
  }

  deinit { close(leash) }

  /// The path of something on the disk, as the test sees it.
  func path(_ path: String) -> String { "/proc/\(holder.pid)/root\(path)" }

  private var filler: String { path(home.folder.file("filler")) }

  /// Fills the disk but for some bytes.
  func fill(leaving room: Int = 0) throws {
    let descriptor = holdfast_open(filler, O_WRONLY | O_CREAT, 0o600)
    guard descriptor >= 0 else { throw TestFailure("the disk cannot be filled: \(errno)") }
    defer { close(descriptor) }
    let page = [UInt8](repeating: 0x66, count: 4096)
    while write(descriptor, page, page.count) > 0 {}
    guard errno == ENOSPC else { throw TestFailure("the disk cannot be filled: \(errno)") }
    let size = lseek(descriptor, 0, SEEK_END)
    ftruncate(descriptor, max(size - room, 0))
  }

  /// Removes what fills it.
  func makeRoom() { unlink(filler) }

  /// Lets nobody write on it any more.
  func protect() throws {
    let result = try TestProcess.run(
      ["-t", "\(holder.pid)", "-m"] + (geteuid() == 0 ? [] : ["-U", "--preserve-credentials"])
        + ["mount", "-o", "remount,bind,ro", home.folder.path],
      program: "/usr/bin/nsenter", environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"])
    guard result.code == 0 else { throw TestFailure(result.errors) }
  }
}
