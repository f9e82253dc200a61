import CSystem
import Glibc

/// What a child process printed and how it ended.
struct ChildProcess {
  let code: Int32
  let output: String

  /// Runs a program of the path in a folder, with the environment of the tests and some more.
  static func run(
    _ words: [String], in folder: String? = nil, variables: [String: String] = [:]
  ) throws -> ChildProcess {
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else { throw POSIXFailure(errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)

    // What the tests run over is nothing that the program knows.
    var call =
      ["env", "-u", "HOLDFAST_TEST_ENGINE"] + variables.map { "\($0.key)=\($0.value)" } + words
    if let folder { call.insert(contentsOf: ["-C", folder], at: 1) }
    let arguments = call.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let failure = posix_spawnp(
      &child, "env", &actions, nil, arguments, holdfast_environment())
    close(ends[1])
    defer { close(ends[0]) }
    guard failure == 0 else { throw POSIXFailure(failure) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count > 0 {
        output += buffer[..<count]
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    return ChildProcess(
      code: holdfast_wait(child), output: String(decoding: output, as: UTF8.self))
  }

  /// Runs git as somebody, with no configuration but its own; throws when it fails.
  @discardableResult
  static func git(_ words: String..., in folder: String) throws -> String {
    let result = try run(
      ["git"] + words, in: folder,
      variables: [
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
      ])
    guard result.code == 0 else { throw Failure(words: words, output: result.output) }
    return result.output.trimmingSpaces
  }

  struct Failure: Error {
    let words: [String]
    let output: String
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
