internal import HoldfastDatabase
public import HoldfastModel

/// What a merge patch does with a task's place in the task graph and what it asks for.
public struct GraphChanges: Sendable {
  public let title: Change<String>
  public let phase: Change<String>
  public let priority: Change<Priority>
  public let neededTags: Change<TagList>
  public let wantedTags: Change<TagList>
  public let tags: Change<TagList>
  public let points: Change<Int64>
  public let estimate: Change<Int64>
  public let dueAt: Change<OptionalTime>
  public let deferUntil: Change<OptionalTime>
  public let assignee: Change<String>
  public let siblingPolicy: Change<FailurePolicy>
  public let parent: Change<TaskFilename>
  public let siblingOrder: Change<Int64>
  public let joinMode: Change<JoinMode>

  public init(reading fields: inout Fields) throws(HoldfastError) {
    title = try fields.change("title", "What it is called.")
    phase = try fields.change("phase", "What kind of work it is.")
    priority = try fields.change("priority", "How urgent it is.")
    neededTags = try fields.change("needed_tags", "An agent must have all of these.")
    wantedTags = try fields.change("wanted_tags", "An agent must have one of these.")
    tags = try fields.change("tags", "What it has to do with.")
    points = try fields.change("points", "How large it is.")
    estimate = try fields.change("time_estimate_ms", "How long it should take.")
    dueAt = try fields.change("due_at", "When it should be done.")
    deferUntil = try fields.change("defer_until", "It is not ready before.")
    assignee = try fields.change("assignee", "The agent that it is for.")
    siblingPolicy = try fields.change(
      "sibling_policy", "What its failed children do to those behind them.")
    parent = try fields.change(
      "parent", "The task that contains it: filename or id; null puts it at the top.")
    siblingOrder = try fields.change(
      "sibling_order", "Its place among its siblings; null puts it behind all.")
    joinMode = try fields.change("join_mode", "then, or also: beside the sibling before it.")
  }

  /// Whether it may move the task in the tree.
  var changesPlace: Bool { parent.isChange || siblingOrder.isChange || joinMode.isChange }

  /// Whether it changes nothing.
  var isEmpty: Bool {
    !changesPlace && !title.isChange && !phase.isChange && !priority.isChange
      && !neededTags.isChange && !wantedTags.isChange && !tags.isChange && !points.isChange
      && !estimate.isChange && !dueAt.isChange && !deferUntil.isChange && !assignee.isChange
      && !siblingPolicy.isChange
  }

  /// Refuses what no field may become.
  func check() throws(HoldfastError) {
    if case .set(let text) = title { _ = try GraphFields.title(text) }
    if case .set(let value) = points { _ = try GraphFields.amount(value, "points") }
    if case .set(let value) = estimate { _ = try GraphFields.amount(value, "time_estimate_ms") }
  }

  /// Does it, but for the place among siblings, which needs the tree.
  func apply(to task: inout TaskEntry, in changes: Changes) throws {
    task.graph.title = title.applied(to: task.graph.title, empty: "")
    task.graph.phase = phase.applied(to: task.graph.phase, empty: "")
    task.graph.priority = priority.applied(to: task.graph.priority, empty: .medium)
    task.graph.neededTags = neededTags.applied(to: task.graph.neededTags, empty: .none)
    task.graph.wantedTags = wantedTags.applied(to: task.graph.wantedTags, empty: .none)
    task.graph.tags = tags.applied(to: task.graph.tags, empty: .none)
    task.graph.points = points.applied(to: task.graph.points)
    task.graph.estimate = estimate.applied(to: task.graph.estimate)
    task.graph.dueAt = Self.time(dueAt, task.graph.dueAt)
    task.graph.deferUntil = Self.time(deferUntil, task.graph.deferUntil)
    task.graph.assignee = assignee.applied(to: task.graph.assignee, empty: "")
    task.graph.siblingPolicy = siblingPolicy.applied(to: task.graph.siblingPolicy, empty: .block)
    task.graph.joinMode = joinMode.applied(to: task.graph.joinMode, empty: .then)
    try place(&task, in: changes)
  }

  private static func time(_ change: Change<OptionalTime>, _ current: Timestamp?) -> Timestamp? {
    change.applied(to: OptionalTime(timestamp: current), empty: .unset).timestamp
  }

  private func place(_ task: inout TaskEntry, in changes: Changes) throws {
    let old = task.graph.parent
    switch parent {
    case .keep: break
    case .clear: task.graph.parent = nil
    case .set(let reference):
      task.graph.parent = try changes.graphTask(reference, in: task.project).id
    }
    guard let parent = task.graph.parent else {
      task.graph.siblingOrder = 0
      return
    }
    switch siblingOrder {
    case .set(let order): task.graph.siblingOrder = order
    case .clear: task.graph.siblingOrder = try changes.nextSiblingOrder(in: parent)
    case .keep:
      guard parent != old else { return }
      task.graph.siblingOrder = try changes.nextSiblingOrder(in: parent)
    }
  }
}

extension Changes {
  /// Puts an imported task below another one.
  ///
  /// - Parameter isLast: Whether it comes behind its siblings, beside the last; otherwise its row says
  ///   where.
  /// - Returns: The number of the event.
  package func place(
    _ task: TaskEntry, below parent: TaskEntry, isLast: Bool = false
  ) throws -> Int64 {
    let placed = try change(task, as: .imported) { entry, event in
      event.note = EventNote("\(task.filename) is part of \(parent.filename)")
      entry.graph.parent = parent.id
      if isLast {
        entry.graph.siblingOrder = try nextSiblingOrder(in: parent.id)
        entry.graph.joinMode = .also
      }
    }
    try checkPlace(of: placed, before: task)
    return placed.revision
  }

  /// Refuses the place of a task in the tree that a change gave it.
  func checkPlace(of task: TaskEntry, before old: TaskEntry) throws {
    guard
      task.graph.parent != old.graph.parent || task.graph.siblingOrder != old.graph.siblingOrder
        || task.graph.joinMode != old.graph.joinMode || task.graph.age != old.graph.age,
      task.graph.parent != nil
    else { return }
    try checkNoCycle(around: task)
    if let parent = try task.graph.parent.flatMap(taskRow), parent.id != old.graph.parent {
      try checkDepth(below: parent, levels: try levels(of: task))
    }
  }

  /// How many levels a task and what it contains take.
  func levels(of task: TaskEntry) throws -> Int {
    var level = [task]
    var count = 0
    while !level.isEmpty, count <= Self.depthMax {
      count += 1
      level = try level.flatMap { try children(of: $0) }
    }
    return count
  }
}
