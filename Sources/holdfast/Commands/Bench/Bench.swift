import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// One run: what was started, what was measured so far, and how a load is taken.
///
/// Not thread safe: the command uses it from its own thread.
final class Bench {
  let plan: BenchPlan
  let processes: ChildProcesses
  let folder: ScratchFolder
  let output: Console
  let wrk: Wrk
  let yardsticks: Yardsticks
  /// The server that is measured.
  private(set) var server: ServerProcess
  /// A second one over the same database, while two are measured.
  private var second: ServerProcess?
  /// What keeps their store when it is not a file.
  private let cluster: BenchCluster?
  /// What came out so far.
  var report: BenchReport
  /// Begins the names of all projects of this run.
  let tag: String
  /// The home folder of the server's store.
  let home: String

  /// Tasks that a load has created, named by their numbers.
  struct Pool {
    let project: String
    let prefix: String
    let count: Int
  }

  /// The tasks that gets and PUTs work on, once there are some.
  var pool: Pool?
  /// Whether there is a project with tasks that wait for each other.
  var hasLinkedTasks = false
  /// Tasks that were created in the store by this run.
  var taskCount = 0
  /// Requests that the server's process has answered.
  var answerCount = 0
  /// The memory of the server before its first load, in bytes.
  let idleBytes: Int?

  /// Connections that a run holds open at most, and files beside them.
  private static let descriptorsMax: rlim_t = 4096

  init(
    _ plan: BenchPlan, processes: ChildProcesses, folder: ScratchFolder, output: Console
  ) throws(HoldfastError) {
    self.plan = plan
    self.processes = processes
    self.folder = folder
    self.output = output
    Self.raiseDescriptorLimit()
    wrk = try Wrk(processes: processes, folder: folder)
    yardsticks = Yardsticks(
      wrk: wrk, processes: processes, folder: folder, seconds: plan.seconds)
    let machine = MachineFacts(storesIn: folder.path)
    if machine.isInMemory {
      output.note(
        "\(plan.directory) is in memory, where writes cost nothing: name a disk with --directory")
    }
    report = BenchReport(machine: machine, engine: plan.engine, seconds: plan.seconds)
    tag = "bench-" + String(UInt64(bitPattern: wallNanoseconds() / 1_000_000), radix: 36)
    home = folder.makeFolder("home")
    cluster = plan.engine == .postgresql ? try BenchCluster(in: folder, processes: processes) : nil
    if let address = plan.server {
      server = ServerProcess(at: address, processes: processes)
      _ = try LoopbackClient(to: address).succeed("GET", "/v1/ping")
    } else {
      do {
        server = try ServerProcess(in: home, over: cluster?.url, of: folder, processes: processes)
      } catch {
        cluster?.stop()
        throw error
      }
    }
    // What its first request has woken goes to sleep again.
    usleep(300_000)
    idleBytes = server.process.flatMap { MachineClock.residentBytes(of: $0) }
  }

  /// Stops what was started.
  func close() {
    server.stop()
    yardsticks.stop()
    cluster?.stop()
  }

  /// Takes all measures of the plan.
  func run() throws(HoldfastError) {
    for (index, measure) in plan.measures.enumerated() {
      output.status("measuring \(measure.title) (\(index + 1) of \(plan.measures.count))")
      do {
        if let cluster {
          try takePostgreSQL(measure, cluster)
        } else {
          try takeSQLite(measure)
        }
      } catch {
        try processes.check()
        var row = BenchRow(measure, measure.title)
        row.note = "not measured: \(error.message)"
        row.isSound = error.code == .notAvailable
        report.rows.append(row)
      }
    }
  }

  func takeSQLite(_ measure: BenchMeasure) throws(HoldfastError) {
    switch measure {
    case .disk: try takeDisk()
    case .redis: _ = try redis()
    case .ping: try takePing()
    case .create: try takeCreates()
    case .get: try takeGets()
    case .mixed: try takeMixed()
    case .put: try takePuts()
    case .list: try takeLists()
    case .claim: try takeClaims()
    case .cycle: try takeCycles()
    case .graph: try takeGraphClaims()
    case .ready: try takeReady()
    case .steps: try takeSteps()
    case .search: try takeSearch()
    case .million: try takeMillion()
    case .mcp: try takeMCP()
    case .held: try takeHeld()
    case .cli: try takeCommands()
    case .memory: try takeMemory()
    case .start: try takeStart()
    }
  }

  // MARK: Loads

  /// A load with what it cost.
  struct Load {
    var result: Wrk.Result
    /// Processor seconds of each server, of the database under them and of everybody else.
    var serverSeconds: [Double] = []
    var databaseSeconds: Double?
    var otherSeconds = 0.0
    var walBytes = 0.0
  }

  /// Loads the server, or both while there are two, and takes what it costs.
  func load(
    _ script: WrkScript, _ words: [String], connections: Int, seconds: Int? = nil
  ) throws(HoldfastError) -> Load {
    let servers = [server] + (second.map { [$0] } ?? [])
    let wal = try walBytesWritten()
    let machine = MachineClock.now().busySeconds
    let own = MachineClock.ownSeconds()
    let database = cluster?.cpuSeconds
    let before = servers.compactMap(\.cpuSeconds)
    let result = try wrk.run(
      script, words, at: servers.map(\.address), connections: connections,
      seconds: seconds ?? plan.seconds)
    let after = servers.compactMap(\.cpuSeconds)
    var load = Load(result: result)
    if before.count == servers.count, after.count == servers.count {
      load.serverSeconds = zip(after, before).map { $0 - $1 }
      if let database, let now = cluster?.cpuSeconds { load.databaseSeconds = now - database }
      load.otherSeconds =
        MachineClock.now().busySeconds - machine - load.serverSeconds.reduce(0, +)
        - (load.databaseSeconds ?? 0) - result.cpuSeconds - (MachineClock.ownSeconds() - own)
    }
    load.walBytes = try walBytesWritten() - wal
    answerCount += result.requests
    return load
  }

  private func walBytesWritten() throws(HoldfastError) -> Double {
    if let cluster { return try cluster.walBytesWritten() }
    return try server.walBytesWritten()
  }

  /// Starts a second server over the same database, which takes half the connections of what is
  /// done meanwhile.
  func withTwoServers(_ body: () throws(HoldfastError) -> Void) throws(HoldfastError) {
    let home = folder.makeFolder("second")
    let second = try ServerProcess(
      in: home, over: cluster?.url, of: folder, processes: processes)
    self.second = second
    defer {
      self.second = nil
      second.stop()
    }
    try body()
  }

  /// A row from a load.
  func row(_ measure: BenchMeasure, _ title: String, _ load: Load) -> BenchRow {
    let result = load.result
    var row = BenchRow(measure, title)
    row.value = result.rate
    row.p50 = result.p50
    row.p99 = result.p99
    row.max = result.max
    let answers = Double(max(1, result.requests))
    row.serverSeconds = load.serverSeconds
    row.databaseSeconds = load.databaseSeconds
    row.walBytes = load.walBytes / answers
    row.clientProcessors = result.cpuSeconds / max(0.001, result.seconds)
    if !load.serverSeconds.isEmpty {
      row.cpuMicroseconds = load.serverSeconds.reduce(0, +) * 1e6 / answers
      row.otherProcessors = max(0, load.otherSeconds) / max(0.001, result.seconds)
    }
    if result.refused + result.broken > 0 {
      row.isSound = false
      row.note =
        "\(result.refused) of \(result.requests) answers were refusals, \(result.broken) failed"
    }
    return row
  }

  /// Adds a row whose target is reached when nothing failed and a condition holds.
  func add(_ row: BenchRow, target: String, _ isReached: Bool) {
    var row = row
    row.target = target
    row.isReached = isReached && row.isSound
    report.rows.append(row)
  }

  /// Stops the server and starts it again over the same store.
  func restartServer(asking path: String) throws(HoldfastError) {
    server.stop()
    answerCount = 0
    server = try ServerProcess(in: home, of: folder, asking: path, processes: processes)
  }

  /// What only works with a server of our own.
  func requireOwnServer() throws(HoldfastError) -> pid_t {
    guard let process = server.process else {
      throw HoldfastError(.notAvailable, "this needs a server of bench's own, without --server")
    }
    return process
  }

  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < descriptorsMax else { return }
    limit.rlim_cur = min(descriptorsMax, limit.rlim_max)
    setrlimit(resource, &limit)
  }
}
