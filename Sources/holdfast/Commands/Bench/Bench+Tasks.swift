private import Glibc
import HoldfastJSON
import HoldfastModel

extension Bench {
  /// Pings, which do nothing but ask the database whether it is there.
  func takePing() throws(HoldfastError) {
    let nginx = try nginx(bodyBytes: 0)
    let load = try load(.ping, ["/v1/ping"], connections: 64)
    var row = row(.ping, "ping, 64 connections", load)
    row.beside = comparison(row.value, with: nginx, "nginx")
    guard let nginx else { return report.rows.append(row) }
    add(row, target: "60 % of nginx", load.result.rate >= 0.6 * nginx)
  }

  /// Durable creates of tasks with 2 KB of content.
  func takeCreates() throws(HoldfastError) {
    let redis = try redis()
    let one = try creates("one", connections: 1)
    var row = row(.create, "create, 1 connection", one)
    row.beside = comparison(row.value, with: diskRate, "disk")
    add(row, target: "3,000/s", one.result.rate >= 3_000)

    let many = try createsOfPool()
    row = self.row(.create, "create, 64 connections", many)
    row.beside = comparison(row.value, with: redis, "Redis")
    add(
      row, target: "15,000/s, p99 under 20 ms", many.result.rate >= 15_000 && many.result.p99 < 20)

    let crowd = try creates("crowd", connections: 256)
    row = self.row(.create, "create, 256 connections", crowd)
    row.beside = comparison(row.value, with: many.result.rate, "64 connections")
    add(row, target: "80 % of 64", crowd.result.rate >= 0.8 * many.result.rate)
  }

  /// Gets of tasks with their content.
  func takeGets() throws(HoldfastError) {
    let pool = try existingPool()
    let bytes = try sampleBytes(of: pool)
    let nginx = try nginx(bodyBytes: bytes)
    let load = try load(.get, words(of: pool), connections: 64)
    var row = row(.get, "get, 64 connections", load)
    row.beside = comparison(row.value, with: nginx, "nginx")
    add(row, target: "40,000/s", load.result.rate >= 40_000)
  }

  /// Gets while others create.
  func takeMixed() throws(HoldfastError) {
    let pool = try existingPool()
    let writers = try wrk.start(
      .create, ["\(tag)-mixed", "mixed"], at: server.address, connections: 32,
      seconds: plan.seconds + 1)
    // The creates run before the gets begin, and until they have ended.
    usleep(300_000)
    let load: Load
    do {
      load = try self.load(.get, words(of: pool), connections: 64)
    } catch {
      _ = try? wrk.finish(writers)
      throw error
    }
    let written = try wrk.finish(writers)
    taskCount += written.requests - written.refused
    answerCount += written.requests
    var row = row(.mixed, "get, 64 connections, beside 32 of creates", load)
    // Their cost cannot be told apart.
    row.cpuMicroseconds = nil
    row.walBytes = nil
    row.otherProcessors = nil
    add(row, target: "20,000/s", load.result.rate >= 20_000)
    var beside = BenchRow(.mixed, "create, 32 connections, beside 64 of gets")
    beside.value = written.rate
    beside.p50 = written.p50
    beside.p99 = written.p99
    beside.max = written.max
    report.rows.append(beside)
  }

  /// PUTs of tasks that are there.
  func takePuts() throws(HoldfastError) {
    let pool = try existingPool()
    let name = "\(pool.prefix)0-\(WrkScript.firstNumber)"
    try LoopbackClient(to: server.address).succeed(
      "PUT", "/v1/projects/\(pool.project)/tasks/\(name)",
      body: #"{"filename":"\#(name)","status":"planning"}"#)
    let redis = try redis()
    let few = Pool(project: pool.project, prefix: pool.prefix, count: min(2_000, pool.count))
    let load = try load(.put, words(of: few), connections: 64)
    var row = row(.put, "PUT, 64 connections, any of \(few.count.grouped) tasks", load)
    row.beside = comparison(row.value, with: redis, "Redis")
    add(row, target: "10,000/s", load.result.rate >= 10_000)
    // The more tasks, the fewer changes of a group share a page.
    let wide = try self.load(.put, words(of: pool), connections: 64)
    report.rows.append(
      self.row(.put, "PUT, 64 connections, any of \(pool.count.grouped) tasks", wide))
  }

  /// Whole lists of a project with 2,000 tasks.
  func takeLists() throws(HoldfastError) {
    let client = try LoopbackClient(to: server.address)
    let path = "/v1/projects/\(tag)-list/tasks"
    let count = 2_000
    for number in 0..<count {
      try processes.check()
      let text = Self.randomText(bytes: WrkScript.contentBytes)
      try client.succeed(
        "POST", path, body: #"{"filename":"task-\#(10_000 + number)","content":"\#(text)"}"#)
    }
    taskCount += count
    let listed = try client.succeed("GET", path).json().arrayValue?.count ?? 0
    guard listed == count else {
      throw HoldfastError(.internalError, "the list has \(listed) tasks instead of \(count)")
    }
    var times: [UInt64] = []
    for _ in 0..<20 { times.append(try client.succeed("GET", path).nanoseconds) }
    times.sort()
    var row = BenchRow(.list, "list of 2,000 tasks with 2 KB of content, 1 connection")
    row.unit = .milliseconds
    row.value = Percentile.milliseconds(times, 50)
    row.p50 = row.value
    row.p99 = Percentile.milliseconds(times, 99)
    add(row, target: "25 ms", (row.value ?? .infinity) <= 25)
  }

  // MARK: Tasks to work on

  /// The tasks that a load has created, made now when there are none.
  func existingPool() throws(HoldfastError) -> Pool {
    if let pool { return pool }
    _ = try createsOfPool()
    guard let pool else { throw HoldfastError(.internalError, "no tasks could be created") }
    return pool
  }

  /// The words that a script needs to work on a pool.
  func words(of pool: Pool) -> [String] { [pool.project, pool.prefix, "\(pool.count)"] }

  /// Creates at 64 connections, whose tasks the next measures work on.
  func createsOfPool() throws(HoldfastError) -> Load {
    let load = try creates("pool", connections: 64)
    // The last one of each connection may have got no answer.
    let count = load.result.issued - 2 * 64
    if count > 0, load.result.refused == 0 {
      pool = Pool(project: "\(tag)-pool", prefix: "pool", count: count)
    }
    return load
  }

  func creates(_ name: String, connections: Int, seconds: Int? = nil) throws(HoldfastError) -> Load
  {
    let load = try load(
      .create, ["\(tag)-\(name)", name], connections: connections, seconds: seconds)
    taskCount += load.result.requests - load.result.refused
    return load
  }

  /// The size of the answer to a get.
  private func sampleBytes(of pool: Pool) throws(HoldfastError) -> Int {
    let path =
      "/v1/projects/\(pool.project)/tasks/\(pool.prefix)0-\(WrkScript.firstNumber)"
    return try LoopbackClient(to: server.address).succeed("GET", path).body.count
  }

  /// Letters, digits and spaces.
  static func randomText(bytes: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789  ".utf8)
    var generator = SystemRandomNumberGenerator()
    let text = (0..<bytes).map { _ in letters[Int(generator.next() & 63)] }
    return String(decoding: text, as: UTF8.self)
  }
}
