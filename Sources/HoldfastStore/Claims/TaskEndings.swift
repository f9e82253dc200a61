public import HoldfastDatabase
public import HoldfastModel

/// Gives a task back, so that another agent can claim it.
public struct TaskRelease: Mutation {
  public static let name = "task_release"
  public static let summary = "Gives a claimed task back, so that another agent can claim it."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let reason: String
  /// What becomes of it: pending, or with the end of the claim its own end.
  public let state: GraphState

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    reason = try fields.value("reason", "Why, for the next one.", default: "")
    state = try fields.value(
      "status", "pending, or failed or cancelled, which ends it.", default: GraphState(.open))
  }

  public func check() throws(HoldfastError) {
    guard [.pending, .failed, .cancelled].contains(state.status) else {
      throw FieldPosition("status").mustBe(
        "pending, failed or cancelled, not \(state.word.text.quoted)")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    try changes.check(holder, of: task)
    guard state.status == .pending else {
      return try changes.end(target, by: state.status == .failed ? .fail : .cancel, holder, reason)
    }
    return .done(try changes.ended(try changes.release(task, reason: reason), from: task))
  }
}

/// Ends a task well.
public struct TaskComplete: Mutation {
  public static let name = "task_complete"
  public static let summary = "Ends a task: its work is done. Answers which tasks that made ready."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let reason: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    reason = try fields.value("reason", "What came of it.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.end(target, by: .complete, holder, reason)
  }
}

/// Ends a task whose work failed.
public struct TaskFail: Mutation {
  public static let name = "task_fail"
  public static let summary = "Ends a task: its work failed."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let reason: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    reason = try fields.value("reason", "Why it failed.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    try changes.end(target, by: .fail, holder, reason)
  }
}

/// Gives a task up.
public struct TaskCancel: Mutation {
  public static let name = "task_cancel"
  public static let summary = "Gives a task up; with cascade, all open tasks that it contains, too."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let reason: String
  public let cascades: Bool

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    reason = try fields.value("reason", "Why it is given up.", default: "")
    cascades = try fields.value(
      "cascade", "Whether the open tasks that it contains are given up, too.", default: false)
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    guard cascades else { return try changes.end(target, by: .cancel, holder, reason) }
    let task = try changes.taskForWriting(target)
    try changes.checkNotHeldByAnother(holder, task)
    // The fence is that of the task's own claim.
    let inside = Holder(agent: holder.agent, isForced: holder.isForced)
    // The deepest first, so that none becomes ready on the way.
    let open = try changes.descendants(of: task).reversed().filter(\.isOpen)
    for inner in open {
      guard let current = try changes.taskRow(inner.id) else { continue }
      try changes.checkNotHeldByAnother(inside, current)
      _ = try changes.finish(
        current, by: .cancel,
        reason: reason.isEmpty ? "\(changes.id(of: task)) was cancelled" : reason,
        isForced: true)
    }
    let current = try changes.taskRow(task.id) ?? task
    return .done(
      try changes.ended(
        try changes.finish(current, by: .cancel, reason: reason, isForced: holder.isForced),
        from: open.isEmpty ? current : nil))
  }
}

/// Makes an ended task one that can be claimed again.
public struct TaskReopen: Mutation {
  public static let name = "task_reopen"
  public static let summary = "Makes an ended task one that can be claimed again."
  public static let access = Access.write

  public let target: TaskTarget
  public let holder: Holder
  public let reason: String

  public init(reading fields: inout Fields) throws(HoldfastError) {
    target = try TaskTarget(reading: &fields)
    holder = try Holder(reading: &fields)
    reason = try fields.value("reason", "Why it is opened again.", default: "")
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TaskAnswer> {
    let task = try changes.taskForWriting(target)
    try changes.checkMayReopen(holder, task)
    let workflow = try changes.workflow(of: task)
    if workflow.isMovedByEvents {
      let moves = workflow.moves.filter { $0.source == task.status }
      guard let move = moves.first(where: { $0.event == .reopen || $0.event == .startOver }) else {
        throw HoldfastError(
          .invalidTransition,
          "\(task.filename) is \(task.status), and cannot be opened again; possible now: "
            + moves.map(\.event.rawValue).joined(separator: ", "))
      }
      return .done(
        try changes.ended(try changes.transition(task, by: move.event, plan: nil, cause: nil)))
    }
    guard task.graph.category.isFinal else { return .done(try changes.ended(task, from: task)) }
    return .done(
      try changes.ended(
        try changes.move(
          task, to: try workflow.status(after: .reopen) ?? workflow.start(), as: .taskReopened,
          reason: reason,
          isForced: holder.isForced)))
  }
}

extension Changes {
  /// Ends a task for its holder, or a user.
  func end(
    _ target: TaskTarget, by operation: GraphOperation, _ holder: Holder, _ reason: String
  ) throws -> WriteVerdict<TaskAnswer> {
    let task = try taskForWriting(target)
    // Asked together with what the end of a task asks in its turn.
    try together(
      { _ = try self.rows(Self.dependentsOf, [.int(task.id)]) },
      { _ = try self.names(of: task.project) })
    if operation == .cancel || task.graph.category.isFinal {
      try checkNotHeldByAnother(holder, task)
    } else {
      try check(holder, of: task)
    }
    return .done(
      try ended(
        try finish(task, by: operation, reason: reason, isForced: holder.isForced), from: task))
  }

  /// The answer to a change that may have made other tasks ready.
  ///
  /// - Parameter before: The task as it was, where the answer says whether it is still the same.
  func ended(_ task: TaskEntry, from before: TaskEntry? = nil) throws -> TaskAnswer {
    var answer = try slimAnswer(task)
    answer.isUnchanged = before?.revision == task.revision
    answer.unblocked = try unblocked(by: task)
    answer.failed = try failed()
    return answer
  }
}

extension StoreView {
  private static let children = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.deleted_at IS NULL
    ORDER BY tasks.sibling_order, tasks.age, tasks.id LIMIT ?2
    """)

  /// The tasks that a task contains, in their order.
  func children(of task: TaskEntry, upTo limit: Int64 = .max) throws -> [TaskEntry] {
    try reading.all(Self.children, [.int(task.id), .int(limit)], TaskEntry.init(row:))
  }

  /// All tasks below a task, each behind the one that contains it.
  func descendants(of task: TaskEntry, upTo count: Int = .max) throws -> [TaskEntry] {
    var found: [TaskEntry] = []
    var seen: Set<Int64> = [task.id]
    var next = try Array(children(of: task).reversed())
    while found.count < count, let task = next.popLast() {
      guard seen.insert(task.id).inserted else { continue }
      found.append(task)
      next += try children(of: task).reversed()
    }
    return found
  }
}
