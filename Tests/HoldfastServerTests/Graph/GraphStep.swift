/// A step of a random history of the task graph.
///
/// Tasks are numbers: task 7 has the id `t7`.
indirect enum GraphStep {
  case create(GraphNode, parent: Int?, order: Int64?)
  case createTree(GraphNode, parent: Int?)
  case change(Int, GraphMove)
  case addEdge(GraphModel.Edge)
  case removeEdge(GraphModel.Edge)
  case claim(agent: Int, task: Int?, tags: [String], isForced: Bool, isShort: Bool)
  case end(Int, How, GraphHolder, cascades: Bool)
  case delete(Int, GraphHolder, cascades: Bool)
  case restore(Int)
  case endLeases
  case connect(agent: Int, tags: [String], isForced: Bool)
  case disconnect(agent: Int)

  enum How: String { case release, complete, fail, cancel, reopen }
}

/// A task that is to be created, with what it contains.
struct GraphNode {
  var number: Int
  var joins = false
  var policy = GraphModel.Policy.block
  var priority = 5
  var needed: [String] = []
  var wanted: [String] = []
  var tags: [String] = []
  /// A second of the year 2020; nil for now.
  var created: Int?
  var blockers: [(task: Int, policy: GraphModel.Policy)] = []
  var children: [GraphNode] = []
}

/// What a merge patch does with a task's place.
struct GraphMove {
  enum Change<Value> {
    case keep
    case clear
    case set(Value)
  }
  var parent = Change<Int>.keep
  var order = Change<Int64>.keep
  var joins: Bool?
  var policy: GraphModel.Policy?
  var priority: Int?
}

/// Who asks, with what claim, and whether by force.
struct GraphHolder {
  var agent: Int?
  var fence: Int64?
  var isForced = false
}
