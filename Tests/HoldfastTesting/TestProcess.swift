internal import CSystem
internal import Glibc
internal import HoldfastDatabase

/// A child process of a test, with its output.
public final class TestProcess: Sendable {
  public let pid: Int32
  private let output: Int32
  private let ended = Handover<Int32>()

  /// What a run of a program gave.
  public struct Result: Sendable {
    public var code: Int32
    public var output: String
    public var errors: String
  }

  /// The built program beside the tests' own.
  public static let holdfast: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(count, 0)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    // With Swift Testing the runner may be the toolchain's; the bundle is its argument then.
    let candidates = [own] + CommandLine.arguments
    for path in candidates {
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
      if access("\(folder)/holdfast", X_OK) == 0 { return "\(folder)/holdfast" }
    }
    return ".build/debug/holdfast"
  }()

  /// Whether the tests and the program run under the thread or the address sanitizer.
  public static let isSanitized =
    dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil

  /// Starts a program; its errors go to the test's own unless they are collected in `errors`.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String],
    errors: Int32? = nil, input: Int32? = nil, directory: String? = nil
  ) throws {
    var ends: [Int32] = [0, 0]
    guard holdfast_pipe(&ends) == 0 else { throw TestFailure("no pipe: \(errno)") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    if let errors { posix_spawn_file_actions_adddup2(&actions, errors, 2) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    // posix_spawn has no portable way to start in another folder; env(1) becomes the program.
    let words = directory.map { ["/usr/bin/env", "-C", $0] } ?? []
    var argv = (words + [program] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: Int32 = 0
    let code = posix_spawn(&child, words.first ?? program, &actions, nil, &argv, &envp)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw TestFailure("\(program) cannot be started: \(code)")
    }
    pid = child
    output = ends[0]
    let ended = ended
    let spawned = child
    try startThread(name: "test-wait") { ended.set(holdfast_wait(spawned)) }
  }

  deinit {
    if ended.value == nil { kill(pid, SIGKILL) }
    close(output)
  }

  /// The next line of the output, without its end; nil when there is none any more.
  public func line() -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// The rest of the output.
  public func rest() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(output, &buffer, buffer.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  /// Sends a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// Kills it, as a crash would, and waits until it is gone.
  public func crash() {
    kill(pid, SIGKILL)
    _ = ended.wait()
  }

  /// Waits for its end and returns its exit code; 128 and the signal's number when it was killed.
  @discardableResult
  public func wait() -> Int32 { ended.wait() }

  /// Runs a program to its end.
  public static func run(
    _ arguments: [String], program: String = holdfast, environment: [String: String],
    input: String? = nil, directory: String? = nil
  ) throws -> Result {
    let folder = TemporaryFolder()
    let errors = holdfast_open(folder.file("errors"), O_RDWR | O_CREAT, 0o600)
    defer { close(errors) }
    var inputDescriptor: Int32?
    if let input {
      let descriptor = holdfast_open(folder.file("input"), O_RDWR | O_CREAT, 0o600)
      let bytes = Array(input.utf8)
      _ = write(descriptor, bytes, bytes.count)
      lseek(descriptor, 0, SEEK_SET)
      inputDescriptor = descriptor
    }
    defer { inputDescriptor.map { _ = close($0) } }
    let child = try TestProcess(
      program, arguments, environment: environment, errors: errors, input: inputDescriptor,
      directory: directory)
    let output = child.rest()
    let code = child.wait()
    lseek(errors, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = read(errors, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
    }
    return Result(code: code, output: output, errors: String(decoding: bytes, as: UTF8.self))
  }
}

/// A test's surroundings are not as they must be.
public struct TestFailure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
