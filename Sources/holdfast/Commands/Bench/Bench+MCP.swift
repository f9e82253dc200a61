private import CSystem
private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// The tools of agents, on standard input and output and over HTTP.
extension Bench {
  /// The start and the memory of `holdfast mcp`, its calls, and a day's work over HTTP.
  func takeMCP() throws(HoldfastError) {
    _ = try requireOwnServer()
    try takeMCPPairs()
    let alone = folder.makeFolder("mcp-alone")
    for (home, place) in [(home, "with a server"), (alone, "without a server")] {
      try takeMCPStart(home, place)
      try takeMCPReads(home, place)
    }
  }

  // MARK: HTTP

  /// Claims and completions by tools, beside the same ones over REST.
  private func takeMCPPairs() throws(HoldfastError) {
    try connectAgents()
    var rates: [Double] = []
    for (script, door) in [(WrkScript.finish, "REST"), (.tools, "MCP")] {
      let project = "\(tag)-by-\(door)"
      try makeTasks(in: project, count: graphTasks) { _ in "" }
      let load = try load(
        script, [project, "\(Self.agentCount)"], connections: 64, seconds: claimSeconds)
      var row = claimRow(
        .mcp, "task claim and complete over \(door), 64 connections, in pairs", load)
      rates.append(load.result.claimRate)
      guard script == .tools else {
        report.rows.append(row)
        continue
      }
      row.beside = comparison(load.result.claimRate, with: rates[0], "REST")
      add(
        row, target: "5,000/s, or 70 % of REST",
        load.result.claimRate >= min(5_000, 0.7 * rates[0]))
    }
  }

  // MARK: Standard input and output

  /// From the start of a process to its first answer.
  private func takeMCPStart(_ home: String, _ place: String) throws(HoldfastError) {
    var times: [UInt64] = []
    for _ in 0..<51 {
      let start = monotonicNanoseconds()
      let session = try MCPSession(in: home, of: folder, processes: processes)
      defer { session.end() }
      _ = try session.ask("server/discover")
      times.append(monotonicNanoseconds() - start)
    }
    try addTimes(times, "holdfast mcp: start to first answer, \(place)", limit: 20)
  }

  /// One reading call after the other, and the memory of the process behind them.
  private func takeMCPReads(_ home: String, _ place: String) throws(HoldfastError) {
    let session = try MCPSession(in: home, of: folder, processes: processes)
    defer { session.end() }
    let project = JSON.string("\(tag)-mcp")
    let made = try session.call("task_create", ["title": "a task", "project": project])
    guard let task = made["id"] else {
      throw HoldfastError(.internalError, "task_create gave no id")
    }
    usleep(300_000)
    var row = BenchRow(.mcp, "holdfast mcp: resident memory after a call, \(place)")
    row.unit = .megabytes
    row.value = MachineClock.residentBytes(of: session.child).map { Double($0) / 1_048_576 }
    add(row, target: "15 MB", (row.value ?? .infinity) <= 15)

    var times: [UInt64] = []
    for _ in 0..<2_000 {
      let start = monotonicNanoseconds()
      _ = try session.call("task_get", ["task": task, "project": project])
      times.append(monotonicNanoseconds() - start)
    }
    try addTimes(times, "holdfast mcp: task_get, 1 client, \(place)", limit: 0.3)
  }

  private func addTimes(
    _ times: [UInt64], _ title: String, limit: Double
  ) throws(HoldfastError) {
    let times = times.sorted()
    var row = BenchRow(.mcp, title)
    row.unit = .milliseconds
    row.p50 = Percentile.milliseconds(times, 50)
    row.p99 = Percentile.milliseconds(times, 99)
    row.max = Percentile.milliseconds(times, 100)
    row.value = row.p50
    add(
      row, target: "\(DecimalText.text(limit, digits: limit < 1 ? 1 : 0)) ms",
      (row.p50 ?? .infinity) <= limit)
  }
}

/// `holdfast mcp` in a process of its own, and a client that asks one thing at a time.
private final class MCPSession {
  let child: pid_t
  private let processes: ChildProcesses
  private let input: Int32
  private let output: Int32
  private var rest: [UInt8] = []

  init(
    in home: String, of folder: ScratchFolder, processes: ChildProcesses
  ) throws(HoldfastError) {
    self.processes = processes
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    guard holdfast_pipe(&toChild) == 0, holdfast_pipe(&fromChild) == 0 else {
      throw HoldfastError(.internalError, "no pipe can be made: \(SystemFailure.sentence(errno))")
    }
    input = toChild[1]
    output = fromChild[0]
    defer {
      close(toChild[0])
      close(fromChild[1])
    }
    child = try processes.start(
      [try ChildProcesses.program(), "mcp"],
      environment: ChildProcesses.environment(home: home) + ["HOLDFAST_AGENT=bench"],
      directory: home, input: toChild[0], output: fromChild[1],
      errors: folder.file("mcp.errors"))
  }

  /// Ends its input, and with it the process.
  func end() {
    close(input)
    _ = processes.wait(for: child)
    close(output)
  }

  /// Calls a tool and gives what it answers.
  func call(_ tool: String, _ arguments: JSON) throws(HoldfastError) -> JSON {
    let result = try ask("tools/call", [("name", .string(tool)), ("arguments", arguments)])
    guard result["isError"] == nil, let answer = result["structuredContent"] else {
      throw HoldfastError(.internalError, "\(tool) answers \(result.renderedText())")
    }
    return answer
  }

  /// Sends a request and gives its result.
  func ask(_ method: String, _ params: [(String, JSON)] = []) throws(HoldfastError) -> JSON {
    let meta: JSON = [
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": [:],
    ]
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method),
      "params": .object(JSONObject(params + [("_meta", meta)])),
    ]
    try write(request.rendered() + [UInt8(ascii: "\n")])
    let answer: JSON
    do {
      answer = try JSONReader.read(try line())
    } catch {
      throw HoldfastError(.internalError, "holdfast mcp sends no answer: \(error)")
    }
    guard let result = answer["result"] else {
      throw HoldfastError(.internalError, "\(method) answers \(answer.renderedText())")
    }
    return result
  }

  private func write(_ bytes: [UInt8]) throws(HoldfastError) {
    let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
    guard count == bytes.count else {
      throw HoldfastError(.internalError, "holdfast mcp has ended")
    }
  }

  private func line() throws(HoldfastError) -> [UInt8] {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeSubrange(...end) }
        return Array(rest[..<end])
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw HoldfastError(.internalError, "it has ended") }
      rest += buffer[..<count]
    }
  }
}
