internal import HoldfastDatabase
internal import HoldfastModel

// The children of a task stand in an order of their own. One that joins by `then` opens a group, those
// that join by `also` are in the group of the sibling before them, and a group may start when all of the
// group before it has ended well. Groups are found by seeks in an index: no write reads all siblings.

/// A place among the children of a task.
private struct Place: Equatable {
  let parent: Int64
  let order: Int64
  let id: Int64
  let joinMode: JoinMode

  init?(_ task: TaskEntry?) {
    guard let task, task.deletedAt == nil, let parent = task.graph.parent else { return nil }
    self.parent = parent
    order = task.graph.siblingOrder
    id = task.id
    joinMode = task.graph.joinMode
  }
}

/// Where a group begins: the place of the sibling that opens it.
struct GroupStart: Equatable, Sendable {
  let order: Int64
  let id: Int64

  /// Before all siblings.
  static let first = GroupStart(order: .min, id: .min)
  /// Behind all siblings.
  static let end = GroupStart(order: .max, id: .max)
}

extension StoreView {
  private static let openerBefore: SQL = """
    SELECT sibling_order, id FROM tasks
    WHERE join_mode = 'then' AND parent = ?1 AND deleted_at IS NULL
      AND (sibling_order, id) < (?2, ?3)
    ORDER BY sibling_order DESC, id DESC LIMIT 1
    """
  private static let openerBehind: SQL = """
    SELECT sibling_order, id FROM tasks
    WHERE join_mode = 'then' AND parent = ?1 AND deleted_at IS NULL
      AND (sibling_order, id) > (?2, ?3)
    ORDER BY sibling_order, id LIMIT 1
    """

  /// Where the group begins that is the last one to begin before a place.
  func groupStart(of parent: Int64, before order: Int64, _ id: Int64) throws -> GroupStart {
    try reading.first(Self.openerBefore, [.int(parent), .int(order), .int(id)]) {
      GroupStart(order: $0.int(0), id: $0.int(1))
    } ?? .first
  }

  /// Where the next group begins behind a place.
  func groupStart(of parent: Int64, behind order: Int64, _ id: Int64) throws -> GroupStart {
    try reading.first(Self.openerBehind, [.int(parent), .int(order), .int(id)]) {
      GroupStart(order: $0.int(0), id: $0.int(1))
    } ?? .end
  }

  /// Where the group of a sibling begins.
  func groupStart(of task: TaskEntry, in parent: Int64) throws -> GroupStart {
    let place = GroupStart(order: task.graph.siblingOrder, id: task.id)
    return task.graph.joinMode == .then
      ? place : try groupStart(of: parent, before: place.order, place.id)
  }

  private static let membersOfGroup: SQL = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.deleted_at IS NULL
      AND (tasks.sibling_order, tasks.id) >= (?2, ?3)
      AND (tasks.sibling_order, tasks.id) < (?4, ?5)
    ORDER BY tasks.sibling_order, tasks.id
    """)

  /// The siblings from one place to another.
  func siblings(
    of parent: Int64, from start: GroupStart, to end: GroupStart
  ) throws -> [TaskEntry] {
    try reading.all(
      Self.membersOfGroup,
      [.int(parent), .int(start.order), .int(start.id), .int(end.order), .int(end.id)],
      TaskEntry.init(row:))
  }

  /// The siblings whose group a task's group waits for.
  func predecessors(of task: TaskEntry) throws -> [TaskEntry] {
    guard let parent = task.graph.parent else { return [] }
    let start = try groupStart(of: task, in: parent)
    guard start != .first else { return [] }
    let before = try groupStart(of: parent, before: start.order, start.id)
    return try siblings(of: parent, from: before, to: start)
  }

  /// The siblings of the group that waits for a task's group.
  func successors(of task: TaskEntry) throws -> [TaskEntry] {
    guard let parent = task.graph.parent else { return [] }
    let next = try groupStart(of: parent, behind: task.graph.siblingOrder, task.id)
    guard next != .end else { return [] }
    let end = try groupStart(of: parent, behind: next.order, next.id)
    return try siblings(of: parent, from: next, to: end)
  }
}

extension TaskEntry {
  /// Whether it keeps the next group of siblings from starting.
  func holdsSiblings(_ policy: FailurePolicy) -> Bool {
    switch standing {
    case .open: true
    case .done, .gone: false
    case .endedBadly: policy != .release
    }
  }
}

extension Changes {
  /// Finds a sibling in a range that has not ended, or not well.
  private static func unfinished(_ categories: [StatusCategory]) -> SQL {
    SQL(
      categories.map {
        """
        SELECT 1 FROM tasks
        WHERE category = \($0.rawValue) AND parent = ?1 AND deleted_at IS NULL
          AND (sibling_order, id) >= (?2, ?3) AND (sibling_order, id) < (?4, ?5)
        """
      }.joined(separator: " UNION ALL ") + " LIMIT 1")
  }

  private static let notDone = unfinished(StatusCategory.allCases.filter { $0 != .done })
  private static let notEnded = unfinished(StatusCategory.allCases.filter { !$0.isFinal })

  /// Brings the siblings up to date that stand behind a written task.
  func followSiblings(_ old: TaskEntry?, _ new: TaskEntry?) throws {
    let was = Place(old)
    let isNow = Place(new)
    if was != isNow {
      if let was { try settleGroups(around: was) }
      if let isNow { try settleGroups(around: isNow) }
    } else if let isNow, let old, let new, old.standing != new.standing {
      try settleNextGroup(behind: isNow, ending: new)
    }
    if let old, let new, old.graph.siblingPolicy != new.graph.siblingPolicy {
      try settleAllGroups(of: new)
    }
  }

  /// The group of the place, and the next one.
  private func settleGroups(around place: Place) throws {
    let policy = try taskRow(place.parent)?.graph.siblingPolicy ?? .block
    // One more in the order, so that the place itself counts.
    let start = try groupStart(of: place.parent, before: place.order, place.id + 1)
    try settleGroup(of: place.parent, from: start, policy)
    let next = try groupStart(of: place.parent, behind: place.order, place.id)
    if next != .end { try settleGroup(of: place.parent, from: next, policy) }
  }

  private func settleNextGroup(behind place: Place, ending task: TaskEntry) throws {
    let next = try groupStart(of: place.parent, behind: place.order, place.id)
    guard next != .end else { return }
    let policy = try taskRow(place.parent)?.graph.siblingPolicy ?? .block
    let members = try settleGroup(of: place.parent, from: next, policy)
    guard policy == .fail, task.standing == .endedBadly else { return }
    readiness.failing += members.map { ($0, task.id) }
  }

  private func settleAllGroups(of parent: TaskEntry) throws {
    var start = GroupStart.first
    repeat {
      try settleGroup(of: parent.id, from: start, parent.graph.siblingPolicy)
      start = try groupStart(of: parent.id, behind: start.order, start.id)
    } while start != .end
  }

  /// Sets for all siblings of a group whether they wait for the group before.
  ///
  /// - Returns: The rows of the group's members.
  @discardableResult
  private func settleGroup(
    of parent: Int64, from start: GroupStart, _ policy: FailurePolicy
  ) throws -> [Int64] {
    var waits = false
    if start != .first {
      let before = try groupStart(of: parent, before: start.order, start.id)
      waits = try reading.exists(
        policy == .release ? Self.notEnded : Self.notDone,
        [.int(parent), .int(before.order), .int(before.id), .int(start.order), .int(start.id)])
    }
    let end = try groupStart(of: parent, behind: start.order, start.id)
    let members = try siblings(of: parent, from: start, to: end)
    for member in members where member.graph.waitsForSibling != waits {
      try adjust(member) { $0.graph.waitsForSibling = waits }
    }
    return members.map(\.id)
  }
}
