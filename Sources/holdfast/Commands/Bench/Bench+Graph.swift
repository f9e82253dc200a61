private import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastModel

/// The task graph: claims, what is ready, steps that touch many tasks, locks and search.
extension Bench {
  static let agentCount = 1_000
  private static let treeTasks = 10_000

  // MARK: Claims

  /// Claims of the best ready task, and claims with the completions that follow them.
  func takeGraphClaims() throws(HoldfastError) {
    try connectAgents()
    let plain = "\(tag)-open"
    try makeTasks(in: plain, count: graphTasks) { _ in "" }
    for connections in [8, 64, 256] {
      let load = try load(
        .grab, [plain, "\(Self.agentCount)"], connections: connections, seconds: claimSeconds)
      add(
        claimRow(.graph, "task claim, \(connections) connections, \(countOf(graphTasks))", load),
        target: "12,000/s, each once", load.result.claimRate >= 12_000)
    }
    let linked = try linkedTasks()
    let load = try finishLoad(in: linked, seconds: plan.seconds)
    var row = claimRow(.graph, "task claim and complete, 64 connections, in pairs", load)
    row.beside = "with 2 edges a task"
    add(row, target: "6,000/s", load.result.claimRate >= 6_000)
  }

  /// A row whose value are the claims a second.
  func claimRow(_ measure: BenchMeasure, _ title: String, _ load: Load) -> BenchRow {
    var row = row(measure, title, load)
    row.value = load.result.claimRate
    if load.result.twice > 0 {
      row.isSound = false
      row.note += "\(load.result.twice) tasks were claimed twice"
    } else if load.result.empty > 0 {
      row.note += "nothing was ready \(load.result.empty) times"
    }
    return row
  }

  private func finishLoad(in project: String, seconds: Int) throws(HoldfastError) -> Load {
    try load(.finish, [project, "\(Self.agentCount)"], connections: 64, seconds: seconds)
  }

  // MARK: What is ready

  /// The list of ready tasks in a large graph of which half is done.
  func takeReady() throws(HoldfastError) {
    try connectAgents()
    let project = try linkedTasks()
    // Half of them done; the pairs have begun.
    while try doneCount(in: project) < graphTasks / 2 {
      _ = try finishLoad(in: project, seconds: 1)
    }
    try takeTimes(
      .ready, "ready (20), \(countOf(graphTasks)), 2 edges a task, half done", rounds: 1_000,
      "GET", "/v1/projects/\(project)/ready?limit=20", p99: 2)
    let agent = "/v1/projects/\(project)/ready?limit=20&agent=w1"
    try takeTimes(
      .ready, "ready (20) for an agent, the same", rounds: 1_000, "GET", agent, p99: 2)
  }

  /// The same with a million tasks.
  func takeMillion() throws(HoldfastError) {
    let project = "\(tag)-million"
    let count = plan.seconds == 1 ? 100_000 : 1_000_000
    try makeTasks(in: project, count: count) { _ in "" }
    try takeTimes(
      .million, "ready (20), \(countOf(count))", rounds: 1_000, "GET",
      "/v1/projects/\(project)/ready?limit=20", p99: 3)
  }

  private func doneCount(in project: String) throws(HoldfastError) -> Int {
    let stats = try LoopbackClient(to: server.address)
      .succeed("GET", "/v1/projects/\(project)/stats").json()
    return stats["by_status"]?["completed"]?.int64Value.map { Int($0) } ?? 0
  }

  // MARK: Steps

  /// Steps that touch many tasks at once.
  func takeSteps() throws(HoldfastError) {
    let client = try LoopbackClient(to: server.address)
    let project = "/v1/projects/\(tag)-steps"
    try takeTimes(.steps, "tree of 1,000 tasks", rounds: 20, limit: 60) {
      () throws(HoldfastError) in
      try client.succeed("POST", project + "/trees", body: Self.tree(1_000) { _ in "" })
    }
    var round = 0
    try takeTimes(.steps, "complete that makes 1,000 tasks ready", rounds: 10, limit: 50) {
      () throws(HoldfastError) in
      round += 1
      let blocker = "blocker\(round)"
      try client.succeed(
        "POST", project + "/tasks", body: #"{"title":"first","id":"\#(blocker)"}"#)
      try client.succeed(
        "POST", project + "/trees",
        body: Self.tree(1_001) { $0 == 0 ? "" : ",\"blocked_by\":[\"\(blocker)\"]" })
      let answer = try client.succeed("POST", project + "/tasks/\(blocker)/complete", body: "{}")
      guard try answer.json()["unblocked"]?.arrayValue?.count == 1_000 else {
        throw HoldfastError(.internalError, "not all tasks became ready")
      }
      return answer
    }
    let linked = try linkedTasks()
    var random = SystemRandomNumberGenerator()
    try takeTimes(.steps, "one edge more, \(countOf(graphTasks))", rounds: 500, p99: 5) {
      () throws(HoldfastError) in
      let trees = graphTasks / Self.treeTasks
      let tree = Int.random(in: 0..<trees, using: &random)
      let from = Int.random(in: 1..<5_000, using: &random)
      let to = Int.random(in: 5_000..<Self.treeTasks, using: &random)
      return try client.succeed(
        "POST", "/v1/projects/\(linked)/tasks/\(linked)-\(tree)-\(to)/dependencies",
        body: #"{"blocker":"\#(linked)-\#(tree)-\#(from)"}"#)
    }
    try takeWorstEdge(client)
    try takeLocks(client)
  }

  /// An edge between two graphs, of which one lies all before it and the other all behind it.
  private func takeWorstEdge(_ client: LoopbackClient) throws(HoldfastError) {
    let project = "\(tag)-dense"
    let layer = 500
    for side in ["a", "b"] {
      let tree = Self.tree(Self.treeTasks, id: { "\(project)-\(side)-\($0)" }) { number in
        guard number > layer else { return "" }
        let blockers = (0..<10).map { step in
          let base = (number - 1) / layer * layer - layer
          return "\"\(project)-\(side)-\(base + (number + step * 47) % layer + 1)\""
        }
        return ",\"blocked_by\":[\(blockers.joined(separator: ","))]"
      }
      try client.succeed("POST", "/v1/projects/\(project)/trees", body: tree)
    }
    var round = 0
    try takeTimes(
      .steps, "one edge more between two dense graphs of 10,000", rounds: 10, limit: 100
    ) {
      () throws(HoldfastError) in
      round += 1
      return try client.succeed(
        "POST", "/v1/projects/\(project)/tasks/\(project)-b-\(round)/dependencies",
        body: #"{"blocker":"\#(project)-a-\#(Self.treeTasks - round)"}"#)
    }
  }

  private func takeLocks(_ client: LoopbackClient) throws(HoldfastError) {
    try connectAgents()
    let project = "/v1/projects/\(tag)-steps"
    var round = 0
    try takeTimes(.steps, "lock of 1,000 paths", rounds: 20, limit: 20) {
      () throws(HoldfastError) in
      round += 1
      let paths = (0..<1_000).map { #""Sources/part\#(round)/file\#($0).swift""# }
      return try client.succeed(
        "POST", project + "/locks",
        body: #"{"agent":"w1","paths":[\#(paths.joined(separator: ","))]}"#)
    }
    let updates = project + "/lock-updates"
    try client.succeed("POST", updates, body: #"{"agent":"w2"}"#)
    try takeTimes(
      .steps, "poll of lock updates with nothing new", rounds: 1_000, "POST", updates,
      body: #"{"agent":"w2"}"#, limit: 0.3)
  }

  // MARK: Search

  /// Searches among tasks with 2 KB of words each.
  func takeSearch() throws(HoldfastError) {
    let project = "\(tag)-search"
    let words = WordPool(count: 20_000)
    let count = plan.seconds == 1 ? 10_000 : 100_000
    let client = try LoopbackClient(to: server.address)
    for done in stride(from: 0, to: count, by: 1_000) {
      output.status("creating tasks with words: \(done.grouped) of \(count.grouped)")
      let tree = Self.tree(1_000) { _ in ",\"content\":\"\(words.text(bytes: 2_000))\"" }
      try client.succeed("POST", "/v1/projects/\(project)/trees", body: tree)
    }
    taskCount += count
    let path = "/v1/projects/\(project)/search?limit=20&q="
    try waitForIndex(client, path + words.word(19_000))
    let kinds: [(String, (Int) -> String)] = [
      ("a rare word", { words.word(10_000 + $0) }), ("a common word", { words.word($0 % 20) }),
      ("two words", { words.word(50 + $0) + "%20" + words.word(200 + $0) }),
      ("the beginning of a word", { String(words.word(5_000 + $0).prefix(3)) + "*" }),
      ("a phrase", { "%22" + words.word($0 % 5) + "%20" + words.word($0 % 7) + "%22" }),
    ]
    for (title, query) in kinds {
      var round = 0
      try takeTimes(.search, "search for \(title), \(countOf(count))", rounds: 100, p99: 20) {
        () throws(HoldfastError) in
        round += 1
        return try client.succeed("GET", path + query(round))
      }
    }
  }

  /// Waits until the index has caught up: until then a search looks through the tasks themselves.
  private func waitForIndex(_ client: LoopbackClient, _ search: String) throws(HoldfastError) {
    output.status("waiting for the index of the search")
    let end = monotonicNanoseconds() + 300_000_000_000
    while monotonicNanoseconds() < end {
      let start = monotonicNanoseconds()
      let answer = try client.send("GET", search)
      guard [200, 503].contains(answer.status) else {
        throw HoldfastError(.internalError, "search answers \(answer.status)")
      }
      if answer.status == 200, monotonicNanoseconds() - start < 50_000_000 { return }
      usleep(500_000)
    }
    throw HoldfastError(.internalError, "the index of the search does not catch up")
  }

  // MARK: What they work on

  /// How many tasks a large graph has.
  var graphTasks: Int { plan.seconds == 1 ? 20_000 : 100_000 }

  private func countOf(_ tasks: Int) -> String { "\(tasks.grouped) tasks" }

  func connectAgents() throws(HoldfastError) {
    let client = try LoopbackClient(to: server.address)
    guard try client.send("POST", "/v1/agents/w1/heartbeat", body: "{}").status == 404 else {
      return
    }
    for number in 0..<Self.agentCount {
      try client.succeed(
        "POST", "/v1/agents", body: #"{"agent":"w\#(number)","max_claims":1000}"#)
    }
  }

  /// A project with two edges for each task, made once.
  private func linkedTasks() throws(HoldfastError) -> String {
    let project = "\(tag)-linked"
    guard !hasLinkedTasks else { return project }
    try makeTasks(in: project, count: graphTasks) { number in
      // The tasks of a tree stand in ten layers of a thousand.
      guard number > 1_000 else { return "" }
      var blockers = [number - 1_000, number - 999]
      if number % 4 == 0 { blockers.append(number - 998) }
      let ids = blockers.map { "\"\(project)-TREE-\($0)\"" }
      return ",\"blocked_by\":[\(ids.joined(separator: ","))]"
    }
    hasLinkedTasks = true
    return project
  }

  func makeTasks(
    in project: String, count: Int, _ more: (Int) -> String
  ) throws(HoldfastError) {
    let client = try LoopbackClient(to: server.address)
    for number in 0..<(count / Self.treeTasks) {
      output.status("creating tasks: \((number * Self.treeTasks).grouped) of \(count.grouped)")
      let tree = Self.tree(Self.treeTasks, id: { "\(project)-\(number)-\($0)" }) {
        more($0).replacing("TREE", with: "\(number)")
      }
      try client.succeed("POST", "/v1/projects/\(project)/trees", body: tree)
      taskCount += Self.treeTasks
    }
  }

  /// A tree with one task that contains all others, which may all start at once.
  private static func tree(
    _ count: Int, id: ((Int) -> String)? = nil, _ more: (Int) -> String
  ) -> String {
    func node(_ number: Int) -> String {
      "\"title\":\"task \(number)\",\"join_mode\":\"also\""
        + (id.map { ",\"id\":\"\($0(number))\"" } ?? "") + more(number)
    }
    let children = (1..<count).map { "{\(node($0))}" }
    return "{\"tree\":{\(node(0)),\"children\":[\(children.joined(separator: ","))]}}"
  }

  // MARK: Times

  private func takeTimes(
    _ measure: BenchMeasure, _ title: String, rounds: Int, _ method: String, _ path: String,
    body: String? = nil, p99: Double? = nil, limit: Double? = nil
  ) throws(HoldfastError) {
    let client = try LoopbackClient(to: server.address)
    try takeTimes(measure, title, rounds: rounds, p99: p99, limit: limit) {
      () throws(HoldfastError) in try client.succeed(method, path, body: body)
    }
  }

  /// Times requests one after the other.
  ///
  /// - Parameters:
  ///   - p99: What all but one of a hundred may take, in milliseconds.
  ///   - limit: What the middle one may take, where that is what counts.
  private func takeTimes(
    _ measure: BenchMeasure, _ title: String, rounds: Int, p99: Double? = nil,
    limit: Double? = nil, _ request: () throws(HoldfastError) -> LoopbackClient.Answer
  ) throws(HoldfastError) {
    var times: [UInt64] = []
    for _ in 0..<rounds { times.append(try request().nanoseconds) }
    answerCount += rounds
    times.sort()
    var row = BenchRow(measure, title)
    row.unit = .milliseconds
    row.p50 = Percentile.milliseconds(times, 50)
    row.p99 = Percentile.milliseconds(times, 99)
    row.max = Percentile.milliseconds(times, 100)
    row.value = p99 == nil ? row.p50 : row.p99
    if let p99 {
      add(row, target: "p99 \(DecimalText.text(p99, digits: 0)) ms", (row.p99 ?? .infinity) <= p99)
    } else if let limit {
      add(
        row, target: "\(DecimalText.text(limit, digits: limit < 1 ? 1 : 0)) ms",
        (row.p50 ?? .infinity) <= limit)
    }
  }
}

extension Wrk.Result {
  /// Claims that got something, a second.
  var claimRate: Double { Double(granted) / Swift.max(0.001, seconds) }
}

/// Made-up words, the first ones common as in a language.
private struct WordPool {
  private let words: [String]
  /// How often a word or one before it comes, in all.
  private let sums: [Double]

  init(count: Int) {
    var random = SystemRandomNumberGenerator()
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    var sum = 0.0
    var words: [String] = []
    var sums: [Double] = []
    for number in 0..<count {
      let length = 3 + Int(random.next() % 7)
      words.append(
        String((0..<length).map { _ in letters[Int(random.next() % 26)] }) + "\(number % 10)")
      sum += 1 / Double(number + 1)
      sums.append(sum)
    }
    self.words = words
    self.sums = sums
  }

  func word(_ number: Int) -> String { words[number % words.count] }

  func text(bytes: Int) -> String {
    var text = ""
    text.reserveCapacity(bytes + 16)
    while text.utf8.count < bytes {
      let place = Double.random(in: 0..<(sums.last ?? 1))
      var low = 0
      var high = sums.count - 1
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > place { high = middle } else { low = middle + 1 }
      }
      text += words[low] + " "
    }
    return text
  }
}
