private import CSystem
private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// Talks to an MCP server that it has started, as a client would.
///
/// Not thread safe.
final class StdioConversation: MCPConversation {
  private let child: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  private let deadline: UInt64
  private let seconds: Int
  private var received: [UInt8] = []
  private var complaints: [UInt8] = []
  /// The first line of the output that is no message; nil when all are.
  private(set) var noise: String?

  /// The largest message, in bytes.
  private static let messageBytesMax = 16 << 20
  /// What is kept of the standard error, in bytes.
  private static let complaintBytesMax = 64 << 10
  /// How long the program has to end by itself, in nanoseconds.
  private static let endNanoseconds: UInt64 = 2_000_000_000

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: The path of its file.
  ///   - words: What it was called, and its arguments.
  ///   - variables: Its whole environment.
  ///   - directory: The folder that it starts in.
  ///   - seconds: How long all of the conversation may take.
  init(
    _ program: String, _ words: [String], variables: [String: String], directory: String?,
    seconds: Int
  ) throws(MCPFlaw) {
    var ends: [[Int32]] = [[-1, -1], [-1, -1], [-1, -1]]
    for index in ends.indices where holdfast_pipe(&ends[index]) != 0 {
      for end in ends.joined() where end >= 0 { close(end) }
      throw MCPFlaw("no pipe can be made", SystemFailure.sentence(errno))
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0][0], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1][1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[2][1], 2)
    if let directory { _ = holdfast_spawn_in(&actions, directory) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &pipe)
    // A group of its own, so that what it starts ends with it.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var argv = words.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
    for end in [ends[0][0], ends[1][1], ends[2][1]] { close(end) }
    (input, output, errors) = (ends[0][1], ends[1][0], ends[2][0])
    self.child = child
    self.seconds = seconds
    deadline = monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
    guard failure == 0 else {
      for end in [input, output, errors] { close(end) }
      throw MCPFlaw(
        "\(program) cannot be started (\(SystemFailure.sentence(failure)))",
        "is it a program for this machine?")
    }
  }

  func ask(_ message: JSON, speaking revision: String) throws(MCPFlaw) -> JSON {
    try tell(message, speaking: revision)
    while true {
      let line = try nextLine()
      guard let json = try? JSONReader.read(line), json["jsonrpc"] != nil else {
        noise = noise ?? String(decoding: line.prefix(200), as: UTF8.self)
        continue
      }
      // It may say more than was asked for.
      if json["id"] == message["id"], json["method"] == nil { return json }
      if json["error"] != nil, json["id"] == nil || json["id"] == .null { return json }
    }
  }

  func tell(_ message: JSON, speaking revision: String) throws(MCPFlaw) {
    let failure = DescriptorSink(descriptor: input).write(message.rendered() + [0x0A])
    guard failure == 0 else { throw ended() }
  }

  /// Ends the program, and all that it has started.
  func end() {
    close(input)
    if !hasEnded(within: Self.endNanoseconds) {
      kill(-child, SIGTERM)
      _ = hasEnded(within: Self.endNanoseconds)
    }
    // What is left of its group, which has its number until the child is reaped.
    kill(-child, SIGKILL)
    _ = holdfast_wait(child)
    close(output)
    close(errors)
  }

  private func hasEnded(within nanoseconds: UInt64) -> Bool {
    let deadline = monotonicNanoseconds() + nanoseconds
    while true {
      var info = siginfo_t()
      let found = waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT | WNOHANG)
      if found != 0 && errno != EINTR || info.si_signo != 0 { return true }
      guard monotonicNanoseconds() < deadline else { return false }
      usleep(2_000)
    }
  }

  private func nextLine() throws(MCPFlaw) -> [UInt8] {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        let line = received[..<end].filter { $0 != 0x0D }
        received.removeSubrange(...end)
        if line.isEmpty { continue }
        return line
      }
      guard received.count < Self.messageBytesMax else {
        throw MCPFlaw("its output has a line without an end", "is this a server of MCP?")
      }
      try receive()
    }
  }

  /// Takes what comes next on either output.
  private func receive() throws(MCPFlaw) {
    let now = monotonicNanoseconds()
    guard now < deadline else {
      throw MCPFlaw(
        "no answer in \(seconds) s" + said,
        "run the command by hand and look what it waits for")
    }
    var ends = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    let rest = Int32(clamping: (deadline - now) / 1_000_000 + 1)
    guard poll(&ends, isMute ? 1 : 2, rest) > 0 else { return }
    if ends[1].revents != 0, !isMute {
      let more = Self.read(errors)
      isMute = more.isEmpty
      complaints += more
      if complaints.count > Self.complaintBytesMax { complaints.removeFirst(complaints.count / 2) }
    }
    if ends[0].revents != 0 {
      let more = Self.read(output)
      guard !more.isEmpty else { throw ended() }
      received += more
    }
  }

  /// Whether its standard error is closed.
  private var isMute = false

  private static func read(_ descriptor: Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      repeat {
        count = Glibc.read(descriptor, buffer.baseAddress, 65_536)
      } while count < 0
        && errno == EINTR
      count = max(0, count)
    }
  }

  /// What it means that the program is gone, or wants no more.
  private func ended() -> MCPFlaw {
    var end = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
    // Somebody else may hold its standard error open.
    while !isMute, monotonicNanoseconds() < deadline, complaints.count < Self.complaintBytesMax,
      poll(&end, 1, 200) > 0
    {
      let more = Self.read(errors)
      isMute = more.isEmpty
      complaints += more
    }
    return MCPFlaw(
      "it ended without an answer" + said,
      said.isEmpty ? "run the command by hand and look what it says" : "")
  }

  /// The last line of its standard error.
  private var said: String {
    let lines = String(decoding: complaints, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let last = lines.last(where: { !$0.trimmingSpaces.hasPrefix("Try ") }) else { return "" }
    return ", and said: \(last.trimmingSpaces.prefix(300))"
  }
}
