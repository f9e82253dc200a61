internal import HoldfastDatabase
internal import HoldfastJSON
internal import HoldfastModel

extension Changes {
  /// Moves a task of a workflow without events to another status, with its event.
  ///
  /// What follows from the status, such as the end of the claim and of the time, is settled with the
  /// row (``TaskEntry/settle(from:in:)``).
  ///
  /// - Parameter isForced: Whether the workflow's table does not count.
  func move(
    _ task: TaskEntry, to status: TaskStatus, as type: EventType, reason: String = "",
    isForced: Bool = false, by actor: String? = nil, _ body: (inout TaskEntry) -> Void = { _ in }
  ) throws -> TaskEntry {
    let workflow = try workflow(of: task)
    guard status != task.status else { return task }
    if !isForced { try workflow.checkStep(from: task.status, to: status) }
    let note = EventNote(
      "\(task.filename): \(task.status) → \(status)" + (reason.isEmpty ? "" : ": \(reason)"),
      detail: JSONObject(
        [("from", .string(task.status.text)), ("to", .string(status.text))]
          + (task.graph.owner.isEmpty ? [] : [("agent", .string(task.graph.owner))])
          + (reason.isEmpty ? [] : [("reason", .string(reason))])))
    return try change(task, as: type, note: note) { entry, _ in
      entry.status = status
      entry.graph.reason = reason
      body(&entry)
    }
  }

  /// Gives a task back: nobody holds it, and it can be claimed again.
  @discardableResult
  func release(_ task: TaskEntry, reason: String = "") throws -> TaskEntry {
    let workflow = try workflow(of: task)
    if !workflow.isMovedByEvents, task.graph.category == .active,
      let status = workflow.status(after: .release)
    {
      return try move(task, to: status, as: .taskReleased, reason: reason, isForced: true) {
        $0.endClaim()
      }.current(in: self)
    }
    guard !task.graph.owner.isEmpty else { return task }
    return try change(
      task, as: .taskReleased,
      note: EventNote(
        "\(task.filename) released by \(task.graph.owner)"
          + (reason.isEmpty ? "" : ": \(reason)"),
        detail: JSONObject([("agent", .string(task.graph.owner)), ("reason", .string(reason))]))
    ) { entry, _ in
      entry.endClaim()
      entry.graph.reason = reason
    }.current(in: self)
  }

  /// Ends a task: its work is done, failed or given up.
  ///
  /// - Throws: 409 when the workflow does not allow it, or children have not ended.
  func finish(
    _ task: TaskEntry, by operation: GraphOperation, reason: String = "", isForced: Bool = false
  ) throws -> TaskEntry {
    let workflow = try workflow(of: task)
    let category = operation.category
    if workflow.isMovedByEvents {
      return try moveByEvent(task, to: category, workflow, isForced: isForced)
    }
    guard let status = workflow.status(after: operation) else {
      throw HoldfastError(
        .invalidTransition,
        "the workflow \(workflow.name) has no status for \(category.name) work")
    }
    if category == .done, task.status != status, !isForced { try checkNoOpenChildren(task) }
    return try move(
      task, to: status, as: category == .failed ? .taskFailed : .taskFinished, reason: reason,
      isForced: isForced)
  }

  private func moveByEvent(
    _ task: TaskEntry, to category: StatusCategory, _ workflow: Workflow, isForced: Bool
  ) throws -> TaskEntry {
    let moves = workflow.moves.filter { $0.source == task.status }
    guard let move = moves.first(where: { workflow.category($0.target) == category }) else {
      throw HoldfastError(
        .invalidTransition,
        "\(task.filename) is \(task.status), and no event leads from there to \(category.name); "
          + "possible now: \(moves.map(\.event.rawValue).joined(separator: ", "))")
    }
    return try transition(task, by: move.event, plan: nil, cause: nil, isForced: isForced)
  }

  private static let openChildren: SQL = SQL(
    """
    SELECT \(TaskEntry.table.columnList) FROM tasks
    WHERE tasks.parent = ?1 AND tasks.deleted_at IS NULL AND tasks.category IN (0, 1, 2)
    ORDER BY tasks.sibling_order, tasks.age, tasks.id LIMIT 20
    """)

  /// Refuses to complete a task while tasks that it contains have not ended.
  func checkNoOpenChildren(_ task: TaskEntry) throws {
    guard task.graph.openChildren > 0 else { return }
    let open = try transaction.all(
      Self.openChildren, [.int(task.id)], TaskEntry.init(row:))
    throw HoldfastError(
      .childrenOpen,
      "Cannot complete task: \(task.graph.openChildren) child task(s) are not complete",
      details: [("blocked_by", .array(open.map { .string(id(of: $0).text) }))])
  }
}
