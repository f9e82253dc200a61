private import CSystem
private import Glibc
import HoldfastJSON
import HoldfastModel

/// The load client: wrk, with scripts of ours.
struct Wrk: Sendable {
  private let processes: ChildProcesses
  private let folder: ScratchFolder

  /// The load that one run of it made.
  struct Result: Sendable {
    /// The answers.
    var requests = 0
    /// The time it took.
    var seconds = 0.0
    /// The times of the middle, of all but one of a hundred, and of the slowest, in milliseconds.
    var p50 = 0.0
    var p99 = 0.0
    var max = 0.0
    /// Answers of 400 and above.
    var refused = 0
    /// Connections that failed, and answers that did not come.
    var broken = 0
    /// The requests that were sent.
    var issued = 0
    /// Claims that got a signal, and that got none.
    var granted = 0
    var empty = 0
    /// The different signals among them, and how often one came again.
    var distinct = 0
    var twice = 0
    /// The processor time of the client, in seconds.
    var cpuSeconds = 0.0

    /// Answers a second.
    var rate: Double { seconds > 0 ? Double(requests) / seconds : 0 }

    /// The result of two clients at once: the sum, and of the times the longer ones.
    func adding(_ other: Result) -> Result {
      Result(
        requests: requests + other.requests, seconds: Swift.max(seconds, other.seconds),
        p50: Swift.max(p50, other.p50), p99: Swift.max(p99, other.p99),
        max: Swift.max(max, other.max), refused: refused + other.refused,
        broken: broken + other.broken, issued: issued + other.issued,
        granted: granted + other.granted, empty: empty + other.empty,
        distinct: distinct + other.distinct, twice: twice + other.twice,
        cpuSeconds: cpuSeconds + other.cpuSeconds)
    }
  }

  /// A run of it that has not ended.
  struct Running {
    fileprivate let child: pid_t
    fileprivate let output: Int32
  }

  /// Writes the scripts.
  /// - Throws: ``HoldfastError`` when wrk is not installed.
  init(processes: ChildProcesses, folder: ScratchFolder) throws(HoldfastError) {
    self.processes = processes
    self.folder = folder
    guard Self.isInstalled("wrk") else {
      throw HoldfastError(
        .notFound, "wrk is missing, which makes the load: install it with apt-get install wrk")
    }
    for script in WrkScript.allCases {
      _ = try folder.write(script.text, to: "\(script.rawValue).lua")
    }
  }

  /// Whether a program is in one of the usual folders.
  static func isInstalled(_ program: String) -> Bool {
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
      .contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Loads servers for some seconds, each with its part of the connections.
  /// - Returns: The sum; of the times the longest.
  func run(
    _ script: WrkScript, _ words: [String], at servers: [LoopbackAddress], connections: Int,
    seconds: Int
  ) throws(HoldfastError) -> Result {
    var running: [Running] = []
    var result: Result?
    var failure: HoldfastError?
    do {
      for server in servers {
        running.append(
          try start(
            script, words, at: server, connections: connections / servers.count,
            seconds: seconds, client: running.count))
      }
    } catch {
      failure = error
    }
    // One that failed leaves none of the others running.
    for client in running {
      do {
        let part = try finish(client)
        result = result?.adding(part) ?? part
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result ?? Result()
  }

  /// Starts to load a server.
  /// - Parameter client: The number of this client among those that run at once.
  func start(
    _ script: WrkScript, _ words: [String], at server: LoopbackAddress, connections: Int,
    seconds: Int, client: Int = 0
  ) throws(HoldfastError) -> Running {
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made: \(SystemFailure.sentence(errno))")
    }
    defer { close(ends[1]) }
    // One thread: it keeps up, and leaves more of the processors to the server than two.
    let child = try processes.start(
      [
        "wrk", "-t", "1", "-c", "\(connections)", "-d", "\(seconds)s", "--timeout", "30s", "-s",
        folder.file("\(script.rawValue).lua"), server.url, "--",
      ] + words,
      environment: ChildProcesses.environment(home: folder.path) + ["CLIENT=\(client)"],
      output: ends[1],
      errors: folder.file("wrk.errors"))
    return Running(child: child, output: ends[0])
  }

  /// Waits until a run has ended.
  func finish(_ running: Running) throws(HoldfastError) -> Result {
    let output = (try? FileBytes.read(descriptor: running.output, upTo: 1 << 20)) ?? []
    close(running.output)
    let end = processes.wait(for: running.child)
    try processes.check()
    guard var result = Self.result(in: output) else {
      throw HoldfastError(
        .internalError, "wrk ended with \(end.code): \(folder.lastLine(of: "wrk.errors"))")
    }
    result.cpuSeconds = end.cpuSeconds
    return result
  }

  /// The result in what the script printed last.
  static func result(in output: [UInt8]) -> Result? {
    let lines = output.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.last(where: { $0.first == UInt8(ascii: "{") }),
      let json = try? JSONReader.read(Array(line))
    else { return nil }
    func count(_ name: String) -> Int { Int(json[name]?.int64Value ?? 0) }
    func milliseconds(_ name: String) -> Double { Double(count(name)) / 1000 }
    return Result(
      requests: count("requests"), seconds: Double(count("microseconds")) / 1e6,
      p50: milliseconds("p50"), p99: milliseconds("p99"), max: milliseconds("max"),
      refused: count("refused"), broken: count("broken"), issued: count("issued"),
      granted: count("granted"), empty: count("empty"), distinct: count("distinct"),
      twice: count("twice"))
  }
}
