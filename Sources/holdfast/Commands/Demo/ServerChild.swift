private import CSystem
private import Glibc
import HoldfastModel

/// A server in a process of its own: this same program, started with `serve`.
final class ServerChild {
  private let pid: pid_t
  private let output: Int32
  /// Where it listens, such as `http://127.0.0.1:41234`.
  private(set) var address = ""

  /// Starts a server over a store and waits until it listens.
  ///
  /// - Throws: ``HoldfastError`` when it does not come up; its own words are on the standard error.
  init(store: String) throws {
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    let line = ["holdfast", "serve", "--port", "0", "--db", store]
    var words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawn(
      &child, "/proc/self/exe", &actions, nil, &words, holdfast_environment())
    close(ends[1])
    output = ends[0]
    pid = child
    guard code == 0 else { throw HoldfastError(.internalError, "the server cannot be started") }
    address = try readAddress()
  }

  deinit {
    kill(pid, SIGKILL)
    _ = holdfast_wait(pid)
    close(output)
  }

  private func readAddress() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard let address = words.first(where: { $0.hasPrefix("http://") }) else {
      throw HoldfastError(.unavailable, "the server did not start")
    }
    return String(address)
  }

  /// Kills it as a power cut of the process would: nothing is finished, nothing is closed.
  func crash() { kill(pid, SIGKILL) }

  /// Asks it to stop and waits until it has.
  ///
  /// - Returns: Its exit code.
  func stop() -> Int32 {
    kill(pid, SIGTERM)
    return holdfast_wait(pid)
  }
}
