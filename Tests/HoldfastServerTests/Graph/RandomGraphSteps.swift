import HoldfastTesting

/// Steps at random from a seed, over few tasks, so that they meet.
struct RandomGraphSteps {
  var random: SeededGenerator
  private var lastNumber = 0
  /// Tasks that were deleted lately, the last one behind.
  private var deleted: [Int] = []

  static let agents = 8
  private static let tasksMax = 36

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  private mutating func isSo(oneIn bound: Int) -> Bool { below(bound) == 0 }

  private mutating func one<T>(of values: [T]) -> T? {
    values.isEmpty ? nil : values[below(values.count)]
  }

  /// The next step for a graph as it is now.
  mutating func next(_ model: inout GraphModel) -> GraphStep {
    forget(&model)
    let tasks = model.live.keys.sorted()
    if tasks.count >= Self.tasksMax || (isSo(oneIn: 20) && !tasks.isEmpty) {
      return deletion(tasks, model)
    }
    switch below(100) {
    case 0..<16: return creation(tasks)
    case 16..<20: return tree(tasks)
    case 20..<30: return .change(task(tasks), move(tasks))
    case 30..<43: return .addEdge(edge(tasks))
    case 43..<46:
      if let edge = one(of: model.edges), !isSo(oneIn: 8) { return .removeEdge(edge) }
      return .removeEdge(edge(tasks))
    case 46..<58:
      return .claim(
        agent: below(Self.agents), task: nil, tags: isSo(oneIn: 5) ? tags() : [], isForced: false,
        isShort: isSo(oneIn: 3))
    case 58..<66:
      return .claim(
        agent: below(Self.agents), task: task(tasks), tags: [], isForced: isSo(oneIn: 4),
        isShort: isSo(oneIn: 3))
    case 66..<91: return ending(tasks, model)
    case 91..<94: return .restore(one(of: deleted) ?? task(tasks))
    case 94: return .endLeases
    case 95: return .disconnect(agent: below(Self.agents))
    default: return .connect(agent: below(Self.agents), tags: tags(), isForced: isSo(oneIn: 2))
    }
  }

  /// Leaves tasks alone that have been deleted for long.
  private mutating func forget(_ model: inout GraphModel) {
    deleted.removeAll { model.gone[$0] == nil }
    deleted += model.gone.keys.filter { !deleted.contains($0) && !forgotten.contains($0) }.sorted()
    let old = deleted.dropLast(20)
    guard !old.isEmpty else { return }
    model.forgetEdges(of: Set(old))
    forgotten.formUnion(old)
    deleted.removeFirst(old.count)
  }

  private var forgotten: Set<Int> = []

  // MARK: What steps are made of

  /// A task that is there; rarely one that is not.
  private mutating func task(_ tasks: [Int]) -> Int {
    if isSo(oneIn: 50) { return one(of: deleted) ?? 0 }
    return one(of: tasks) ?? 0
  }

  private mutating func tags() -> [String] { ["x", "y", "z"].filter { _ in below(3) == 0 } }

  private mutating func policy() -> GraphModel.Policy {
    one(of: GraphModel.Policy.allCases) ?? .block
  }

  private mutating func node(_ tasks: [Int]) -> GraphNode {
    lastNumber += 1
    var node = GraphNode(number: lastNumber)
    node.joins = isSo(oneIn: 2)
    node.policy = policy()
    node.priority = isSo(oneIn: 2) ? 5 : below(11)
    if isSo(oneIn: 8) { node.needed = tags() }
    if isSo(oneIn: 8) { node.wanted = tags() }
    node.tags = tags()
    for _ in 0..<max(below(6) - 3, 0) {
      node.blockers.append((isSo(oneIn: 15) ? lastNumber : task(tasks), policy()))
    }
    return node
  }

  private mutating func creation(_ tasks: [Int]) -> GraphStep {
    let parent = isSo(oneIn: 3) ? nil : task(tasks)
    let order = isSo(oneIn: 3) ? Int64(below(4)) : nil
    var node = node(tasks)
    if isSo(oneIn: 4) { node.created = below(4) }
    return .create(node, parent: parent, order: parent == nil ? nil : order)
  }

  private mutating func tree(_ tasks: [Int]) -> GraphStep {
    var numbers = tasks
    let root = branch(&numbers, levels: 3)
    return .createTree(root, parent: isSo(oneIn: 2) ? nil : task(tasks))
  }

  private mutating func branch(_ tasks: inout [Int], levels: Int) -> GraphNode {
    var node = node(tasks)
    tasks.append(node.number)
    guard levels > 1 else { return node }
    for _ in 0..<below(4) { node.children.append(branch(&tasks, levels: levels - 1)) }
    return node
  }

  private mutating func move(_ tasks: [Int]) -> GraphMove {
    var move = GraphMove()
    switch below(6) {
    case 0: move.parent = .clear
    case 1, 2, 3: move.parent = .set(task(tasks))
    default: break
    }
    switch below(5) {
    case 0: move.order = .clear
    case 1, 2: move.order = .set(Int64(below(4)))
    default: break
    }
    if isSo(oneIn: 3) { move.joins = isSo(oneIn: 2) }
    if isSo(oneIn: 4) { move.policy = policy() }
    if isSo(oneIn: 6) { move.priority = below(11) }
    return move
  }

  private mutating func edge(_ tasks: [Int]) -> GraphModel.Edge {
    let type = one(of: ["blocks", "blocks", "blocks", "follows", "duplicate", "relates-to"])
    return GraphModel.Edge(
      from: task(tasks), to: task(tasks), type: type ?? "blocks", policy: policy())
  }

  private mutating func holder(_ number: Int, _ model: GraphModel) -> GraphHolder {
    let owner = model.live[number]?.owner
    let agent =
      switch below(8) {
      case 0, 1: below(Self.agents)
      case 2, 3: nil as Int?
      default: owner
      }
    var holder = GraphHolder(agent: agent, isForced: isSo(oneIn: 7))
    if isSo(oneIn: 5), let fence = model.live[number]?.fence {
      holder.fence = isSo(oneIn: 4) ? fence - 1 : fence
    }
    return holder
  }

  private mutating func ending(_ tasks: [Int], _ model: GraphModel) -> GraphStep {
    var number = task(tasks)
    // Mostly one that can end.
    for _ in 0..<4 where model.live[number]?.status.isOpen != true { number = task(tasks) }
    let how: GraphStep.How
    switch below(25) {
    case 0..<3: how = .release
    case 3..<13: how = .complete
    case 13..<17: how = .fail
    case 17..<20: how = .cancel
    default:
      how = .reopen
      let ended = tasks.filter { model.live[$0]?.status.isOpen == false }
      if let one = one(of: ended), !isSo(oneIn: 6) { number = one }
    }
    return .end(
      number, how, holder(number, model), cascades: how == .cancel && isSo(oneIn: 2))
  }

  private mutating func deletion(_ tasks: [Int], _ model: GraphModel) -> GraphStep {
    let number = task(tasks)
    return .delete(
      number, GraphHolder(agent: holder(number, model).agent, isForced: isSo(oneIn: 3)),
      cascades: isSo(oneIn: 2))
  }
}
