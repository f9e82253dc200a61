private import CSystem
private import Glibc
import HoldfastDatabase
import HoldfastModel

/// What is measured beside the server, on the same machine in the same run: nginx and Redis.
final class Yardsticks {
  private let wrk: Wrk
  private let processes: ChildProcesses
  private let folder: ScratchFolder
  private let seconds: Int
  private var running: [pid_t] = []

  init(wrk: Wrk, processes: ChildProcesses, folder: ScratchFolder, seconds: Int) {
    self.wrk = wrk
    self.processes = processes
    self.folder = folder
    self.seconds = seconds
  }

  /// Stops what was started.
  func stop() {
    for process in running { processes.stop(process) }
    running = []
  }

  // MARK: nginx

  /// How fast nginx answers with a constant body of JSON, at 64 connections.
  /// - Parameter bytes: The size of the body; 0 for none.
  /// - Returns: The load; nil when nginx is not installed.
  /// - Throws: ``HoldfastError`` when it does not run.
  func nginx(bodyBytes bytes: Int) throws(HoldfastError) -> Wrk.Result? {
    guard Wrk.isInstalled("nginx") else { return nil }
    let address = try LoopbackAddress.free()
    let home = folder.makeFolder("nginx")
    let file = try folder.write(
      Self.configuration(port: address.port, home: home, bodyBytes: bytes), to: "nginx/nginx.conf")
    let process = try processes.start(
      ["nginx", "-p", home, "-c", file, "-e", "stderr"],
      environment: ChildProcesses.environment(home: home), directory: home,
      errors: folder.file("nginx.errors"))
    running.append(process)
    defer {
      processes.stop(process)
      running.removeAll { $0 == process }
    }
    try waitUntilOpen(address, "nginx", errors: "nginx.errors")
    return try wrk.run(.ping, ["/"], at: [address], connections: 64, seconds: seconds)
  }

  /// nginx with two workers that answer everything with one body.
  static func configuration(port: UInt16, home: String, bodyBytes bytes: Int) -> String {
    let frame = #"{"content":""}"#
    let filling = String(repeating: "x", count: max(0, bytes - frame.utf8.count))
    let body = bytes == 0 ? "" : #"{"content":"\#(filling)"}"#
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "  \($0)_temp_path \(home)/\($0);" }.joined(separator: "\n")
    return """
      daemon off;
      worker_processes 2;
      pid \(home)/nginx.pid;
      error_log stderr crit;
      events { worker_connections 2048; }
      http {
        access_log off;
        default_type application/json;
        keepalive_requests 1000000000;
        tcp_nodelay on;
      \(folders)
        server {
          listen 127.0.0.1:\(port) backlog=1024;
          location / { return 200 '\(body)'; }
        }
      }

      """
  }

  // MARK: Redis

  /// How fast Redis takes 2 KB values with a sync before each answer, at 64 connections.
  /// - Returns: The load; nil when Redis is not installed.
  func redis() throws(HoldfastError) -> Wrk.Result? {
    guard Wrk.isInstalled("redis-server"), Wrk.isInstalled("redis-benchmark") else { return nil }
    let address = try LoopbackAddress.free()
    let home = folder.makeFolder("redis")
    let process = try processes.start(
      [
        "redis-server", "--bind", "127.0.0.1", "--port", "\(address.port)", "--dir", home,
        "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no",
        "--auto-aof-rewrite-percentage", "0",
      ],
      environment: ChildProcesses.environment(home: home), directory: home,
      errors: folder.file("redis.errors"))
    running.append(process)
    defer {
      processes.stop(process)
      running.removeAll { $0 == process }
    }
    try waitUntilOpen(address, "redis-server", errors: "redis.errors")
    // The first run says how many it takes in that time.
    let guess = try sets(5_000, at: address)
    return try sets(max(5_000, Int(guess.rate) * seconds), at: address)
  }

  private func sets(_ count: Int, at address: LoopbackAddress) throws(HoldfastError) -> Wrk.Result {
    let (output, end) = try processes.run(
      [
        "redis-benchmark", "-h", "127.0.0.1", "-p", "\(address.port)", "-c", "64", "-n",
        "\(count)", "-d", "\(WrkScript.contentBytes)", "-r", "100000000", "-t", "set", "--csv",
      ],
      environment: ChildProcesses.environment(home: folder.path),
      errors: folder.file("redis.errors"))
    guard var result = Self.redisResult(output) else {
      throw HoldfastError(.internalError, "redis-benchmark ended with \(end.code)")
    }
    result.requests = count
    result.seconds = Double(count) / max(1, result.seconds)
    result.cpuSeconds = end.cpuSeconds
    return result
  }

  /// The line of `redis-benchmark --csv`; the rate stands in `seconds`.
  private static func redisResult(_ text: String) -> Wrk.Result? {
    guard let cells = redisCells(text) else { return nil }
    return Wrk.Result(seconds: cells[0], p50: cells[3], p99: cells[5], max: cells[6])
  }

  /// The numbers behind the name of the test: rate, average, least, p50, p95, p99, most.
  static func redisCells(_ text: String) -> [Double]? {
    let line = text.split(separator: "\n").last { $0.hasPrefix("\"SET\"") }
    let cells = line?.split(separator: ",").dropFirst().compactMap { cell in
      Double(String(cell.filter { $0 != "\"" }))
    }
    guard let cells, cells.count >= 7 else { return nil }
    return cells
  }

  private func waitUntilOpen(
    _ address: LoopbackAddress, _ program: String, errors: String
  ) throws(HoldfastError) {
    let deadline = monotonicNanoseconds() + 5_000_000_000
    while (try? LoopbackClient(to: address)) == nil {
      try processes.check()
      guard monotonicNanoseconds() < deadline else {
        throw HoldfastError(
          .unreachable, "\(program) did not start: \(folder.lastLine(of: errors))")
      }
      usleep(5000)
    }
  }
}
