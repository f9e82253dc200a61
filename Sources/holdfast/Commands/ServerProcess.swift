private import CSystem
import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// A server to work with: a process of this program over a store of its own, or a running one.
final class ServerProcess {
  /// Where it listens.
  let address: LoopbackAddress
  /// Its process; nil when it was running already.
  let process: Int32?
  /// From the start of the process to its first answer, in nanoseconds; nil when it was running.
  let startNanoseconds: UInt64?

  private let processes: ChildProcesses
  private var output: Int32 = -1

  /// A server that runs already.
  init(at address: LoopbackAddress, processes: ChildProcesses) {
    self.address = address
    self.processes = processes
    process = nil
    startNanoseconds = nil
  }

  /// Starts a server and waits until it has answered one request.
  /// - Parameters:
  ///   - home: Its home folder.
  ///   - store: Its store; the usual one of its home when left out.
  ///   - folder: The folder of the run.
  ///   - path: What it is asked for first.
  ///   - processes: Starts it.
  /// - Throws: ``HoldfastError`` when it does not start.
  init(
    in home: String, over store: String? = nil, of folder: ScratchFolder,
    asking path: String = "/v1/ping", processes: ChildProcesses
  ) throws(HoldfastError) {
    self.processes = processes
    var ends: [Int32] = [-1, -1]
    guard holdfast_pipe(&ends) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made: \(SystemFailure.sentence(errno))")
    }
    let started = monotonicNanoseconds()
    let child: Int32
    do {
      child = try processes.start(
        [try ChildProcesses.program(), "serve", "--port", "0"]
          + (store.map { ["--db", $0] } ?? []),
        environment: ChildProcesses.environment(home: home), directory: home, output: ends[1],
        errors: folder.file("serve.errors"))
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

  /// Ends it when it is one of ours: in order, as SIGTERM does, or at once by SIGKILL.
  ///
  /// - Returns: Its exit code; nil when it was ended before or is not ours.
  @discardableResult
  func stop(with signal: Int32 = SIGTERM) -> Int32? {
    guard let process, output >= 0 else { return nil }
    let end = processes.stop(process, with: signal)
    close(output)
    output = -1
    return end.code
  }

  /// The processor seconds that it has taken; nil when it is not ours.
  var cpuSeconds: Double? { process.flatMap { MachineClock.cpuSeconds(of: $0) } }

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
