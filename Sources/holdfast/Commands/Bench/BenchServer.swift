private import CSystem
import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// The server that is measured: a process of this program over a store of its own, or a running one.
final class BenchServer {
  /// Where it listens.
  let address: LoopbackAddress
  /// Its process; nil when it was running already.
  let process: pid_t?
  /// From the start of the process to its first answer, in nanoseconds; nil when it was running.
  let startNanoseconds: UInt64?

  private let processes: BenchProcesses
  private var output: Int32 = -1

  /// A server that runs already.
  init(at address: LoopbackAddress, processes: BenchProcesses) {
    self.address = address
    self.processes = processes
    process = nil
    startNanoseconds = nil
  }

  /// Starts a server and waits until it has answered one request.
  /// - Parameters:
  ///   - home: The home folder that holds its store.
  ///   - folder: The folder of the run.
  ///   - path: What it is asked for first.
  ///   - processes: Starts it.
  /// - Throws: ``HoldfastError`` when it does not start.
  init(
    in home: String, of folder: ScratchFolder, asking path: String, processes: BenchProcesses
  ) throws(HoldfastError) {
    self.processes = processes
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made: \(SystemFailure.sentence(errno))")
    }
    let started = monotonicNanoseconds()
    let child: pid_t
    do {
      child = try processes.start(
        [try Self.program(), "serve", "--port", "0"], environment: Self.environment(home: home),
        directory: home, output: ends[1], errors: folder.file("serve.errors"))
    } catch {
      for end in ends { close(end) }
      throw error
    }
    close(ends[1])
    output = ends[0]
    process = child
    guard let address = Self.address(in: Self.line(from: ends[0])) else {
      processes.stop(child)
      close(ends[0])
      try processes.check()
      throw HoldfastError(
        .internalError, "the server did not start: \(folder.lastLine(of: "serve.errors"))")
    }
    self.address = address
    _ = try LoopbackClient(to: address).send("GET", path)
    startNanoseconds = monotonicNanoseconds() - started
  }

  /// Stops it as SIGTERM does, when it is one of ours.
  func stop() {
    guard let process, output >= 0 else { return }
    processes.stop(process)
    close(output)
    output = -1
  }

  /// The bytes that it has written to its log.
  func walBytesWritten() throws(HoldfastError) -> Double {
    let answer = try LoopbackClient(to: address).succeed("GET", "/metrics")
    return Self.metric("holdfast_wal_written_bytes_total", in: answer.body)
  }

  /// The value of a metric without labels; 0 when the page has none.
  static func metric(_ name: String, in page: [UInt8]) -> Double {
    let lines = String(decoding: page, as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix(name + " ") }
    return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? 0
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

  /// The address in "task store listening on http://127.0.0.1:7433 (db: …)".
  static func address(in line: String) -> LoopbackAddress? {
    let words = line.split(separator: " ")
    guard let url = words.first(where: { $0.hasPrefix("http://") }) else { return nil }
    return try? LoopbackAddress(url: String(url))
  }

  /// The first line that comes out of a descriptor.
  private static func line(from descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 4096 {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != 0x0A else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
