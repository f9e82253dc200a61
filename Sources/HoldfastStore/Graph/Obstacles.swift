internal import HoldfastDatabase
internal import HoldfastModel

/// Why a task is not ready.
enum ObstacleKind: String, Sendable {
  /// A task that must be done first.
  case dependency
  /// A sibling of the group before.
  case sequence
  /// What one of the tasks that contain it waits for.
  case ancestor
}

/// A task that keeps another one from starting.
struct Obstacle {
  let kind: ObstacleKind
  let task: TaskEntry
}

extension StoreView {
  /// What a task waits for: its own blockers and siblings, or those of the nearest ancestor that waits.
  func obstacles(of task: TaskEntry) throws -> [Obstacle] {
    let own = try ownObstacles(of: task)
    guard own.isEmpty, task.graph.waitsForAncestor else { return own }
    for ancestor in try ancestors(of: task) {
      let found = try ownObstacles(of: ancestor)
      if !found.isEmpty { return found.map { Obstacle(kind: .ancestor, task: $0.task) } }
    }
    return []
  }

  private func ownObstacles(of task: TaskEntry) throws -> [Obstacle] {
    var found: [Obstacle] = []
    if task.graph.openBlockers > 0 {
      found += try openBlockers(of: task).map { Obstacle(kind: .dependency, task: $0) }
    }
    if task.graph.waitsForSibling, let parent = try task.graph.parent.flatMap(taskRow) {
      found += try predecessors(of: task).filter { $0.holdsSiblings(parent.graph.siblingPolicy) }
        .map { Obstacle(kind: .sequence, task: $0) }
    }
    return found
  }
}
