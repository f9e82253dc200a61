internal import CSystem
import Glibc
import HoldfastDatabase
import HoldfastModel
private import Synchronization

/// The processes that a run has started, so that none of them outlives it.
///
/// An interrupt (Ctrl-C, SIGTERM, SIGHUP) is taken by one thread, which ends them all; whoever
/// waits for one of them then finds out by ``check()``.
final class ChildProcesses: Sendable {
  private let state = Mutex(State())

  private struct State {
    var running: Set<pid_t> = []
    var isInterrupted = false
  }

  /// How a process ended.
  struct End: Sendable {
    /// The exit code, or 128 and the signal.
    let code: Int32
    /// The processor time that it took, in seconds.
    let cpuSeconds: Double
  }

  /// How long a process has to end by itself, in nanoseconds.
  private static let patience: UInt64 = 10_000_000_000

  /// Takes the signals over; to be made before any thread.
  init() throws {
    var signals = Self.signals()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    try startThread(name: "child-signals") { [weak self] in
      while true {
        var signals = Self.signals()
        var signal: Int32 = 0
        guard sigwait(&signals, &signal) == 0 else { continue }
        self?.interrupt()
      }
    }
  }

  /// Throws when the run was interrupted.
  func check() throws(HoldfastError) {
    guard !isInterrupted else {
      throw HoldfastError(.internalError, "interrupted; what was started is stopped again")
    }
  }

  /// Whether the run was interrupted.
  var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

  /// Starts a program.
  /// - Parameters:
  ///   - arguments: The program and its words.
  ///   - environment: The variables, as `NAME=value`.
  ///   - directory: The folder that it starts in; nil for the current one.
  ///   - input: The descriptor of its standard input; nil for none.
  ///   - output: The descriptor of its standard output; nil for nowhere.
  ///   - errors: The file of its standard error; nil for nowhere.
  /// - Returns: Its number.
  /// - Throws: ``HoldfastError`` when it cannot be started, or when the run was interrupted.
  func start(
    _ arguments: [String], environment: [String], directory: String? = nil, input: Int32? = nil,
    output: Int32? = nil, errors: String? = nil
  ) throws(HoldfastError) -> pid_t {
    try check()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
    posix_spawn_file_actions_addopen(
      &actions, 2, errors ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if let directory { _ = holdfast_spawn_in(&actions, directory) }

    // The signals that we block and ignore are the child's own again.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &pipe)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let program = arguments.first ?? ""
    // Under the lock, so that an interrupt finds it among the others.
    let (child, failure) = state.withLock { state in
      var child: pid_t = 0
      let failure = Self.withCStrings(arguments) { arguments in
        Self.withCStrings(environment) { environment in
          posix_spawnp(
            &child, program, &actions, &attributes, arguments, environment)
        }
      }
      if failure == 0 { state.running.insert(child) }
      return (child, failure)
    }
    guard failure == 0 else {
      throw HoldfastError(
        failure == ENOENT ? .notFound : .internalError,
        "cannot start \(arguments.first ?? ""): \(SystemFailure.sentence(failure))")
    }
    return child
  }

  /// Runs a program to its end.
  /// - Returns: What it printed, and how it ended.
  /// - Throws: ``HoldfastError`` when it cannot be started, or when the run was interrupted.
  func run(
    _ arguments: [String], environment: [String], directory: String? = nil, errors: String? = nil
  ) throws(HoldfastError) -> (output: String, end: End) {
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made: \(SystemFailure.sentence(errno))")
    }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try start(
        arguments, environment: environment, directory: directory, output: ends[1], errors: errors)
    }
    let output = (try? FileBytes.read(descriptor: ends[0], upTo: 1 << 20)) ?? []
    let end = wait(for: child)
    try check()
    return (String(decoding: output, as: UTF8.self), end)
  }

  /// Waits for a process to end.
  func wait(for child: pid_t) -> End {
    var info = siginfo_t()
    // It is left to be reaped under the lock, so that nobody signals a number that is free again.
    while waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return reap(child)
  }

  /// Ends a process: asks it first, and does not wait for ever.
  @discardableResult
  func stop(_ child: pid_t, with signal: Int32 = SIGTERM) -> End {
    send(signal, to: child)
    let deadline = monotonicNanoseconds() + Self.patience
    while monotonicNanoseconds() < deadline {
      var info = siginfo_t()
      let found = waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT | WNOHANG)
      if found != 0 || info.si_signo != 0 { return reap(child) }
      usleep(1000)
    }
    send(SIGKILL, to: child)
    return wait(for: child)
  }

  /// Ends all that still run.
  func stopAll() {
    for child in state.withLock({ $0.running }) { stop(child) }
  }

  private func interrupt() {
    state.withLock { state in
      state.isInterrupted = true
      for child in state.running { kill(child, SIGTERM) }
    }
  }

  private func send(_ signal: Int32, to child: pid_t) {
    state.withLock { state in
      if state.running.contains(child) { kill(child, signal) }
    }
  }

  private func reap(_ child: pid_t) -> End {
    state.withLock { state in
      guard state.running.remove(child) != nil else { return End(code: -1, cpuSeconds: 0) }
      var status: Int32 = 0
      var usage = rusage()
      while wait4(child, &status, 0, &usage) < 0, errno == EINTR {}
      let signal = status & 0x7F
      return End(
        code: signal == 0 ? status >> 8 & 0xFF : 128 + signal, cpuSeconds: usage.cpuSeconds)
    }
  }

  /// This program.
  static func program() throws(HoldfastError) -> String {
    guard let path = Path.real("/proc/self/exe") else {
      throw HoldfastError(.internalError, "the file of this program is gone")
    }
    return path
  }

  /// The variables of a child: nothing of the caller's settings reaches it.
  static func environment(home: String) -> [String] {
    ["HOME=\(home)", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"]
  }

  private static func signals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    return set
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

extension rusage {
  /// The time in user and in system mode, in seconds.
  fileprivate var cpuSeconds: Double {
    [ru_utime, ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}
