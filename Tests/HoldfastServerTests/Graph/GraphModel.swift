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
  private var steps = 0
  /// Tasks that have just ended badly, and those that have a new reason to.
  private var ended: [Int] = []

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

  private func known(_ number: Int) throws {
    guard live[number] != nil else { throw Refusal(status: 404, code: "task_not_found") }
  }

  private func checkNoCycle() throws {
    if GraphPicture(self).hasCycle { throw Refusal(status: 409, code: "dependency_cycle") }
  }

  private mutating func free(_ number: Int) {
    live[number]?.owner = nil
    live[number]?.status = .pending
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
  private mutating func settle() {
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
  private mutating func judge(around task: Task) {
    guard let parent = task.parent else { return }
    let groups = GraphPicture(self).groups[parent, default: []]
    let index =
      groups.lastIndex { group in
        guard let first = group.first, let opener = live[first], !opener.joins else { return false }
        return !GraphPicture.isBefore(task, opener)
      } ?? 0
    judge(groups[index..<min(index + 2, groups.count)].flatMap { $0 })
  }

  private mutating func judge(_ siblings: [Int]) {
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

  // MARK: Claims and ends

  private mutating func claim(
    _ name: Int, _ number: Int?, _ tags: [String], isForced: Bool, isShort: Bool
  ) throws -> Answer {
    if let number { try known(number) }
    guard let agent = agents[name] else { throw Refusal(status: 404, code: "agent_not_found") }
    let picture = GraphPicture(self)
    let isFull = live.values.count { $0.owner == name } >= agent.maxClaims
    var taken = number
    if let number, let task = live[number] {
      if task.owner == name { return Answer(task: number, isHeld: true) }
      if task.owner != nil, !isForced { throw Refusal(status: 409, code: "already_claimed") }
      guard task.status == .pending || task.owner != nil else {
        throw Refusal(status: 409, code: "invalid_transition")
      }
      if isFull { throw Refusal(status: 409, code: "claim_limit") }
      guard allows(agent.tags, task) else { throw Refusal(status: 403, code: "tag_mismatch") }
      let obstacles = picture.obstacles(of: number)
      guard isForced || obstacles.isEmpty else {
        throw Refusal(status: 409, code: "dependency_not_satisfied", blockedBy: obstacles)
      }
    } else {
      taken = picture.ready.first { number in
        live[number].map { allows(agent.tags, $0) && Set(tags).isSubset(of: $0.tags) } ?? false
      }
      guard taken != nil else { return Answer(status: 204) }
      if isFull { throw Refusal(status: 409, code: "claim_limit") }
    }
    guard let taken else { return Answer(status: 204) }
    live[taken]?.owner = name
    live[taken]?.status = .inProgress
    live[taken]?.isShort = isShort
    return Answer(task: taken)
  }

  func allows(_ tags: [String], _ task: Task) -> Bool {
    Set(task.needed).isSubset(of: tags)
      && (task.wanted.isEmpty || !Set(task.wanted).isDisjoint(with: tags))
  }

  private func check(_ holder: GraphHolder, _ task: Task, owns: Bool) throws {
    let notOwner = Refusal(status: 403, code: "not_owner")
    if let fence = holder.fence, fence != task.fence || (owns && task.owner == nil) {
      throw notOwner
    }
    guard let agent = holder.agent, !holder.isForced else { return }
    if owns ? task.owner != agent : task.owner != nil && task.owner != agent { throw notOwner }
  }

  private mutating func end(
    _ number: Int, _ how: GraphStep.How, _ holder: GraphHolder, cascades: Bool
  ) throws {
    try known(number)
    guard let task = live[number] else { return }
    let owns =
      how == .release || ((how == .complete || how == .fail) && task.status.isOpen)
    try check(holder, task, owns: owns)
    switch how {
    case .release: if task.status == .inProgress { free(number) }
    case .complete:
      guard task.status != .completed else { return }
      let isContainer = GraphPicture(self).children[number, default: []].contains {
        live[$0]?.status.isOpen ?? false
      }
      if isContainer, !holder.isForced { throw Refusal(status: 409, code: "children_open") }
      try finish(number, .completed, isForced: holder.isForced)
    case .fail: try finish(number, .failed, isForced: holder.isForced)
    case .cancel:
      if cascades {
        let inner = descendants(of: number).filter { live[$0]?.status.isOpen ?? false }
        for inner in inner.reversed() {
          guard let current = live[inner] else { continue }
          // The fence is that of the claim of the task itself.
          try check(
            GraphHolder(agent: holder.agent, isForced: holder.isForced), current, owns: false)
          try finish(inner, .cancelled, isForced: true)
        }
      }
      try finish(number, .cancelled, isForced: holder.isForced)
    case .reopen:
      guard !task.status.isOpen else { return }
      guard task.status != .cancelled || holder.isForced else {
        throw Refusal(status: 409, code: "invalid_transition")
      }
      live[number]?.status = .pending
    }
  }

  private mutating func finish(_ number: Int, _ status: Status, isForced: Bool) throws {
    guard let task = live[number], task.status != status else { return }
    guard task.status.isOpen || isForced else {
      throw Refusal(status: 409, code: "invalid_transition")
    }
    live[number]?.status = status
    live[number]?.owner = nil
    if status.endedBadly, !task.status.endedBadly { ended.append(number) }
    settle()
  }

  /// All tasks below a task, each behind the one that contains it.
  func descendants(of number: Int) -> [Int] {
    let picture = GraphPicture(self)
    func below(_ number: Int) -> [Int] {
      picture.children[number, default: []].flatMap { [$0] + below($0) }
    }
    return below(number)
  }

  // MARK: Deleting

  private mutating func delete(_ number: Int, _ holder: GraphHolder, cascades: Bool) throws {
    try known(number)
    let inner = descendants(of: number)
    guard inner.isEmpty || cascades else { throw Refusal(status: 409, code: "has_children") }
    for number in inner.reversed() + [number] {
      guard var task = live[number] else { continue }
      if let agent = holder.agent, let owner = task.owner, owner != agent, !holder.isForced {
        throw Refusal(status: 403, code: "not_owner")
      }
      task.owner = nil
      task.deleted = steps
      live[number] = nil
      gone[number] = task
      judge(around: task)
      settle()
    }
  }

  private mutating func restore(_ number: Int) throws -> Answer {
    guard let first = gone[number] else { throw Refusal(status: 404, code: "task_not_found") }
    if let parent = first.parent, live[parent] == nil {
      throw Refusal(status: 409, code: "conflict")
    }
    var next = [first]
    while !next.isEmpty {
      var task = next.removeFirst()
      next += gone.values.filter { $0.parent == task.number && $0.deleted == task.deleted }
        .sorted { ($0.order, $0.created, $0.number) < ($1.order, $1.created, $1.number) }
      gone[task.number] = nil
      task.deleted = nil
      // Nobody holds it any more.
      if task.status == .inProgress { task.status = .pending }
      live[task.number] = task
      if task.status.endedBadly { ended.append(task.number) }
      judge(around: task)
      settle()
    }
    try checkNoCycle()
    return Answer(task: number)
  }

  /// Forgets edges of tasks that nobody will restore.
  mutating func forgetEdges(of numbers: Set<Int>) {
    edges.removeAll { numbers.contains($0.from) || numbers.contains($0.to) }
  }
}
