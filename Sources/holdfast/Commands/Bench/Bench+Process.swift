private import Glibc
import HoldfastDatabase
import HoldfastModel

extension Bench {
  /// 1,000 connections, of which 64 are busy.
  func takeHeld() throws(HoldfastError) {
    let pool = try existingPool()
    let gets = try load(.get, words(of: pool), connections: 64).result.rate
    let creates = try creates("before", connections: 64).result.rate
    var held: [LoopbackClient] = []
    for _ in 0..<936 {
      let client = try LoopbackClient(to: server.address)
      try client.succeed("GET", "/v1/ping")
      held.append(client)
    }
    let loads = [
      ("get", gets, try load(.get, words(of: pool), connections: 64)),
      ("create", creates, try self.creates("held", connections: 64)),
    ]
    for client in held { try client.succeed("GET", "/v1/ping") }
    for (name, rate, load) in loads {
      var row = row(.held, "\(name), 64 of 1,000 connections busy", load)
      row.beside = comparison(row.value, with: rate, "without the others")
      add(
        row, target: "90 % of 64 alone, none over 1 s",
        load.result.rate >= 0.9 * rate && load.result.max < 1_000)
    }
  }

  /// Commands, each a process: from its start to its end.
  func takeCommands() throws(HoldfastError) {
    _ = try requireOwnServer()
    let alone = folder.makeFolder("alone")
    try takeCommand("--version", home: alone) { _ in ["--version"] }
    for (home, place) in [(alone, "without a server"), (home, "with a server")] {
      try takeCommand("task create, \(place)", home: home) { number in
        [
          "task", "create", "cli-\(number)", "--project", "\(self.tag)-cli", "--content",
          "# \(number)",
        ]
      }
      try takeCommand("task list, \(place)", home: home) { _ in
        ["task", "list", "--status", "ready", "--project", "\(self.tag)-cli"]
      }
    }
  }

  private func takeCommand(
    _ title: String, home: String, _ words: (Int) -> [String]
  ) throws(HoldfastError) {
    var row = BenchRow(.cli, "command: \(title)")
    row.unit = .milliseconds
    var times: [UInt64] = []
    let program = try ChildProcesses.program()
    for number in 0..<51 {
      let start = monotonicNanoseconds()
      let child = try processes.start(
        [program] + words(number), environment: ChildProcesses.environment(home: home),
        directory: home, errors: folder.file("command.errors"))
      let end = processes.wait(for: child)
      let time = monotonicNanoseconds() - start
      try processes.check()
      guard end.code == 0 else {
        row.note = "not measured: \(folder.lastLine(of: "command.errors"))"
        return report.rows.append(row)
      }
      // The first one makes what is missing.
      if number > 0 { times.append(time) }
    }
    times.sort()
    row.value = Percentile.milliseconds(times, 50)
    row.p50 = row.value
    row.p99 = Percentile.milliseconds(times, 99)
    add(row, target: "10 ms", (row.value ?? .infinity) <= 10)
  }

  /// The memory of the server, before its first load and after a million requests.
  func takeMemory() throws(HoldfastError) {
    let process = try requireOwnServer()
    var row = BenchRow(.memory, "resident memory, idle with an empty store")
    row.unit = .megabytes
    row.value = idleBytes.map { Double($0) / 1_048_576 }
    add(row, target: "20 MB", (row.value ?? .infinity) <= 20)

    let pool = try existingPool()
    // Whatever it has answered so far counts.
    while answerCount < 1_000_000 {
      let left = 1_000_000 - answerCount
      let seconds = max(1, min(30, left / 50_000))
      let load = try load(.get, words(of: pool), connections: 64, seconds: seconds)
      guard load.result.requests > 0 else {
        throw HoldfastError(.unavailable, "the server answers no more")
      }
    }
    row = BenchRow(.memory, "resident memory after \(answerCount.grouped) requests")
    row.unit = .megabytes
    row.value = MachineClock.residentBytes(of: process).map { Double($0) / 1_048_576 }
    add(row, target: "60 MB", (row.value ?? .infinity) <= 60)
  }

  /// From the start of a server to its first answer, with 100,000 tasks in its store.
  func takeStart() throws(HoldfastError) {
    _ = try requireOwnServer()
    let pool = try existingPool()
    var round = 0
    while taskCount < 100_000 {
      round += 1
      let load = try creates("start\(round)", connections: 64, seconds: 2)
      guard load.result.requests > load.result.refused else {
        throw HoldfastError(.unavailable, "the server takes no more tasks")
      }
    }
    let path = "/v1/projects/\(pool.project)/tasks/\(pool.prefix)0-\(WrkScript.firstNumber)"
    var times: [UInt64] = []
    for _ in 0..<5 {
      try restartServer(asking: path)
      if let time = server.startNanoseconds { times.append(time) }
    }
    times.sort()
    var row = BenchRow(.start, "start to first answer with \(taskCount.grouped) tasks")
    row.unit = .milliseconds
    row.value = Percentile.milliseconds(times, 50)
    row.p50 = row.value
    row.p99 = Percentile.milliseconds(times, 99)
    add(row, target: "50 ms", (row.value ?? .infinity) <= 50)

    usleep(300_000)
    let process = try requireOwnServer()
    row = BenchRow(.start, "resident memory, idle with \(taskCount.grouped) tasks")
    row.unit = .megabytes
    row.value = MachineClock.residentBytes(of: process).map { Double($0) / 1_048_576 }
    add(row, target: "20 MB", (row.value ?? .infinity) <= 20)
  }
}
