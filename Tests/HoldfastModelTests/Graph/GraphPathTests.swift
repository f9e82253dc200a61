import HoldfastModel
import Testing

/// The longest chain of work that is left.
@Suite struct GraphPathTests {
  private func node(
    _ estimate: Int64 = 0, in parent: Int? = nil, isOpen: Bool = true
  ) -> GraphPath.Node {
    GraphPath.Node(parent: parent, isOpen: isOpen, estimate: estimate)
  }

  @Test func `nothing has no chain`() {
    #expect(GraphPath([], edges: []) == .empty)
    #expect(GraphPath([node(isOpen: false)], edges: []) == .empty)
  }

  @Test func `estimates decide, and their number only among equal ones`() {
    let long = GraphPath([node(5), node(1), node(1), node(1)], edges: [(1, 2), (2, 3)])
    #expect(long.tasks == [0] && long.estimate == 5)
    let many = GraphPath([node(3), node(1), node(1), node(1)], edges: [(1, 2), (2, 3)])
    #expect(many.tasks == [1, 2, 3] && many.estimate == 3)
    #expect(GraphPath([node(), node(), node()], edges: [(2, 0)]).tasks == [2, 0])
  }

  @Test func `what has ended counts nothing and links nothing`() {
    let path = GraphPath([node(1), node(9, isOpen: false), node(1)], edges: [(0, 1), (1, 2)])
    #expect(path.tasks.count == 1 && path.estimate == 1)
  }

  @Test func `open tasks stand for what contains them, also towards others`() {
    // 0 contains 1 and 2; 3 waits for 0.
    let nodes = [node(100), node(2, in: 0), node(3, in: 0), node(4)]
    let beside = GraphPath(nodes, edges: [(0, 3)])
    #expect(beside.tasks == [2, 3] && beside.estimate == 7)
    let behind = GraphPath(nodes, edges: [(0, 3), (1, 2)])
    #expect(behind.tasks == [1, 2, 3] && behind.estimate == 9)
    // What a container waits for, its children wait for.
    #expect(GraphPath(nodes, edges: [(3, 0)]).tasks == [3, 2])
    let ended = [node(100), node(2, in: 0, isOpen: false)]
    #expect(GraphPath(ended, edges: []).estimate == 100)
  }

  @Test func `a circle and sums beyond 64 bits end it nowhere else`() {
    #expect(GraphPath([node(1), node(1), node(7)], edges: [(0, 1), (1, 0)]).tasks == [2])
    #expect(GraphPath([node(.max), node(.max)], edges: [(0, 1)]).estimate == .max)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
  func `it is the longest of all chains`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let count = 9
    let nodes = (0..<count).map { _ in node(Int64(random.next() % 10)) }
    var edges: [(from: Int, to: Int)] = []
    for from in 0..<count {
      for to in from + 1..<count where random.next() % 3 == 0 { edges.append((from, to)) }
    }
    func longest(from place: Int) -> Int64 {
      nodes[place].estimate
        + (edges.filter { $0.from == place }.map { longest(from: $0.to) }.max() ?? 0)
    }
    let path = GraphPath(nodes, edges: edges)
    #expect(path.estimate == (0..<count).map(longest).max())
    #expect(path.tasks.map { nodes[$0].estimate }.reduce(0, +) == path.estimate)
    for (first, second) in zip(path.tasks, path.tasks.dropFirst()) {
      #expect(edges.contains { $0 == (first, second) })
    }
  }
}

/// Numbers that are the same each time.
private struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
