import Glibc
import HoldfastDatabase
import HoldfastJSON
import HoldfastStore
import HoldfastTesting
import Testing

/// Random histories of the task graph by eight agents over HTTP, each answer compared with a model's:
/// 400 steps for each of four seeds, or as many as `HOLDFAST_GRAPH_STEPS` says, from the seed on that
/// `HOLDFAST_GRAPH_SEED` says.
@Suite struct GraphHistoryTests {
  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
  private static let steps = number("HOLDFAST_GRAPH_STEPS") ?? 400
  private static let seeds = (0..<4).map { UInt64((number("HOLDFAST_GRAPH_SEED") ?? 1) + $0) }

  @Test(arguments: seeds)
  func `every answer and every row is the model's`(seed: UInt64) throws {
    var history = try GraphHistory(seed: seed)
    for number in 1...Self.steps {
      try history.step()
      if number.isMultiple(of: 200) { try history.verify() }
      // What follows a first fault says nothing.
      guard history.faults.isEmpty else { break }
    }
    try history.verify()
    let last = history.log.suffix(12).joined(separator: "\n")
    #expect(history.faults == [], "seed \(seed), after \(history.log.count) steps:\n\(last)")
    print("seed \(seed): \(history.counts.sorted { $0.key < $1.key })")
    #expect(history.counts["200", default: 0] > Self.steps / 4)
    // A short history need not meet every refusal.
    for code in [
      "dependency_cycle", "not_owner", "children_open", "claim_limit", "invalid_transition",
    ] where Self.steps >= 400 {
      #expect(history.counts[code, default: 0] > 0, "no \(code)")
    }
  }
}

/// What a history asks of the store is asked of indexes.
@Suite struct GraphScanTests {
  /// Tables that grow with the work.
  private static let growing = [
    "tasks", "events", "dependencies", "signals", "locks", "lock_events", "comments", "costs",
    "task_output", "audit_lines",
  ]

  @Test(.enabled(if: !PostgreSQLCluster.isWanted))
  func `no write and no list goes through a whole table`() throws {
    var history = try GraphHistory(seed: 7, comparesRows: false)
    for _ in 0..<150 { try history.step() }
    // Those without a condition are the first step of a migration and the last event.
    for (sql, plan) in try history.scans() where sql.contains("WHERE") {
      let table = plan.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      #expect(!Self.growing.contains(table), "\(plan): \(sql)")
    }
  }
}

/// A server and the model beside it.
private struct GraphHistory {
  private let server: TestServer
  private let clock = TestClock()
  private var model = GraphModel()
  private var steps: RandomGraphSteps

  /// Whether all rows are read and compared after each step.
  private let comparesRows: Bool
  var faults: [String] = []
  var log: [String] = []
  /// How often each status and code was answered.
  var counts: [String: Int] = [:]

  private var client: HTTPClient { server.client }
  private let project = "/v1/projects/p"

  init(seed: UInt64, comparesRows: Bool = true) throws {
    self.comparesRows = comparesRows
    let clock = clock
    server = try TestServer { clock.install(in: &$0) }
    steps = RandomGraphSteps(seed: seed)
    for agent in 0..<RandomGraphSteps.agents {
      try run(.connect(agent: agent, tags: agent < 3 ? ["x", "y"] : [], isForced: false))
    }
  }

  private mutating func expect(_ isSo: Bool, _ fault: @autoclosure () -> String) {
    if !isSo { faults.append(fault()) }
  }

  mutating func verify() throws {
    faults += try Verify().run(on: server.store).problems
  }

  mutating func step() throws { try run(steps.next(&model)) }

  /// The statements so far that go through a whole table.
  func scans() throws -> [(sql: String, plan: String)] {
    try #require(server.store.database as? SQLiteDatabase).scans()
  }

  private mutating func run(_ step: GraphStep) throws {
    clock.tick()
    let expected = model.apply(step)
    let answer = try send(step)
    counts["\(answer.status)", default: 0] += 1
    if let code = answer.json?["code"]?.stringValue { counts[code, default: 0] += 1 }
    check(answer, expected, step)
    if comparesRows { try compareRows() }
    compareReady()
  }

  // MARK: Requests

  private mutating func send(_ step: GraphStep) throws -> HTTPClient.Answer {
    switch step {
    case .create(let node, let parent, let order):
      return post("tasks", json(node, parent: parent, order: order))
    case .createTree(let node, let parent):
      return post("trees", ["tree": json(node), "parent": parent.map(id)])
    case .change(let number, let move):
      return request("PATCH", "tasks/t\(number)", json(move))
    case .addEdge(let edge):
      return post(
        "tasks/t\(edge.to)/dependencies",
        [
          "blocker": id(edge.from), "type": .string(edge.type),
          "on_failure": .string(edge.policy.rawValue),
        ])
    case .removeEdge(let edge):
      return request(
        "DELETE", "tasks/t\(edge.to)/dependencies/t\(edge.from)",
        ["type": .string(edge.type)])
    case .claim(let agent, let task, let tags, let isForced, let isShort):
      return post(
        "claims",
        [
          "agent": name(agent), "task": task.map(id), "tags": list(tags),
          "force": isForced ? true : nil, "lease_seconds": isShort ? 60 : 86_400,
        ])
    case .end(let number, let how, let holder, let cascades):
      return post(
        "tasks/t\(number)/\(how.rawValue)",
        [
          "agent": holder.agent.map(name), "fence": holder.fence.map { .number(JSONNumber($0)) },
          "force": holder.isForced ? true : nil, "cascade": cascades ? true : nil,
        ])
    case .delete(let number, let holder, let cascades):
      let query =
        "?force=\(holder.isForced)&cascade=\(cascades)"
        + (holder.agent.map { "&agent=a\($0)" } ?? "")
      return request("DELETE", "tasks/t\(number)\(query)", nil)
    case .restore(let number): return request("POST", "tasks/t\(number)/restore", nil)
    case .endLeases:
      try clock.endLeases(seconds: 60, in: server.store.database)
      log.append("the short leases end")
      return client.post("/v1/operations/sweep", "{}")
    case .connect(let agent, let tags, let isForced):
      let max = GraphModel.maxClaims(of: agent)
      return request(
        "POST", "/v1/agents",
        [
          "agent": name(agent), "tags": list(tags), "max_claims": .number(JSONNumber(Int64(max))),
          "force": isForced ? true : nil,
        ])
    case .disconnect(let agent): return request("DELETE", "/v1/agents/a\(agent)", nil)
    }
  }

  private func id(_ number: Int) -> JSON { .string("t\(number)") }
  private func name(_ agent: Int) -> JSON { .string("a\(agent)") }
  private func list(_ tags: [String]) -> JSON { .array(tags.map { .string($0) }) }
  private func int(_ number: Int) -> JSON { .number(JSONNumber(Int64(number))) }

  private func json(_ node: GraphNode) -> JSON {
    var fields: [(String, JSON)] = [
      ("id", id(node.number)), ("title", .string("task \(node.number)")),
      ("join_mode", node.joins ? "also" : "then"),
      ("sibling_policy", .string(node.policy.rawValue)),
      ("priority", int(node.priority)), ("needed_tags", list(node.needed)),
      ("wanted_tags", list(node.wanted)), ("tags", list(node.tags)),
      (
        "blocked_by",
        .array(
          node.blockers.map {
            ["task": id($0.task), "on_failure": .string($0.policy.rawValue)]
          })
      ),
    ]
    if !node.children.isEmpty { fields.append(("children", .array(node.children.map(json)))) }
    return .object(JSONObject(fields))
  }

  private func json(_ node: GraphNode, parent: Int?, order: Int64?) -> [String: JSON?] {
    var fields: [String: JSON?] = [:]
    for member in json(node).objectValue?.members ?? [] { fields[member.key] = member.value }
    fields["parent"] = parent.map(id)
    fields["sibling_order"] = order.map { .number(JSONNumber($0)) }
    fields["created_at"] = node.created.map { .string("2020-01-01T00:00:0\($0)Z") }
    return fields
  }

  private func json(_ move: GraphMove) -> [String: JSON?] {
    var fields: [String: JSON?] = [:]
    switch move.parent {
    case .keep: break
    case .clear: fields["parent"] = .some(.null)
    case .set(let parent): fields["parent"] = id(parent)
    }
    switch move.order {
    case .keep: break
    case .clear: fields["sibling_order"] = .some(.null)
    case .set(let order): fields["sibling_order"] = .number(JSONNumber(order))
    }
    fields["join_mode"] = move.joins.map { $0 ? "also" : "then" }
    fields["sibling_policy"] = move.policy.map { .string($0.rawValue) }
    fields["priority"] = move.priority.map(int)
    return fields
  }

  private mutating func post(_ path: String, _ fields: [String: JSON?]) -> HTTPClient.Answer {
    request("POST", path, fields)
  }

  private mutating func request(
    _ method: String, _ path: String, _ fields: [String: JSON?]?
  ) -> HTTPClient.Answer {
    let path = path.hasPrefix("/") ? path : "\(project)/\(path)"
    let body = fields.map { fields in
      JSON.object(
        JSONObject(
          fields.compactMap { key, value in value.map { (key, $0) } }.sorted { $0.0 < $1.0 })
      ).renderedText()
    }
    let answer = client.send(method, path, body: body.map { Array($0.utf8) })
    log.append("\(method) \(path) \(body ?? "") → \(answer.status) \(answer.error)")
    return answer
  }

  // MARK: Comparisons

  private mutating func check(
    _ answer: HTTPClient.Answer, _ expected: GraphModel.Answer, _ step: GraphStep
  ) {
    let code = answer.json?["code"]?.stringValue ?? ""
    expect(
      answer.status == expected.status && code == expected.code,
      "\(answer.status) \(code), not \(expected.status) \(expected.code)")
    if let blockedBy = expected.blockedBy {
      compare("blocked_by", numbers(answer.json?["blocked_by"]), blockedBy)
    }
    guard expected.status < 300, let number = expected.task, let task = model.live[number] else {
      return
    }
    var json = answer.json
    if case .claim = step {
      model.live[number]?.fence = json?["fence"]?.int64Value ?? 0
      expect((json?["already_held"] == true) == expected.isHeld, "already_held")
      expect(json?["agent"] == task.owner.map(name), "the agent of the claim")
      json = json?["task"]
    }
    expect(json?["id"] == id(number), "the answer is about \(json?["id"]?.stringValue ?? "?")")
    expect(
      json?["status"]?.stringValue == task.status.rawValue,
      "the answer's status is not \(task.status)")
    let picture = GraphPicture(model)
    compare(
      "blocked_by", numbers(json?["blocked_by"]),
      Set(picture.openEdges[number, default: []].map(\.from)))
    if let unblocked = expected.unblocked {
      compare("unblocked", numbers(json?["unblocked"]), unblocked)
    }
  }

  private func numbers(_ list: JSON?) -> [Int] {
    (list?.arrayValue ?? []).map { Int($0.stringValue?.dropFirst() ?? "") ?? -1 }
  }

  private mutating func compare(_ name: String, _ found: [Int], _ wanted: Set<Int>) {
    expect(
      found.sorted() == wanted.sorted(), "\(name) is \(found.sorted()), not \(wanted.sorted())")
  }

  private mutating func compareReady() {
    let picture = GraphPicture(model)
    let agent = steps.below(RandomGraphSteps.agents)
    var wanted = picture.ready
    var query = "?limit=1000"
    if let known = model.agents[agent] {
      query += "&agent=a\(agent)"
      wanted = wanted.filter { number in
        model.live[number].map { model.allows(known.tags, $0) } ?? false
      }
    }
    let answer = client.get("\(project)/ready\(query)")
    let found = (answer.json?["tasks"]?.arrayValue ?? answer.json?.arrayValue ?? [])
      .map { Int($0["id"]?.stringValue?.dropFirst() ?? "") ?? -1 }
    expect(found == wanted, "ready\(query) is \(found), not \(wanted)")
  }

  private static let rows: SQL = """
    SELECT t.given_id, t.status, t.owner, p.given_id, t.sibling_order,
      CASE WHEN t.ready IS NULL THEN 0 ELSE 1 END,
      t.open_blockers, t.open_children, t.waits_for_sibling, t.waits_for_ancestor
    FROM tasks t LEFT JOIN tasks p ON p.id = t.parent
    WHERE t.deleted_at IS NULL ORDER BY t.id
    """

  /// What must never be, whatever the model says.
  private static let wrong: [(name: String, sql: SQL)] = [
    (
      "a ready task has an open blocker",
      """
      SELECT 1 FROM tasks t JOIN dependencies d ON d.task = t.id JOIN tasks b ON b.id = d.blocker
      WHERE t.ready IS NOT NULL AND d.type IN ('blocks', 'follows') AND b.deleted_at IS NULL
        AND b.status IN ('pending', 'in_progress')
      """
    ),
    (
      "a task is worked on by nobody, or held and not worked on",
      "SELECT 1 FROM tasks WHERE deleted_at IS NULL AND (status = 'in_progress') <> (owner <> '')"
    ),
    (
      "an agent that is gone, or unknown, holds a task",
      """
      SELECT 1 FROM tasks WHERE owner <> '' AND owner NOT IN (
        SELECT name FROM agents WHERE disconnected_at IS NULL)
      """
    ),
    (
      "an agent holds more than it may",
      """
      SELECT 1 FROM agents WHERE disconnected_at IS NULL
        AND max_claims < (SELECT count(*) FROM tasks WHERE owner = agents.name)
      """
    ),
  ]

  private mutating func compareRows() throws {
    let picture = GraphPicture(model)
    var found: [String: String] = [:]
    var wrong: [String] = []
    try server.store.database.read { view in
      try view.query(Self.rows, []) { row in
        found[row.text(0)] =
          "\(row.text(1)) owner \(row.text(2)) in \(row.text(3)) at \(row.int(4)) "
          + "ready \(row.int(5)) blockers \(row.int(6)) children \(row.int(7)) "
          + "waits \(row.int(8)) \(row.int(9))"
      }
      for (name, sql) in Self.wrong where try view.exists(sql) { wrong.append(name) }
    }
    faults += wrong
    expect(!picture.hasCycle, "tasks wait for each other")
    let ready = Set(picture.ready)
    var wanted: [String: String] = [:]
    for (number, task) in model.live {
      let waits = picture.waitsForSibling.contains(number)
      wanted["t\(number)"] =
        "\(task.status.rawValue) owner \(task.owner.map { "a\($0)" } ?? "") "
        + "in \(task.parent.map { "t\($0)" } ?? "") at \(task.order) "
        + "ready \(ready.contains(number) ? 1 : 0) "
        + "blockers \(picture.openEdges[number, default: []].count) "
        + "children \(picture.openChildren(of: number)) "
        + "waits \(waits ? 1 : 0) \(picture.waitsForAncestor(number) ? 1 : 0)"
    }
    for id in Set(found.keys).union(wanted.keys).sorted() where found[id] != wanted[id] {
      faults.append("\(id) is \(found[id] ?? "not there"), not \(wanted[id] ?? "there")")
    }
  }
}
