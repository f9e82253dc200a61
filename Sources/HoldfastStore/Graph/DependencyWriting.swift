internal import HoldfastDatabase
internal import HoldfastJSON
package import HoldfastModel

extension StoreView {
  private static let edgesTo = Lookup<Dependency>(by: ["task", "blocker"])

  /// The edges from one task to another.
  func edges(from blocker: Int64, to task: Int64) throws -> [Dependency] {
    try rows(Self.edgesTo, [.int(task), .int(blocker)])
  }
}

extension Changes {
  /// Makes a task wait for another one of its project.
  func addBlocker(_ field: BlockerField, to task: TaskEntry) throws {
    let blocker = try graphTask(field.task, in: task.project)
    try addEdge(from: blocker, to: task, .blocks, field.onFailure)
  }

  /// Writes an edge; one that is there already takes the new policy.
  ///
  /// - Returns: The number of the event; nil when nothing changed.
  @discardableResult
  package func addEdge(
    from blocker: TaskEntry, to task: TaskEntry, _ type: DependencyType, _ policy: FailurePolicy,
    as eventType: EventType = .dependencyAdded
  ) throws -> Int64? {
    let old = try edges(from: blocker.id, to: task.id).first { $0.type == type }
    if let old, old.onFailure == policy { return nil }
    if old == nil, type.isBlocking { try checkNoCycle(from: blocker, to: task) }
    var edge =
      old
      ?? Dependency(
        project: task.project, task: task.id, blocker: blocker.id, type: type, createdAt: now)
    edge.onFailure = policy
    return try record(eventType, project: task.project, task: task.id) { event in
      event.note = EventNote(
        "\(task.filename): \(blocker.filename) \(type.rawValue)",
        detail: JSONObject([
          ("from", .string(id(of: blocker).text)), ("to", .string(id(of: task).text)),
          ("type", .string(type.rawValue)), ("on_failure", .string(policy.rawValue)),
        ]))
      if let old { try event.update(old, to: edge) } else { try event.insert(edge) }
      return event.sequence
    }
  }

  /// Takes an edge away; false when there is none.
  func removeEdge(
    from blocker: TaskEntry, to task: TaskEntry, _ type: DependencyType
  ) throws -> Bool {
    guard let edge = try edges(from: blocker.id, to: task.id).first(where: { $0.type == type })
    else { return false }
    try record(.dependencyRemoved, project: task.project, task: task.id) { event in
      event.note = EventNote(
        "\(task.filename): \(blocker.filename) no longer \(type.rawValue)",
        detail: JSONObject([
          ("from", .string(id(of: blocker).text)), ("to", .string(id(of: task).text)),
          ("type", .string(type.rawValue)),
        ]))
      try event.delete(edge)
    }
    return true
  }
}
