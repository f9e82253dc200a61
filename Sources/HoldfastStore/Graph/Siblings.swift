internal import HoldfastDatabase
internal import HoldfastModel

// The children of a task stand in an order of their own. One that joins by `then` opens a group, those
// that join by `also` are in the group of the sibling before them, and a group may start when all of the
// group before it has ended well. Groups are found by seeks in an index: no write reads all siblings.

/// A place among the children of a task.
private struct Place: Equatable {
  let parent: Int64
  let order: SiblingOrder
  let joinMode: JoinMode

  init?(_ task: TaskEntry?) {
    guard let task, task.deletedAt == nil, let parent = task.graph.parent else { return nil }
    self.parent = parent
    order = task.siblingOrder
    joinMode = task.graph.joinMode
  }
}

/// Where a sibling stands: by the order that was given to it, then the older first, then by its row.
///
/// A group begins where the sibling stands that opens it.
struct SiblingOrder: Equatable, Sendable {
  let order: Int64
  let age: Int64
  let id: Int64

  /// Before all siblings.
  static let first = SiblingOrder(order: .min, age: .min, id: .min)
  /// Behind all siblings.
  static let end = SiblingOrder(order: .max, age: .max, id: .max)

  /// The next place behind this one.
  var next: SiblingOrder { SiblingOrder(order: order, age: age, id: id + 1) }

  var values: [SQLValue] { [.int(order), .int(age), .int(id)] }

  init(order: Int64, age: Int64, id: Int64) {
    self.order = order
    self.age = age
    self.id = id
  }

  /// Reads `sibling_order, age, id`.
  init(row: any Row) { self.init(order: row.int(0), age: row.int(1), id: row.int(2)) }
}

extension TaskEntry {
  /// Where it stands among its siblings.
  var siblingOrder: SiblingOrder {
    SiblingOrder(order: graph.siblingOrder, age: graph.age, id: id)
  }
}

extension StoreView {
  private static let openerBefore: SQL = """
    SELECT sibling_order, age, id FROM tasks
    WHERE join_mode = 'then' AND parent = ?1 AND deleted_at IS NULL
      AND (sibling_order, age, id) < (?2, ?3, ?4)
    ORDER BY sibling_order DESC, age DESC, id DESC LIMIT 1
    """
  private static let openerBehind: SQL = """
    SELECT sibling_order, age, id FROM tasks
    WHERE join_mode = 'then' AND parent = ?1 AND deleted_at IS NULL
      AND (sibling_order, age, id) > (?2, ?3, ?4)
    ORDER BY sibling_order, age, id LIMIT 1
    """

  /// Where the group begins that is the last one to begin before a place.
  func groupStart(of parent: Int64, before place: SiblingOrder) throws -> SiblingOrder {
    try reading.first(
      Self.openerBefore, [.int(parent)] + place.values, SiblingOrder.init(row:)) ?? .first
  }

  /// Where the next group begins behind a place.
  func groupStart(of parent: Int64, behind place: SiblingOrder) throws -> SiblingOrder {
    try reading.first(
      Self.openerBehind, [.int(parent)] + place.values, SiblingOrder.init(row:)) ?? .end
  }

  /// Where the group of a sibling begins.
  func groupStart(of task: TaskEntry, in parent: Int64) throws -> SiblingOrder {
    task.graph.joinMode == .then
      ? task.siblingOrder : try groupStart(of: parent, before: task.siblingOrder)
  }

  private static let membersOfGroup: SQL = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.deleted_at IS NULL
      AND (tasks.sibling_order, tasks.age, tasks.id) >= (?2, ?3, ?4)
      AND (tasks.sibling_order, tasks.age, tasks.id) < (?5, ?6, ?7)
    ORDER BY tasks.sibling_order, tasks.age, tasks.id
    """)

  /// Those of a group that have another word about waiting than ?8.
  fileprivate static let membersToSettle: SQL = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.deleted_at IS NULL
      AND (tasks.sibling_order, tasks.age, tasks.id) >= (?2, ?3, ?4)
      AND (tasks.sibling_order, tasks.age, tasks.id) < (?5, ?6, ?7)
      AND tasks.waits_for_sibling <> ?8
    ORDER BY tasks.sibling_order, tasks.age, tasks.id
    """)

  /// The siblings from one place to another.
  func siblings(
    of parent: Int64, from start: SiblingOrder, to end: SiblingOrder
  ) throws -> [TaskEntry] {
    try reading.all(
      Self.membersOfGroup, [.int(parent)] + start.values + end.values, TaskEntry.init(row:))
  }

  /// The siblings whose group a task's group waits for.
  func predecessors(of task: TaskEntry) throws -> [TaskEntry] {
    guard let parent = task.graph.parent else { return [] }
    let start = try groupStart(of: task, in: parent)
    guard start != .first else { return [] }
    let before = try groupStart(of: parent, before: start)
    return try siblings(of: parent, from: before, to: start)
  }

  /// The siblings of the group that waits for a task's group.
  func successors(of task: TaskEntry) throws -> [TaskEntry] {
    guard let parent = task.graph.parent else { return [] }
    let next = try groupStart(of: parent, behind: task.siblingOrder)
    guard next != .end else { return [] }
    let end = try groupStart(of: parent, behind: next)
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
  /// Finds a sibling in a range that has come to one of these.
  private static func sibling(_ categories: [StatusCategory]) -> SQL {
    SQL(
      categories.map {
        """
        SELECT id FROM tasks
        WHERE category = \($0.rawValue) AND parent = ?1 AND deleted_at IS NULL
          AND (sibling_order, age, id) >= (?2, ?3, ?4)
          AND (sibling_order, age, id) < (?5, ?6, ?7)
        """
      }.joined(separator: " UNION ALL ") + " LIMIT 1")
  }

  private static let notDone = sibling(StatusCategory.allCases.filter { $0 != .done })
  private static let notEnded = sibling(StatusCategory.allCases.filter { !$0.isFinal })
  private static let endedBadly = sibling(StatusCategory.allCases.filter(\.endedBadly))

  /// Brings the siblings up to date that stand behind a written task.
  func followSiblings(_ old: TaskEntry?, _ new: TaskEntry?) throws {
    let was = Place(old)
    let isNow = Place(new)
    if was != isNow {
      if let was { try settleGroups(around: was, joined: nil) }
      if let isNow { try settleGroups(around: isNow, joined: new) }
    } else if let isNow, let old, let new, old.standing != new.standing {
      try settleNextGroup(behind: isNow, ending: new)
    }
    if let old, let new, old.graph.siblingPolicy != new.graph.siblingPolicy {
      try settleAllGroups(of: new)
    }
  }

  /// The group of the place, and the next one.
  ///
  /// - Parameter joined: The task that is there now; nil when one has gone.
  private func settleGroups(around place: Place, joined: TaskEntry?) throws {
    let policy = try taskRow(place.parent)?.graph.siblingPolicy ?? .block
    let isOpener = place.joinMode == .then && joined != nil
    let start =
      isOpener ? place.order : try groupStart(of: place.parent, before: place.order.next)
    let next = try groupStart(of: place.parent, behind: place.order)
    if place.joinMode == .then {
      try settleGroup(of: place.parent, from: start, to: next, policy, judges: true)
    } else if let joined {
      // The others of the group wait as they did.
      let (waits, failed) = try wait(of: place.parent, from: start, policy, judges: true)
      if joined.graph.waitsForSibling != waits {
        try adjust(joined.id) { $0.graph.waitsForSibling = waits }
      }
      if let failed { readiness.mustFail(joined.id, because: failed) }
    }
    guard next != .end else { return }
    let end = try groupStart(of: place.parent, behind: next)
    try settleGroup(of: place.parent, from: next, to: end, policy, judges: true)
  }

  private func settleNextGroup(behind place: Place, ending task: TaskEntry) throws {
    let next = try groupStart(of: place.parent, behind: place.order)
    guard next != .end else { return }
    let end = try groupStart(of: place.parent, behind: next)
    let policy = try taskRow(place.parent)?.graph.siblingPolicy ?? .block
    try settleGroup(of: place.parent, from: next, to: end, policy)
    guard policy == .fail, task.standing == .endedBadly else { return }
    for member in try siblings(of: place.parent, from: next, to: end) {
      readiness.mustFail(member.id, because: task.id)
    }
  }

  private func settleAllGroups(of parent: TaskEntry) throws {
    var start = SiblingOrder.first
    repeat {
      let end = try groupStart(of: parent.id, behind: start)
      try settleGroup(of: parent.id, from: start, to: end, parent.graph.siblingPolicy, judges: true)
      start = end
    } while start != .end
  }

  /// Whether a group waits for the one before, and a sibling there that did not end well.
  private func wait(
    of parent: Int64, from start: SiblingOrder, _ policy: FailurePolicy, judges: Bool
  ) throws -> (waits: Bool, failed: Int64?) {
    guard start != .first else { return (false, nil) }
    let before = try groupStart(of: parent, before: start)
    let range = [.int(parent)] + before.values + start.values
    guard try reading.exists(policy == .release ? Self.notEnded : Self.notDone, range) else {
      return (false, nil)
    }
    guard judges, policy == .fail else { return (true, nil) }
    return (true, try reading.first(Self.endedBadly, range) { $0.int(0) })
  }

  /// Sets for all siblings of a group whether they wait for the group before.
  ///
  /// Only those are read that change.
  ///
  /// - Parameters:
  ///   - start: Where the group begins.
  ///   - end: Where the next group begins.
  ///   - judges: Whether those fail that must not outlive a sibling of the group before, though that one
  ///     has not ended just now: they, or the policy, have come later.
  private func settleGroup(
    of parent: Int64, from start: SiblingOrder, to end: SiblingOrder, _ policy: FailurePolicy,
    judges: Bool = false
  ) throws {
    let (waits, failed) = try wait(of: parent, from: start, policy, judges: judges)
    let changing = try reading.all(
      Self.membersToSettle, [.int(parent)] + start.values + end.values + [.bool(waits)],
      TaskEntry.init(row:))
    for member in changing { try adjust(member) { $0.graph.waitsForSibling = waits } }
    guard let failed else { return }
    for member in try siblings(of: parent, from: start, to: end) {
      readiness.mustFail(member.id, because: failed)
    }
  }
}
