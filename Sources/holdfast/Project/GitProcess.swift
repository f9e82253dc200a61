private import CSystem
private import Glibc

/// Runs git to ask it a question.
enum GitProcess {
  /// Runs git and returns what it prints.
  ///
  /// Nothing of the caller's `GIT_` variables reaches it, it asks nobody anything, and it takes no
  /// locks.
  /// - Returns: The output; nil when git is not there or fails.
  static func output(of arguments: [String]) -> String? {
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else { return nil }
    let (reader, writer) = (ends[0], ends[1])
    let child = spawn(["git", "--no-replace-objects"] + arguments, output: writer)
    close(writer)
    defer { close(reader) }
    guard let child else { return nil }
    let bytes = try? FileBytes.read(descriptor: reader, upTo: 1 << 20)
    // Should it print more than that, it would wait for us for ever.
    if bytes == nil { kill(child, SIGKILL) }
    guard holdfast_wait(child) == 0, let bytes else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func spawn(_ arguments: [String], output: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // We ignore SIGPIPE, and a child would inherit that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    var child: pid_t = 0
    let failure = withCStrings(arguments) { arguments in
      withCStrings(environment()) { environment in
        posix_spawnp(&child, "git", &actions, &attributes, arguments, environment)
      }
    }
    return failure == 0 ? child : nil
  }

  private static func environment() -> [String] {
    let kept = Environment.current().variables.filter { !$0.key.hasPrefix("GIT_") }
    return kept.map { "\($0.key)=\($0.value)" } + ["GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1"]
  }

  /// Calls a closure with texts as C wants them: an array of pointers with a null at its end.
  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
