/// What follows from the tasks and edges at one moment.
struct GraphPicture {
  private let model: GraphModel
  /// The children of each task in their order.
  private(set) var children: [Int: [Int]] = [:]
  /// The same in groups; the first is the one without an opener, and may be empty.
  private(set) var groups: [Int: [[Int]]] = [:]
  /// The group before that of each child.
  private(set) var predecessors: [Int: [Int]] = [:]
  /// The edges that hold each task.
  private(set) var openEdges: [Int: [GraphModel.Edge]] = [:]
  private(set) var waitsForSibling: Set<Int> = []
  static func isBefore(_ a: GraphModel.Task, _ b: GraphModel.Task) -> Bool {
    (a.order, a.created, a.number) < (b.order, b.created, b.number)
  }

  init(_ model: GraphModel) {
    self.model = model
    for task in model.live.values {
      if let parent = task.parent { children[parent, default: []].append(task.number) }
    }
    for (parent, unsorted) in children {
      let sorted = unsorted.compactMap { model.live[$0] }.sorted(by: Self.isBefore)
      children[parent] = sorted.map(\.number)
      var made: [[Int]] = [[]]
      for child in sorted {
        if child.joins {
          made[made.count - 1].append(child.number)
        } else {
          made.append([child.number])
        }
      }
      groups[parent] = made
      let policy = model.live[parent]?.policy ?? .block
      for (before, group) in zip(made, made.dropFirst()) {
        let holds = before.contains { model.live[$0]?.status.holds(policy) ?? false }
        for child in group {
          predecessors[child] = before
          if holds { waitsForSibling.insert(child) }
        }
      }
    }
    for edge in model.edges where edge.isBlocking {
      guard model.live[edge.to] != nil, let from = model.live[edge.from] else { continue }
      if from.status.holds(edge.policy) { openEdges[edge.to, default: []].append(edge) }
    }
  }

  /// What can be claimed, in the order of claims.
  var ready: [Int] {
    model.live.values.filter(isReady)
      .sorted { (-$0.priority, $0.created, $0.number) < (-$1.priority, $1.created, $1.number) }
      .map(\.number)
  }

  func openChildren(of number: Int) -> Int {
    children[number, default: []].count { model.live[$0]?.status.isOpen ?? false }
  }

  func waits(_ number: Int) -> Bool {
    openEdges[number] != nil || waitsForSibling.contains(number) || waitsForAncestor(number)
  }

  func waitsForAncestor(_ number: Int) -> Bool {
    model.live[number]?.parent.map(waits) ?? false
  }

  private func isReady(_ task: GraphModel.Task) -> Bool {
    task.status == .pending && task.owner == nil && openChildren(of: task.number) == 0
      && !waits(task.number)
  }

  /// What a task waits for: what holds itself, or the nearest ancestor that something holds.
  func obstacles(of number: Int) -> Set<Int> {
    var found = Set(openEdges[number, default: []].map(\.from))
    if waitsForSibling.contains(number), let parent = model.live[number]?.parent {
      let policy = model.live[parent]?.policy ?? .block
      found.formUnion(
        predecessors[number, default: []].filter {
          model.live[$0]?.status.holds(policy) ?? false
        })
    }
    guard found.isEmpty, let parent = model.live[number]?.parent else { return found }
    return obstacles(of: parent)
  }

  /// Whether some tasks wait for each other.
  ///
  /// A task has two moments, 2n when it may start and 2n + 1 when it has ended.
  var hasCycle: Bool {
    var next: [Int: [Int]] = [:]
    func first(_ a: Int, then b: Int) { next[a, default: []].append(b) }
    for task in model.live.values {
      first(2 * task.number, then: 2 * task.number + 1)
      if let parent = task.parent {
        first(2 * parent, then: 2 * task.number)
        first(2 * task.number + 1, then: 2 * parent + 1)
      }
    }
    for (child, before) in predecessors {
      for sibling in before { first(2 * sibling + 1, then: 2 * child) }
    }
    for edge in model.edges
    where edge.isBlocking && model.live[edge.from] != nil && model.live[edge.to] != nil {
      first(2 * edge.from + 1, then: 2 * edge.to)
    }
    // Takes away moments that nothing comes before; what is left goes in circles.
    var before: [Int: Int] = [:]
    for targets in next.values { for target in targets { before[target, default: 0] += 1 } }
    var free = next.keys.filter { before[$0] == nil }
    var taken = 0
    while let moment = free.popLast() {
      taken += 1
      for target in next[moment, default: []] {
        before[target, default: 0] -= 1
        if before[target] == 0 { free.append(target) }
      }
    }
    return taken < 2 * model.live.count
  }
}
