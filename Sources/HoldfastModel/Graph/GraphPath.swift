/// The longest chain of work that is left: no matter how many agents there are, it takes that long.
public struct GraphPath: Sendable, Equatable {
  /// The places of its tasks in the graph, the first to be done first.
  public let tasks: [Int]
  /// The sum of their estimates, in milliseconds; tasks without one count nothing.
  public let estimate: Int64

  public static let empty = GraphPath(tasks: [], estimate: 0)

  /// A task as the chain sees it.
  public struct Node: Sendable {
    /// The place of the task that contains it; nil for none in the graph.
    public let parent: Int?
    /// Whether it has not ended.
    public let isOpen: Bool
    /// In milliseconds.
    public let estimate: Int64

    public init(parent: Int?, isOpen: Bool, estimate: Int64) {
      self.parent = parent
      self.isOpen = isOpen
      self.estimate = estimate
    }
  }

  private init(tasks: [Int], estimate: Int64) {
    self.tasks = tasks
    self.estimate = estimate
  }

  /// Finds the chain of open tasks with the longest estimates; among equal ones that of most tasks.
  ///
  /// What a task contains stands for it: while it contains open tasks it counts nothing itself, begins
  /// before them and ends behind them.
  ///
  /// - Parameters:
  ///   - nodes: The tasks.
  ///   - edges: Which task has to be done before which, by their places. Those on a circle, which only a
  ///     damaged store has, are on no chain.
  public init(_ nodes: [Node], edges: [(from: Int, to: Int)]) {
    // Each task has two moments: its start at twice its place, its end behind that.
    let count = nodes.count
    var next = [[Int]](repeating: [], count: count * 2)
    var waits = [Int](repeating: 0, count: count * 2)
    var isLeaf = nodes.map(\.isOpen)
    func add(_ from: Int, _ to: Int) {
      next[from].append(to)
      waits[to] += 1
    }
    for (place, node) in nodes.enumerated() where node.isOpen {
      add(place * 2, place * 2 + 1)
      guard let parent = node.parent, nodes[parent].isOpen else { continue }
      isLeaf[parent] = false
      add(parent * 2, place * 2)
      add(place * 2 + 1, parent * 2 + 1)
    }
    for (from, to) in edges where nodes[from].isOpen && nodes[to].isOpen {
      add(from * 2 + 1, to * 2)
    }
    // The longest way to each moment, in an order in which none comes before what it waits for.
    var best = [(estimate: Int64, tasks: Int, from: Int?)](
      repeating: (0, 0, nil), count: count * 2)
    var ready = waits.indices.filter { waits[$0] == 0 && nodes[$0 / 2].isOpen }
    var last: Int?
    while let moment = ready.popLast() {
      let place = moment / 2
      if last.map({
        (best[moment].estimate, best[moment].tasks) > (best[$0].estimate, best[$0].tasks)
      })
        ?? true
      {
        last = moment
      }
      for later in next[moment] {
        let isWork = later == moment + 1 && moment.isMultiple(of: 2) && isLeaf[place]
        let (sum, isTooLong) = best[moment].estimate.addingReportingOverflow(
          isWork ? nodes[place].estimate : 0)
        let way = (estimate: isTooLong ? .max : sum, tasks: best[moment].tasks + (isWork ? 1 : 0))
        if best[later].from == nil || way > (best[later].estimate, best[later].tasks) {
          best[later] = (way.estimate, way.tasks, moment)
        }
        waits[later] -= 1
        if waits[later] == 0 { ready.append(later) }
      }
    }
    guard let last else {
      self = .empty
      return
    }
    var tasks: [Int] = []
    var moment: Int? = last
    while let now = moment {
      let place = now / 2
      if !now.isMultiple(of: 2), best[now].from == now - 1, isLeaf[place] { tasks.append(place) }
      moment = best[now].from
    }
    self.init(tasks: tasks.reversed(), estimate: best[last].estimate)
  }
}
