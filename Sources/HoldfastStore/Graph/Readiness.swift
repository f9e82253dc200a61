internal import HoldfastDatabase
internal import HoldfastJSON
package import HoldfastModel

// Which tasks can be started is kept in their rows, not computed when somebody asks: a task that has a
// `ready` can be claimed now, and one index gives the best of them. Whatever writes a task or an edge
// comes through here (`Record.settle`, `Record.wrote`), and changes the counters of those it concerns:
//
//   open_blockers        edges that hold the task
//   open_children        its children that have not ended
//   waits_for_sibling    whether the group of siblings before its own has not ended well
//   waits_for_ancestor   whether its parent waits for anything of these but its children
//
// They follow from the logged rows alone, so no event speaks of them; `verify` makes them again.

/// What an operation has done to the readiness of tasks so far.
struct ReadinessChanges {
  /// Whether a task was ready before the operation, for those that it has touched.
  var before: [Int64: Bool] = [:]
  /// The same now.
  var now: [Int64: Bool] = [:]
  /// The tasks in the order in which they were touched.
  var order: [Int64] = []
  /// Tasks that changed under the operation's hands.
  var adjusted: Set<Int64> = []
  /// Tasks that have ended, and who held them.
  var ended: [(task: Int64, owner: String)] = []
  /// Tasks that have to fail, and for which one's sake.
  private(set) var failing: [(task: Int64, because: Int64)] = []
  private var isFailing: Set<Int64> = []
  /// Tasks that have failed for the sake of others.
  var failed: [Int64] = []
  /// Tasks that others have made ready, and that move on where that is wanted.
  var advancing: [Int64] = []
  var isSettling = false
  /// Tasks whose children have to be told whether they may start.
  var gates: [Int64] = []
  var isPassing = false
  /// Children that parents have got and that are counted later; nil where each is counted at once.
  var uncounted: [Int64: Int64]?

  /// Takes one that has to fail.
  mutating func takeFailing() -> (task: Int64, because: Int64)? {
    guard let (task, cause) = failing.popLast() else { return nil }
    isFailing.remove(task)
    return (task, cause)
  }

  /// Remembers that a task has to fail, once.
  mutating func mustFail(_ task: Int64, because cause: Int64) {
    if isFailing.insert(task).inserted { failing.append((task, cause)) }
  }
}

extension TaskEntry {
  var standing: Standing {
    if deletedAt != nil { return .gone }
    if graph.category == .done { return .done }
    return graph.category.endedBadly ? .endedBadly : .open
  }

  /// Whether it keeps its parent from ending.
  var isOpen: Bool { standing == .open }

  /// Whether it is there for somebody to take, as far as it goes by its own status and holder.
  var isFree: Bool { deletedAt == nil && graph.category == .open && graph.owner.isEmpty }

  /// Whether neither it nor what it contains can start.
  var gateIsShut: Bool {
    graph.openBlockers > 0 || graph.waitsForSibling || graph.waitsForAncestor
  }

  /// Its place among what can be claimed; nil when it cannot.
  var rank: Int64? {
    guard deletedAt == nil, graph.category == .open, graph.owner.isEmpty, graph.offeredTo.isEmpty,
      graph.openChildren == 0, !gateIsShut, !graph.deferred
    else { return nil }
    return 10 - graph.priority.value
  }

  /// As ``rank``, where nobody may have found yet that what it was put off until is past.
  func rank(at now: Int64) -> Int64? {
    var task = self
    if let until = graph.deferUntil, until.nanoseconds <= now { task.graph.deferred = false }
    return task.rank
  }

  public func current(in changes: Changes) throws -> TaskEntry {
    changes.readiness.adjusted.contains(id) ? try changes.taskRow(id) ?? self : self
  }

  public mutating func settle(from old: TaskEntry?, in changes: Changes) throws {
    if let old { takeKept(old) }
    if old.map({ $0.status != status || $0.graph.workflow != graph.workflow }) ?? true {
      graph.category = try changes.workflow(of: self).category(status)
    }
    if graph.category.isFinal || deletedAt != nil, let old, old.isOpen {
      changes.readiness.ended.append((id, old.graph.owner))
      endClaim()
    }
    if !graph.workflow.isEmpty { keepTime(from: old, now: changes.now) }
    graph.rights = TagRights.key(
      assignee: graph.assignee, needed: graph.neededTags, wanted: graph.wantedTags)
    guard graph.rights.utf8.count <= TagRights.keyBytesMax else {
      throw HoldfastError(
        .invalidField,
        "needed_tags and wanted_tags have at most \(TagRights.keyBytesMax) bytes together: use fewer or "
          + "shorter ones")
    }
    graph.age = createdAt?.nanoseconds ?? 0
    if let parent = graph.parent {
      let isPlaced = old.map { $0.graph.parent == parent && $0.deletedAt == nil } ?? false
      if !isPlaced, deletedAt == nil {
        graph.waitsForAncestor = try changes.taskRow(parent)?.gateIsShut ?? false
      }
    } else {
      graph.waitsForAncestor = false
      graph.waitsForSibling = false
    }
    graph.deferred = graph.category == .open && graph.deferUntil.map { $0 > changes.now } ?? false
    graph.ready = rank
  }

  /// Takes what is kept beside the log from the row as it is now.
  private mutating func takeKept(_ row: TaskEntry) {
    graph.openBlockers = row.graph.openBlockers
    graph.openChildren = row.graph.openChildren
    graph.waitsForSibling = row.graph.waitsForSibling
    graph.waitsForAncestor = row.graph.waitsForAncestor
  }

  /// Nobody holds it any more.
  mutating func endClaim() {
    graph.owner = ""
    graph.session = ""
    graph.thought = ""
    graph.leaseUntil = nil
    graph.leaseSeconds = 0
    graph.offeredTo = ""
  }

  /// Keeps the times of a task whose status says when it is worked on.
  private mutating func keepTime(from old: TaskEntry?, now: Timestamp) {
    let was = old?.graph.category ?? .open
    if graph.category == .active, deletedAt == nil {
      graph.activeSince = graph.activeSince ?? now
      graph.startedAt = graph.startedAt ?? now
    } else if let since = graph.activeSince {
      graph.activeTime = graph.activeTime.addingUpToMax(
        max(0, (now.nanoseconds - since.nanoseconds) / 1_000_000))
      graph.activeSince = nil
    }
    if graph.category.isFinal {
      // One that comes in ended brings its time.
      if old.map({ !$0.graph.category.isFinal }) ?? false || graph.completedAt == nil {
        graph.completedAt = now
      }
    } else if was.isFinal {
      graph.completedAt = nil
    }
  }

  public static func wrote(_ old: TaskEntry?, _ new: TaskEntry?, in changes: Changes) throws {
    try changes.follow(old, new)
  }
}

extension StoreView {
  private static let taskByRow = Lookup<TaskEntry>(by: ["id"])

  /// The task's id: the one that was given to it, or the one of its row.
  package func id(of task: TaskEntry) -> TaskID { task.graph.givenID ?? facts.ids.id(row: task.id) }

  /// The task in that row, which may be deleted.
  package func taskRow(_ id: Int64) throws -> TaskEntry? { try first(Self.taskByRow, [.int(id)]) }
}

extension Changes {
  static let dependentsOf = Lookup<Dependency>(by: ["blocker"])

  private static let gatedChildren = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.waits_for_ancestor <> ?2 AND tasks.deleted_at IS NULL
    ORDER BY tasks.sibling_order, tasks.age, tasks.id
    """)

  /// Brings those up to date that a written task concerns.
  func follow(_ old: TaskEntry?, _ new: TaskEntry?) throws {
    try note(old, new)
    let was = old?.standing ?? .gone
    let isNow = new?.standing ?? .gone
    try count(old, new)
    // A new task has no dependents and no children yet.
    if let old, was != isNow { try followEdges(of: old, was, isNow) }
    try followSiblings(old, new)
    if let old, let new, new.isFree, !old.isFree, !old.graph.category.isFinal {
      try judge(new.current(in: self))
    }
    // As it is now: its siblings may have shut the gate again that its parent had opened.
    guard let old, let new = try new?.current(in: self), old.gateIsShut != new.gateIsShut else {
      return
    }
    try passGate(of: new)
  }

  /// Counts the open children of the parents.
  private func count(_ old: TaskEntry?, _ new: TaskEntry?) throws {
    let from = old.flatMap { $0.isOpen ? $0.graph.parent : nil }
    let to = new.flatMap { $0.isOpen ? $0.graph.parent : nil }
    guard from != to else { return }
    if let from { try adjust(from) { $0.graph.openChildren -= 1 } }
    guard let to else { return }
    guard readiness.uncounted == nil else {
      readiness.uncounted?[to, default: 0] += 1
      return
    }
    try adjust(to) { $0.graph.openChildren += 1 }
  }

  /// Runs `body`, which writes new tasks, and then counts the children of each parent at once.
  func countingChildrenLater(_ body: () throws -> Void) throws {
    readiness.uncounted = [:]
    try body()
    let counts = readiness.uncounted ?? [:]
    readiness.uncounted = nil
    for (parent, count) in counts.sorted(by: { $0.key < $1.key }) {
      try adjust(parent) { $0.graph.openChildren += count }
    }
  }

  /// Lets a task fail that has come back from its holder, or from a deletion, when one that it must not
  /// outlive has not ended well meanwhile.
  private func judge(_ task: TaskEntry) throws {
    if task.graph.openBlockers > 0 {
      for (blocker, edge) in try blockers(of: task)
      where edge.type.isBlocking && edge.onFailure == .fail && blocker.standing == .endedBadly {
        return readiness.mustFail(task.id, because: blocker.id)
      }
    }
    guard task.graph.waitsForSibling, let parent = try task.graph.parent.flatMap(taskRow),
      parent.graph.siblingPolicy == .fail,
      let sibling = try predecessors(of: task).first(where: { $0.standing == .endedBadly })
    else { return }
    readiness.mustFail(task.id, because: sibling.id)
  }

  private func followEdges(of blocker: TaskEntry, _ was: Standing, _ isNow: Standing) throws {
    let edges = try rows(Self.dependentsOf, [.int(blocker.id)])
    guard edges.contains(where: { $0.type.isBlocking }) else { return }
    for (task, edge) in try dependents(of: blocker) {
      if isNow == .endedBadly, edge.type.isBlocking, edge.onFailure == .fail {
        readiness.mustFail(task.id, because: blocker.id)
      }
      let change = (edge.holds(isNow) ? 1 : 0) - (edge.holds(was) ? 1 : 0)
      if change != 0 {
        try adjust(task.current(in: self)) { $0.graph.openBlockers += Int64(change) }
      }
    }
  }

  /// Brings the task up to date that an edge concerns.
  func follow(_ old: Dependency?, _ new: Dependency?) throws {
    guard let edge = new ?? old, edge.type.isBlocking, let blocker = try taskRow(edge.blocker)
    else { return }
    let standing = blocker.standing
    let change = (new?.holds(standing) ?? false ? 1 : 0) - (old?.holds(standing) ?? false ? 1 : 0)
    if change != 0 { try adjust(edge.task) { $0.graph.openBlockers += Int64(change) } }
    if standing == .endedBadly, new?.onFailure == .fail {
      readiness.mustFail(edge.task, because: blocker.id)
    }
  }

  /// Tells the children whether they may start as far as it goes by their parent.
  ///
  /// Level by level: a tree may be deep, and the writer's stack is not.
  private func passGate(of parent: TaskEntry) throws {
    readiness.gates.append(parent.id)
    guard !readiness.isPassing else { return }
    readiness.isPassing = true
    defer { readiness.isPassing = false }
    while let id = readiness.gates.popLast() {
      guard let parent = try taskRow(id) else { continue }
      let isShut = parent.gateIsShut
      let children = try transaction.all(
        Self.gatedChildren, [.int(id), .bool(isShut)], TaskEntry.init(row:))
      for child in children { try adjust(child) { $0.graph.waitsForAncestor = isShut } }
    }
  }

  /// Changes the kept columns of a task.
  func adjust(_ id: Int64, _ body: (inout TaskEntry) -> Void) throws {
    if let task = try taskRow(id) { try adjust(task, body) }
  }

  /// Changes the kept columns of a task whose row was just read.
  func adjust(_ old: TaskEntry, _ body: (inout TaskEntry) -> Void) throws {
    var new = old
    body(&new)
    new.graph.ready = new.rank
    guard try !write(old, new).set.isEmpty else { return }
    readiness.adjusted.insert(old.id)
    try note(old, new)
    if !facts.settings.autoAdvance.isEmpty, old.graph.ready == nil, new.graph.ready != nil {
      readiness.advancing.append(old.id)
    }
    if old.gateIsShut != new.gateIsShut { try passGate(of: new) }
  }

  /// Remembers whether a task became ready, and wakes those who wait for one.
  private func note(_ old: TaskEntry?, _ new: TaskEntry?) throws {
    guard let id = new?.id ?? old?.id else { return }
    let isReady = new?.graph.ready != nil
    guard isReady != (old?.graph.ready != nil) else {
      // Others may claim it now.
      if isReady, let old, let new,
        old.graph.rights != new.graph.rights || old.graph.tags != new.graph.tags
      {
        try touchReady(of: new.project)
      }
      return
    }
    if readiness.before[id] == nil {
      // A task that is new is ready, and not made so.
      readiness.before[id] = old == nil || !isReady
      readiness.order.append(id)
    }
    readiness.now[id] = isReady
    if isReady, let new { try touchReady(of: new.project) }
  }

  /// The tasks that a change of a task has made ready, in the order in which it did; without that one.
  func unblocked(by task: TaskEntry) throws -> [TaskID] { try unblocked(besides: [task.id]) }

  /// The same for a change of several tasks.
  func unblocked(besides tasks: Set<Int64>) throws -> [TaskID] {
    try readiness.order.filter {
      !tasks.contains($0) && readiness.now[$0] == true && readiness.before[$0] == false
    }
    .compactMap { try taskRow($0).map(id(of:)) }
  }

  /// The tasks that have failed because others did not end well.
  func failed() throws -> [TaskID] {
    try readiness.failed.compactMap { try taskRow($0).map(id(of:)) }
  }

  /// Wakes those who wait for a task of the project that can be claimed.
  func touchReady(of project: Int64) throws {
    for name in try names(of: project) { touch(Readiness.waitKey + name.text) }
  }
}

/// What the claims of tasks wait for.
enum Readiness {
  static let waitKey = "ready:"
}

/// The columns of a row from one place on.
final class ShiftedRow: Row {
  private let row: any Row
  private let shift: Int

  init(_ row: any Row, by shift: Int) {
    self.row = row
    self.shift = shift
  }

  func isNull(_ column: Int) -> Bool { row.isNull(column + shift) }
  func int(_ column: Int) -> Int64 { row.int(column + shift) }
  func text(_ column: Int) -> String { row.text(column + shift) }
  func bytes(_ column: Int) -> [UInt8] { row.bytes(column + shift) }
  func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try row.withBytes(column + shift, body)
  }
  func value(_ column: Int) -> SQLValue { row.value(column + shift) }
  var columnCount: Int { row.columnCount - shift }
}
