/// What the contract of the task graph says, each answer computed from everything there is.
///
/// Written from the contract's words, without the store's counters.
struct GraphModel {
  enum Policy: String, CaseIterable { case block, release, fail }

  enum Status: String {
    case pending, completed, failed, cancelled
    case inProgress = "in_progress"

    var isOpen: Bool { self == .pending || self == .inProgress }
    var endedBadly: Bool { self == .failed || self == .cancelled }

    func holds(_ policy: Policy) -> Bool { isOpen || (endedBadly && policy != .release) }
  }

  struct Task {
    var number: Int
    var created: Int
    var status = Status.pending
    var parent: Int?
    var order: Int64 = 0
    var joins: Bool
    var policy: Policy
    var priority: Int
    var needed: [String]
    var wanted: [String]
    var tags: [String]
    var owner: Int?
    var fence: Int64 = 0
    var isShort = false
    /// The step that deleted it.
    var deleted: Int?
  }

  struct Edge: Equatable {
    var from: Int
    var to: Int
    var type = "blocks"
    var policy = Policy.block

    var isBlocking: Bool { type == "blocks" || type == "follows" }
    func isSame(_ other: Edge) -> Bool {
      from == other.from && to == other.to && type == other.type
    }
  }

  struct Agent {
    var tags: [String]
    var maxClaims: Int
  }

  /// What a step is answered.
  struct Answer {
    var status = 200
    var code = ""
    var blockedBy: Set<Int>?
    /// The task of the answer.
    var task: Int?
    var unblocked: Set<Int>?
    var isHeld = false
  }

  struct Refusal: Error {
    let status: Int
    let code: String
    var blockedBy: Set<Int>?
  }

  var live: [Int: Task] = [:]
  var gone: [Int: Task] = [:]
  var edges: [Edge] = []
  var agents: [Int: Agent] = [:]
  var steps = 0
  /// Tasks that have just ended badly, and those that have a new reason to.
  var ended: [Int] = []

  // MARK: Steps

  /// Does a step; a refused one changes nothing.
  mutating func apply(_ step: GraphStep) -> Answer {
    let before = self
    let readyBefore = Set(GraphPicture(self).ready)
    steps += 1
    do {
      var answer = try run(step)
      if case .create = step { return answer }
      guard answer.unblocked != nil else { return answer }
      answer.unblocked = Set(GraphPicture(self).ready).subtracting(readyBefore)
        .intersection(before.live.keys).subtracting([answer.task].compactMap { $0 })
      return answer
    } catch let refusal as Refusal {
      self = before
      return Answer(status: refusal.status, code: refusal.code, blockedBy: refusal.blockedBy)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private mutating func run(_ step: GraphStep) throws -> Answer {
    switch step {
    case .create(let node, let parent, let order):
      try create(node, below: parent, at: order)
      try checkNoCycle()
      try addBlockers(of: node)
      return Answer(status: 201, task: node.number)
    case .createTree(let node, let parent):
      try createTree(node, below: parent)
      try addBlockers(of: node)
      return Answer()
    case .change(let number, let move): return try change(number, move)
    case .addEdge(let edge):
      try known(edge.to)
      try known(edge.from)
      try add(edge)
      return Answer(task: edge.to, unblocked: [])
    case .removeEdge(let edge):
      try known(edge.to)
      try known(edge.from)
      edges.removeAll { $0.isSame(edge) }
      return Answer(task: edge.to, unblocked: [])
    case .claim(let agent, let task, let tags, let isForced, let isShort):
      return try claim(agent, task, tags, isForced: isForced, isShort: isShort)
    case .end(let number, let how, let holder, let cascades):
      try end(number, how, holder, cascades: cascades)
      return Answer(task: number, unblocked: [])
    case .delete(let number, let holder, let cascades):
      try delete(number, holder, cascades: cascades)
      return Answer(status: 204)
    case .restore(let number): return try restore(number)
    case .endLeases:
      for (number, task) in live where task.owner != nil && task.isShort { free(number) }
      return Answer()
    case .connect(let agent, let tags, let isForced):
      if let known = agents[agent] {
        guard isForced else { throw Refusal(status: 409, code: "already_exists") }
        agents[agent] = Agent(tags: tags, maxClaims: known.maxClaims)
      } else {
        agents[agent] = Agent(tags: tags, maxClaims: Self.maxClaims(of: agent))
      }
      return Answer(status: 201)
    case .disconnect(let agent):
      agents[agent] = nil
      for (number, task) in live where task.owner == agent { free(number) }
      return Answer()
    }
  }

  static func maxClaims(of agent: Int) -> Int { 1 + agent % 4 }

  func known(_ number: Int) throws {
    guard live[number] != nil else { throw Refusal(status: 404, code: "task_not_found") }
  }

  func checkNoCycle() throws {
    if GraphPicture(self).hasCycle { throw Refusal(status: 409, code: "dependency_cycle") }
  }

  mutating func free(_ number: Int) {
    live[number]?.owner = nil
    live[number]?.status = .pending
    judgeReturned(number)
    settle()
  }

  /// Lets a task fail that has come back, from its holder or a deletion, and must not outlive another one
  /// that has ended badly meanwhile.
  mutating func judgeReturned(_ number: Int) {
    let holds = edges.contains {
      $0.to == number && $0.isBlocking && $0.policy == .fail
        && live[$0.from]?.status.endedBadly == true
    }
    if holds { fail(number) }
    judge([number])
  }

  // MARK: Creating and moving

  private func nextOrder(in parent: Int) -> Int64 {
    var last: Int64 = -1
    for task in live.values where task.parent == parent { last = max(last, task.order) }
    for task in gone.values where task.parent == parent { last = max(last, task.order) }
    return last + 1
  }

  private mutating func create(_ node: GraphNode, below parent: Int?, at order: Int64?) throws {
    if let parent { try known(parent) }
    var task = Task(
      number: node.number, created: node.created ?? .max, joins: node.joins, policy: node.policy,
      priority: node.priority, needed: node.needed, wanted: node.wanted, tags: node.tags)
    if let parent {
      task.parent = parent
      task.order = order ?? nextOrder(in: parent)
    }
    live[node.number] = task
    judge(around: task)
    settle()
  }

  private mutating func createTree(
    _ node: GraphNode, below parent: Int?, at order: Int64? = nil
  ) throws {
    try create(node, below: parent, at: order)
    for (index, child) in node.children.enumerated() {
      try createTree(child, below: node.number, at: Int64(index))
    }
  }

  private mutating func addBlockers(of node: GraphNode) throws {
    for blocker in node.blockers {
      try known(blocker.task)
      try add(Edge(from: blocker.task, to: node.number, policy: blocker.policy))
    }
    for child in node.children { try addBlockers(of: child) }
  }

  private mutating func change(_ number: Int, _ move: GraphMove) throws -> Answer {
    try known(number)
    guard let old = live[number] else { return Answer() }
    var task = old
    if let joins = move.joins { task.joins = joins }
    if let policy = move.policy { task.policy = policy }
    if let priority = move.priority { task.priority = priority }
    switch move.parent {
    case .keep: break
    case .clear: task.parent = nil
    case .set(let parent):
      try known(parent)
      task.parent = parent
    }
    if let parent = task.parent {
      switch move.order {
      case .set(let order): task.order = order
      case .clear: task.order = nextOrder(in: parent)
      case .keep: if parent != old.parent { task.order = nextOrder(in: parent) }
      }
    } else {
      task.order = 0
    }
    live[number] = task
    try checkNoCycle()
    if (task.parent, task.order) != (old.parent, old.order) || task.joins != old.joins {
      judge(around: old)
      judge(around: task)
    }
    if task.policy != old.policy {
      judge(GraphPicture(self).groups[number, default: []].flatMap { $0 })
    }
    settle()
    return Answer(task: number, unblocked: [])
  }

  // MARK: Edges and bad ends

  private mutating func add(_ edge: Edge) throws {
    if let index = edges.firstIndex(where: { $0.isSame(edge) }) {
      guard edges[index].policy != edge.policy else { return }
      edges[index] = edge
    } else {
      edges.append(edge)
      if edge.isBlocking { try checkNoCycle() }
    }
    guard edge.isBlocking, edge.policy == .fail, live[edge.from]?.status.endedBadly == true else {
      return
    }
    fail(edge.to)
    settle()
  }

  /// Lets a task fail for another one's sake; running work is never revoked.
  private mutating func fail(_ number: Int) {
    guard live[number]?.status == .pending else { return }
    live[number]?.status = .failed
    ended.append(number)
  }

  /// Lets those fail that must not outlive tasks which have ended badly, and so on along the chain.
  mutating func settle() {
    while !ended.isEmpty {
      let number = ended.removeFirst()
      for edge in edges where edge.from == number && edge.isBlocking && edge.policy == .fail {
        fail(edge.to)
      }
      guard let task = live[number], let parent = task.parent, live[parent]?.policy == .fail else {
        continue
      }
      let groups = GraphPicture(self).groups[parent, default: []]
      guard let index = groups.firstIndex(where: { $0.contains(number) }),
        index + 1 < groups.count
      else { continue }
      for next in groups[index + 1] { fail(next) }
    }
  }

  /// Looks again at the siblings that a place concerns: those of its group, and of the next.
  mutating func judge(around task: Task) {
    guard let parent = task.parent else { return }
    let groups = GraphPicture(self).groups[parent, default: []]
    let index =
      groups.lastIndex { group in
        guard let first = group.first, let opener = live[first], !opener.joins else { return false }
        return !GraphPicture.isBefore(task, opener)
      } ?? 0
    judge(groups[index..<min(index + 2, groups.count)].flatMap { $0 })
  }

  mutating func judge(_ siblings: [Int]) {
    let picture = GraphPicture(self)
    for number in siblings {
      guard let parent = live[number]?.parent, live[parent]?.policy == .fail,
        picture.predecessors[number, default: []].contains(where: {
          live[$0]?.status.endedBadly == true
        })
      else { continue }
      fail(number)
    }
  }
}
